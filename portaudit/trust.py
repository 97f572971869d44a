"""Whose files and sockets this process trusts: its own user's, root's, and those of whoever called sudo.

What root makes in the folder of whoever called sudo is given to them; a file that somebody else may have put
there is opened without waiting for it.
"""

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

ID_DIGITS = 10
"""No user or group id has more."""


def trusted_users() -> frozenset[int]:
    """Give the user ids. Under sudo the caller's is among them: SUDO_UID, which sudo sets for root alone."""
    caller = _told_by_sudo("SUDO_UID")
    return frozenset({0, os.geteuid(), *([] if caller is None else [caller])})


def may_build_in(folder: Path) -> bool:
    """Whether what is built in a folder is what will run: no stranger owns it, not everybody writes there."""
    found = folder.stat()
    return found.st_uid in trusted_users() and not found.st_mode & stat.S_IWOTH


def sudo_caller() -> tuple[int, int] | None:
    """Give user and group of whoever ran sudo; None if that is not how this process became root."""
    user, group = _told_by_sudo("SUDO_UID"), _told_by_sudo("SUDO_GID")
    return None if user is None or group is None else (user, group)


def give_to_caller(descriptor: int, folder: os.stat_result) -> None:
    """Give what root has just made in a folder of whoever called sudo to them: they read it later.

    Only what is root's, and has one name, is given: others may have put theirs in its place. Raises OSError.
    """
    caller, made = sudo_caller(), os.fstat(descriptor)
    one_name = stat.S_ISDIR(made.st_mode) or made.st_nlink == 1
    if caller is not None and folder.st_uid == caller[0] and made.st_uid == 0 and one_name:
        os.fchown(descriptor, *caller)


@contextmanager
def users_own(folder: Path, make: Callable[[Path], object]) -> Iterator[None]:
    """Make a folder, and give what the block leaves in it to the user who ran sudo, if there is one.

    Only what root has made is given away: plain files with one name, and the folder if it was not there.
    """
    made = not folder.exists()
    make(folder)
    before = set(folder.iterdir())
    user = sudo_caller()
    try:
        yield
    finally:
        if user is not None:
            for path in set(folder.iterdir()) - before:
                _give(path, user)
            if made:
                _give(folder, user)


def _give(path: Path, user: tuple[int, int]) -> None:
    # By descriptor, and never a link: in a folder of theirs, users may put another file under any name
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            what = os.fstat(descriptor)
            plain = stat.S_ISREG(what.st_mode) and what.st_nlink == 1
            if what.st_uid == 0 and (plain or stat.S_ISDIR(what.st_mode)):
                os.fchown(descriptor, *user)
        finally:
            os.close(descriptor)


def _told_by_sudo(variable: str) -> int | None:
    text = os.environ.get(variable, "")
    told = os.geteuid() == 0 and text.isdecimal() and len(text) <= ID_DIGITS
    return int(text) if told else None


class NotRegularError(OSError):
    """It is a pipe, a device or a folder."""


def at_once(path: str, flags: int) -> int:
    """Open for `open(..., opener=at_once)`: a pipe that nobody writes into would be waited for."""
    return os.open(path, flags | os.O_NONBLOCK)


def open_regular(path: str | Path) -> BinaryIO:
    """Open a file to be read. Raises NotRegularError, by what was opened and not by its name, and OSError."""
    file = open(path, "rb", opener=at_once)  # noqa: SIM115  whoever asks for it closes it
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        return file
    file.close()
    raise NotRegularError("it is no regular file")
