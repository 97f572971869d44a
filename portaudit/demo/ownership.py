"""What root writes in a user's folder belongs to the user: `sudo portaudit demo` leaves nothing of root's."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from portaudit.auditing.files import make_folder
from portaudit.trust import sudo_caller


@contextmanager
def users_own(folder: Path) -> Iterator[None]:
    """Make a folder, and give what the block leaves in it to the user who ran sudo, if there is one.

    Only what root has made is given away: plain files with one name, and the folder if it was not there.
    """
    made = not folder.exists()
    make_folder(folder)
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
