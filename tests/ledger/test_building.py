"""What is built and then run is ours, whatever lies in the folders where that happens."""

import os
import pwd
import shlex
from pathlib import Path

import pytest

from portaudit.auditing.ledgers import recording
from portaudit.cache import cache_folder, own_cache
from portaudit.demo.where import build_leaky
from portaudit.errors import UsageError
from portaudit.ledger.interposer import build_interposer, library_name, source
from portaudit.libsystem import find_compiler

pytestmark = [pytest.mark.whole, pytest.mark.usefixtures("programs")]

PLANTED = b"whatever somebody else wanted to run"
NOBODY = 65534


def planted(folder):
    """A folder of a repository that brings a library along, and the very C file that it is built from."""
    folder.mkdir()
    (folder / library_name()).write_bytes(PLANTED)
    (folder / "portaudit_ledger.c").write_text(source())
    return folder


@pytest.fixture
def quick_compiler(tmp_path, monkeypatch):
    """Let the machine's compiler not optimize what is only looked at: that takes a fifth of the time."""

    def put():
        quick = tmp_path / "quick-cc"
        quick.write_text(f'#!/bin/sh\nexec {shlex.quote(find_compiler())} "$@" -O0\n')
        quick.chmod(0o700)
        monkeypatch.setenv("CC", str(quick))

    return put


@pytest.mark.parametrize("cached", [True, False])
def test_a_library_that_lies_in_the_runs_folder_is_not_loaded(tmp_path, monkeypatch, quick_compiler, cached):
    """What a run puts into a process comes from the user's own cache, or from this run's private folder."""
    if not cached:
        quick_compiler()
        monkeypatch.setattr("portaudit.ledger.interposer.own_cache", lambda: None)
    passing = tmp_path / "passing"
    passing.mkdir()
    loaded = Path(recording(planted(tmp_path / "run"), passing)["LD_PRELOAD"])

    assert loaded.parent.is_relative_to(cache_folder() if cached else passing)
    assert loaded.read_bytes().startswith(b"\x7fELF")


def test_it_is_built_once(tmp_path):
    """The second run takes what the first has built."""
    first, second = (Path(recording(tmp_path, tmp_path)["LD_PRELOAD"]).stat() for _ in range(2))

    assert (first.st_ino, first.st_mtime_ns) == (second.st_ino, second.st_mtime_ns)


def test_a_library_that_is_asked_for_is_built_anew(tmp_path, quick_compiler):
    """`ledger --library FOLDER` hands out nothing that lay there, and writes through no link."""
    quick_compiler()
    kept = tmp_path / "kept"
    kept.write_text("kept")
    folder = planted(tmp_path / "folder")
    (folder / "portaudit_ledger.c").unlink()
    (folder / "portaudit_ledger.c").symlink_to(kept)
    library = build_interposer(folder)

    assert (library.read_bytes()[:4], kept.read_text()) == (b"\x7fELF", "kept")


def test_the_demo_links_no_library_of_its_folder(tmp_path):
    """A libpthread.so in ./portaudit-demo is nobody's pthreads."""
    (tmp_path / "libpthread.so").write_text("INPUT(/planted/by/somebody.so)")

    assert build_leaky(tmp_path).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("theirs", ["owner", "mode"])
def test_nothing_is_built_where_others_could_put_theirs(tmp_path, theirs):
    """In /tmp, or in a folder of another user, what is built is not what will run."""
    os.chown(tmp_path, NOBODY, NOBODY) if theirs == "owner" else tmp_path.chmod(0o1777)

    with pytest.raises(
        UsageError, match=f"^others may write in {tmp_path}, and what is built there is run: "
    ):
        build_interposer(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_relative_cache_is_none(monkeypatch):
    """XDG_CACHE_HOME is absolute, or it would lie in anybody's working folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")

    assert cache_folder() == Path.home() / ".cache" / "portaudit"


@pytest.mark.parametrize("mode", [0o777, 0o770])
def test_a_cache_that_others_write_to_is_none(monkeypatch, tmp_path, mode):
    """What is run from it must be what was put there."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    (tmp_path / "portaudit").mkdir()
    (tmp_path / "portaudit").chmod(mode)

    assert own_cache() is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_under_sudo_the_callers_home_is_none_of_roots(monkeypatch, tmp_path):
    """HOME may be left as it was, as on a Mac: root's files would lie in the caller's cache."""
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    os.chown(tmp_path, NOBODY, NOBODY)

    assert cache_folder() == Path(pwd.getpwuid(0).pw_dir) / ".cache" / "portaudit"


@pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="a folder where nobody can make a file is Linux's"
)
@pytest.mark.parametrize("option", ["--library", "--stand-in"])
def test_a_folder_where_nothing_can_be_made_is_a_sentence(portaudit, option):
    """What the system says of it, and no defect."""
    ended = portaudit("ledger", option, "/proc/self/fd")

    assert ended.status in (2, 3, 4)
    assert "defect" not in ended.err
    assert ended.err.startswith("portaudit: ")
