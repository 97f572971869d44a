"""Where bytes go where somebody else makes the names: through no link, into nobody else's pipe."""

import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from portaudit.errors import UsageError
from portaudit.snapshot_file import held_folder, make_folder, output, write_bytes, write_new

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
NOBODY = 65534


@pytest.fixture
def shared(tmp_path):
    """A folder that everybody writes to."""
    folder = tmp_path / "shared"
    folder.mkdir()
    folder.chmod(0o777)
    return folder


@pytest.fixture
def precious(tmp_path):
    """A file that no attack may change."""
    path = tmp_path / "precious"
    path.write_text("old")
    return path


RACER = """
import os, sys
os.chdir(sys.argv[1])
os.symlink("/dev/null", "null")
os.symlink(sys.argv[2], "evil")
print("races", flush=True)
while True:
    for link in ("null", "evil"):
        os.link(link, "next", follow_symlinks=False)
        os.rename("next", "after.json")
"""


@pytest.mark.parametrize("mode", [0o777, 0o700])
def test_a_race_for_the_name_is_never_won(shared, precious, mode):
    """A name that becomes a link between any two looks leads to nobody's file."""
    shared.chmod(mode)
    command = [sys.executable, "-c", RACER, str(shared), str(precious)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as racer:
        assert racer.stdout is not None
        racer.stdout.readline()
        for _ in range(300):
            try:
                write_bytes(str(shared / "after.json"), b"new")
            except UsageError:
                continue
        racer.kill()

    assert precious.read_text() == "old"


def test_a_name_that_becomes_a_link_after_it_was_looked_at_is_refused(shared, precious, monkeypatch):
    """What was a device a moment ago and is a link to a file now is neither followed nor cut down."""
    (shared / "after.json").symlink_to(precious)
    monkeypatch.setattr(output, "_mode", lambda _folder, _name: stat.S_IFCHR)

    with pytest.raises(UsageError, match="cannot be written"):
        write_bytes(str(shared / "after.json"), b"new")

    assert precious.read_text() == "old"


def test_a_link_that_leads_to_a_file_after_it_was_looked_at_is_refused(tmp_path, precious, monkeypatch):
    """In a folder of one's own a link is followed to a device only: what was opened is looked at."""
    link = tmp_path / "after.json"
    link.symlink_to(precious)
    monkeypatch.setattr(output, "_is_private", lambda _folder: True)

    with pytest.raises(UsageError, match="it is a symbolic link"):
        write_bytes(str(link), b"new")

    assert precious.read_text() == "old"


def test_a_link_in_a_shared_folder_leads_nowhere(shared):
    """Not even to the null device: whoever made the link makes another one the next moment."""
    (shared / "null").symlink_to(os.devnull)

    with pytest.raises(UsageError, match="it is a symbolic link"):
        write_bytes(str(shared / "null"), b"new")


@AS_ROOT
def test_a_strangers_pipe_is_told_nothing(shared):
    """Root's snapshot goes into no pipe that another user has put there."""
    pipe = shared / "pipe"
    os.mkfifo(pipe)
    os.chown(pipe, NOBODY, NOBODY)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    with pytest.raises(UsageError, match=f"it belongs to user {NOBODY}, neither root nor you"):
        write_bytes(str(pipe), b"secret")

    assert os.read(reading, 10) == b""
    os.close(reading)


def test_a_pipe_that_nobody_reads_is_no_trap(tmp_path, monkeypatch):
    """Whoever writes to a pipe waits for its reader so long, and says so."""
    monkeypatch.setattr(output, "READER_SECONDS", 0.1)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(UsageError, match="No such device or address; nothing was changed"):
        write_bytes(str(pipe), b"new")


def test_a_pipe_waits_for_its_reader(tmp_path):
    """A reader that comes a moment later gets everything, however much it is."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Timer(0.2, lambda: got.append(pipe.read_bytes()))
    reader.start()

    write_bytes(str(pipe), b"new" * 100_000)
    reader.join(10)

    assert got == [b"new" * 100_000]


def test_a_shells_own_descriptor_is_written_to():
    """`-o >(program)` of a shell, and /dev/stdout where it is a pipe."""
    code = "from portaudit.snapshot_file import write_bytes; write_bytes('/dev/stdout', b'new')"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)

    assert (ended.stdout, ended.stderr) == (b"new", b"")


@pytest.mark.parametrize("name", ["", ".", "..", "none/", "none/after.json", "nul\0l", "x" * 300])
def test_a_name_that_no_file_has_is_a_sentence(tmp_path, name):
    """Whatever the name is, it is an error in words, and nothing is there afterwards."""
    with pytest.raises(UsageError, match="cannot be written"):
        write_bytes(f"{tmp_path}/{name}", b"new")

    assert list(tmp_path.iterdir()) == []


def test_a_new_file_that_cannot_be_filled_is_not_there(tmp_path, monkeypatch):
    """On a full disk no empty file is left, which would stop whoever tries again."""

    def full(_descriptor):
        raise OSError(28, os.strerror(28))

    with monkeypatch.context() as patch, pytest.raises(UsageError, match="No space left on device"):
        patch.setattr(os, "fsync", full)
        write_new(str(tmp_path / "portaudit.toml"), b"text")

    assert list(tmp_path.iterdir()) == []
    write_new(str(tmp_path / "portaudit.toml"), b"text")
    assert (tmp_path / "portaudit.toml").read_bytes() == b"text"


@pytest.mark.parametrize("there", [True, False])
def test_a_new_file_goes_through_no_link(shared, precious, there):
    """A name that is a link already, even to nothing, is taken."""
    (shared / "portaudit.toml").symlink_to(precious if there else shared / "none")

    with pytest.raises(FileExistsError):
        write_new(str(shared / "portaudit.toml"), b"text")

    assert precious.read_text() == "old"
    assert not (shared / "none").exists()


@AS_ROOT
def test_a_folder_that_a_stranger_has_linked_is_refused(shared, tmp_path):
    """The folder that a command writes to by itself is no link of somebody else's."""
    link = shared / "portaudit-run"
    link.symlink_to(tmp_path)
    os.chown(link, NOBODY, NOBODY, follow_symlinks=False)

    with pytest.raises(UsageError, match=f"is a link that user {NOBODY} made"):
        make_folder(link)


def test_a_folder_is_made_with_those_above_it(tmp_path):
    """A folder that is there is taken as it is."""
    assert make_folder(tmp_path / "a" / "b") == make_folder(Path(tmp_path / "a" / "b"))
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_is_held_by_one_at_a_time(tmp_path):
    """Who comes second is told what to do; who comes later has it, and an empty folder does not stay."""
    folder = tmp_path / "portaudit-run"
    told = pytest.raises(UsageError, match="wait for its end, or name another folder")
    with held_folder(folder), told, held_folder(folder):
        pass
    assert not folder.exists()
    with held_folder(folder):
        (folder / "before.json").write_text("kept")
    assert (folder / "before.json").read_text() == "kept"


def test_a_folder_that_its_holder_removes_is_made_anew(tmp_path, monkeypatch):
    """Whoever opens it in the moment in which it goes holds the new one, not what has no name."""
    folder = tmp_path / "portaudit-run"
    held = fcntl.flock

    def flock(descriptor, how):
        monkeypatch.setattr(fcntl, "flock", held)
        folder.rmdir()
        held(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with held_folder(folder):
        assert folder.is_dir()


def test_a_file_system_without_locks_holds_nothing(tmp_path, monkeypatch):
    """The lock is a precaution: its want stops nobody."""

    def flock(_descriptor, _how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    with held_folder(tmp_path):
        write_new(str(tmp_path / "file"), b"text")


def test_a_new_file_has_its_name_when_it_is_whole(tmp_path, monkeypatch):
    """Whatever ends the writing before its end leaves nothing of the name."""
    seen = []
    monkeypatch.setattr(output, "_fill", lambda _descriptor, _data: seen.append((tmp_path / "new").exists()))
    write_new(str(tmp_path / "new"), b"text")

    assert (seen, [path.name for path in tmp_path.iterdir()]) == ([False], ["new"])


@AS_ROOT
def test_what_root_writes_belongs_to_whoever_called_sudo(tmp_path, monkeypatch):
    """In a folder of the caller's, files and new folders are theirs; in root's own they stay root's."""
    monkeypatch.setenv("SUDO_UID", str(NOBODY))
    monkeypatch.setenv("SUDO_GID", str(NOBODY))
    theirs, roots = tmp_path / "theirs", tmp_path / "roots"
    theirs.mkdir()
    os.chown(theirs, NOBODY, NOBODY)
    roots.mkdir()
    for folder in (theirs, roots):
        make_folder(folder / "kept")
        for name in ("report.html", "kept/after.json"):
            write_bytes(str(folder / name), b"{}")
        write_new(str(folder / "portaudit.toml"), b"")

    def owners(folder):
        return {path.stat().st_uid for path in folder.rglob("*")}

    assert (owners(theirs), owners(roots)) == ({NOBODY}, {0})
