"""Where bytes go: into files in one step, into devices and pipes as they are, through no link."""

import gzip
import os
import stat
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.errors import SnapshotFileError, UsageError
from portaudit.snapshot_file import disk, read_bytes, write_bytes


def test_a_file_is_replaced_and_is_the_owners_alone(tmp_path):
    """The old file is gone, the new one has mode 0600, and nothing else lies beside it."""
    path = tmp_path / "snapshot.json"
    path.write_text("old")
    path.chmod(0o644)

    write_bytes(str(path), b"new")

    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o600)
    assert list(tmp_path.iterdir()) == [path]


def test_a_packed_file_is_read_as_it_was_written(tmp_path):
    """What is called .gz is packed, and read by content."""
    path = str(tmp_path / "snapshot.json.gz")
    write_bytes(path, b"new")

    assert read_bytes(path) == b"new"


@given(st.lists(st.binary(max_size=40_000), min_size=1, max_size=5))
def test_members_of_a_packed_file_are_read_one_behind_the_other(parts):
    """What was packed in parts, as by `cat a.gz b.gz`, is what the parts were."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "parts.gz"
        path.write_bytes(b"".join(map(gzip.compress, parts)))

        assert read_bytes(str(path)) == b"".join(parts)


@pytest.mark.parametrize(
    ("behind", "reason"),
    [
        (b"x", "behind the packed data, from byte 23, stands something else; it may be damaged"),
        (b"\0\0", "behind the packed data, from byte 23, stands something else; it may be damaged"),
        (gzip.compress(b"new", mtime=0)[:-3], "the packed data is cut off"),
    ],
    ids=["a byte", "two zeros", "a member cut off"],
)
def test_bytes_behind_the_last_member_are_an_error(tmp_path, behind, reason):
    """What stands behind the packed data, and is no whole member of it, is not left out in silence."""
    path = tmp_path / "snapshot.gz"
    path.write_bytes(gzip.compress(b"new") + behind)

    with pytest.raises(SnapshotFileError) as error:
        read_bytes(str(path))

    assert str(error.value) == f"{path} cannot be read: {reason}"


def test_a_file_of_very_many_members_is_read_in_good_time(tmp_path):
    """A hundred thousand members of nothing take no more than a moment each."""
    path = tmp_path / "snapshot.gz"
    path.write_bytes(gzip.compress(b"") * 100_000 + gzip.compress(b"new"))

    begin = time.process_time()
    assert read_bytes(str(path)) == b"new"
    assert time.process_time() - begin < 10


def test_a_device_is_written_to_and_stays_a_device(tmp_path):
    """Whoever names the null device as root still has one afterwards."""
    device = tmp_path / "null"
    device.symlink_to(os.devnull)

    write_bytes(str(device), b"new")

    assert device.is_symlink()
    assert device.is_char_device()


def test_a_pipe_gets_the_bytes(tmp_path):
    """A named pipe, as a shell's process substitution has, is written to."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()

    write_bytes(str(pipe), b"new")
    reader.join(10)

    assert (got, pipe.is_fifo()) == ([b"new"], True)


@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_is_refused(tmp_path, there):
    """A link that somebody planted leads root to no file of another."""
    precious, link = tmp_path / "precious", tmp_path / "link"
    if there:
        precious.write_text("old")
    link.symlink_to(precious)

    with pytest.raises(UsageError) as error:
        write_bytes(str(link), b"new")

    assert str(error.value) == (
        f"{link} cannot be written: it is a symbolic link; name the file itself, or - for standard output; "
        "nothing was changed"
    )
    assert (link.is_symlink(), precious.exists()) == (True, there)
    assert not there or precious.read_text() == "old"


def test_a_pipe_into_which_nobody_writes_is_given_up(tmp_path, monkeypatch):
    """A named pipe without a writer is told; with one it is read, however late the first byte comes."""
    monkeypatch.setattr(disk, "WRITER_SECONDS", 0.1)
    os.mkfifo(pipe := tmp_path / "pipe")
    with pytest.raises(SnapshotFileError, match=r"nobody has written into this pipe for 0\.1 seconds"):
        read_bytes(str(pipe))

    monkeypatch.setattr(disk, "WRITER_SECONDS", 5.0)

    def write():
        with pipe.open("wb") as file:
            time.sleep(0.2)
            file.write(b"late")

    writer = threading.Thread(target=write)
    writer.start()
    assert read_bytes(str(pipe)) == b"late"
    writer.join()


def test_what_has_no_length_is_read_in_large_pieces(monkeypatch):
    """A device or a pipe says no length; it is not read byte by byte for that."""
    sizes: list[int] = []
    limited = disk._limited
    monkeypatch.setattr(disk, "_limited", lambda pieces, *rest: limited(map(noted(sizes), pieces), *rest))
    monkeypatch.setenv("PORTAUDIT_INPUT_MAX", "3")
    with pytest.raises(SnapshotFileError, match="/dev/zero is more than 3 MiB"):
        read_bytes("/dev/zero")

    assert sizes == [1 << 20] * 4


def noted(sizes):
    """Give a function that notes the length of what goes through it."""

    def note(piece):
        sizes.append(len(piece))
        return piece

    return note
