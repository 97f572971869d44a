"""Where portaudit keeps what it can make again, so that it is made once."""

import os
import pwd
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def cache_folder() -> Path:
    """Give the folder, which may not be there yet: in $XDG_CACHE_HOME, or ~/.cache.

    A relative one would lie in anybody's working folder, so it does not count (XDG Base Directory
    Specification); nor does a caller's home under sudo, where HOME may be left as it was.
    """
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else _home() / ".cache") / "portaudit"


def _home() -> Path:
    home = Path.home()
    with suppress(OSError, KeyError):
        if home.stat().st_uid != os.geteuid():
            return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    return home


def own_cache() -> Path | None:
    """Make the folder for what is run from it; None where it cannot be, or others may put something there."""
    folder = cache_folder()
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    own = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
    return folder if own and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH) else None


def once(folder: Path, fill: Callable[[Path], object]) -> None:
    """Make a folder whole or not at all; whoever comes second uses what the first made."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="making-") as place:
        new = Path(place) / folder.name
        new.mkdir()
        fill(new)
        try:
            new.rename(folder)
        except OSError:
            if not folder.is_dir():
                raise
