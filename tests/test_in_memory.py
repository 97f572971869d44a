"""Where tests write: in memory if that is fit for it, and nothing stays there."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import in_memory

ROOT = Path(__file__).parents[1]
NOEXEC = 8
"""ST_NOEXEC of Linux's sys/statvfs.h."""
WRITES = """
import tempfile

def test_it_writes():
    with tempfile.NamedTemporaryFile(delete=False) as file:
        print("it wrote", file.name)
"""


def ran(pytester, monkeypatch):
    """Run a test that writes something; gives where."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(WRITES)
    ended = pytester.runpytest_subprocess("-p", "tests.in_memory", "-s", "-p", "no:cacheprovider")
    ended.assert_outcomes(passed=1)
    return Path(next(line for line in ended.outlines if "it wrote" in line).rpartition(" ")[2])


@pytest.mark.skipif(not in_memory.is_fit(in_memory.MEMORY), reason="no memory to write in here")
def test_what_tests_write_lies_in_memory_and_goes(pytester, monkeypatch):
    """In a folder of this run alone, which is gone when it ends."""
    monkeypatch.delenv("TMPDIR", raising=False)
    written = ran(pytester, monkeypatch)

    assert written.is_relative_to(in_memory.MEMORY)
    assert not (in_memory.MEMORY / written.relative_to(in_memory.MEMORY).parts[0]).exists()


def test_who_says_where_temporary_files_go_finds_them_there(pytester, monkeypatch, tmp_path):
    """TMPDIR is obeyed, and what a test wrote stays."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    written = ran(pytester, monkeypatch)

    assert written.is_relative_to(tmp_path)
    assert written.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has that place")
@pytest.mark.parametrize("lacks", ["nothing", "place", "room", "programs"])
def test_a_place_that_is_not_fit_is_left_alone(monkeypatch, tmp_path, lacks):
    """None there, little room, or no program may be run from it, as in many containers."""
    free = in_memory.ENOUGH // 4096 - (lacks == "room")
    told = SimpleNamespace(f_flag=NOEXEC if lacks == "programs" else 0, f_bavail=free, f_frsize=4096)
    monkeypatch.setattr(os, "statvfs", lambda _: told)

    assert in_memory.is_fit(tmp_path / "none" if lacks == "place" else tmp_path) == (lacks == "nothing")


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path):
    """Nobody holds its lock any more; a run that goes on keeps its folder."""
    left, lives = (tmp_path / name for name in ("pa-left", "pa-lives"))
    for folder in (left, lives):
        folder.mkdir()
    in_memory.hold(left).close()
    with in_memory.hold(lives):
        in_memory.sweep(tmp_path)

        assert [*tmp_path.iterdir()] == [lives]
