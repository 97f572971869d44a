"""Lets what tests write lie in memory, where there is such a place, and leaves nothing of it there.

On a disk each of some thousand snapshots, repositories and programs is awaited: a tenth of what the processor
does, and of some tests a third of their time. TMPDIR=/tmp leaves it all on the disk, to be looked at.
"""

import fcntl
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path

import pytest

MEMORY = Path("/dev/shm")  # noqa: S108  a private folder is made in it
ENOUGH = 4 << 30
"""Bytes that must be free: pip, grammars and compilers write a good deal."""
MADE = pytest.StashKey[Path]()
HELD = pytest.StashKey[TextIOWrapper]()
NAME = "held"
"""A file that is locked while a run uses the folder."""


def pytest_configure(config):
    """Make a folder there for all processes, unless somebody has said where temporary files go."""
    if "TMPDIR" not in os.environ and is_fit(MEMORY):
        sweep(MEMORY)
        config.stash[MADE] = folder = Path(tempfile.mkdtemp(prefix="pa-", dir=MEMORY))
        folder.chmod(0o711)  # other users, whom some tests play, pass through as through /tmp
        config.stash[HELD] = hold(folder)
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder)


def hold(folder):
    """Hold a lock in a folder as long as this process lives, or until the file is closed."""
    held = (folder / "new").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    (folder / "new").rename(folder / NAME)
    return held


def sweep(place):
    """Remove what a run left that was killed: nobody holds its lock."""
    for lock in place.glob(f"pa-*/{NAME}"):
        with suppress(OSError), lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(lock.parent, ignore_errors=True)


def is_fit(place):
    """Whether programs can be run from there, and there is room."""
    if sys.platform != "linux" or not os.access(place, os.W_OK):
        return False
    told = os.statvfs(place)
    return not told.f_flag & os.ST_NOEXEC and told.f_bavail * told.f_frsize >= ENOUGH


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """Remove it with all that lies there."""
    if folder := config.stash.get(MADE, None):
        del os.environ["TMPDIR"]
        tempfile.tempdir = None
        config.stash[HELD].close()
        shutil.rmtree(folder, ignore_errors=True)
