"""Opening files that somebody else may have put there: none is waited for."""

import os
import stat
from pathlib import Path
from typing import BinaryIO


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
