"""Bytes to and from a path: `-` is standard input or output, `.gz` is packed, nothing is half written."""

import errno
import os
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

from portaudit.errors import SnapshotFileError, UsageError

UNPACKED_MAX = 1 << 30
"""No snapshot is larger, in bytes: a packed file that grows past this is not unpacked further."""

_GZIP = b"\x1f\x8b"
_WINDOW = 1 << 14
"""Bytes unpacked at a time: they become a thousand times as many at most; what a member leaves is copied."""


def read_bytes(path: str) -> bytes:
    """Read a file, or standard input for `-`; unpack gzip by content.

    Raises SnapshotFileError, naming the path, if it cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return _unpack(data, path) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SnapshotFileError(f"{path} cannot be read: {reason}") from error


def _unpack(data: bytes, path: str) -> bytes:
    pieces: list[bytes] = []
    room = UNPACKED_MAX
    for piece in _pieces(data, path):
        pieces.append(piece)
        room -= len(piece)
        if room < 0:
            raise SnapshotFileError(
                f"{path} unpacks to more than {UNPACKED_MAX >> 30} GiB; that is no snapshot"
            )
    return b"".join(pieces)


def _pieces(data: bytes, path: str) -> Iterator[bytes]:
    """Unpack every member, one behind the other: `cat a.gz b.gz` is what `cat a b` was."""
    at = 0
    while at < len(data):
        if not data.startswith(_GZIP, at):
            raise SnapshotFileError(
                f"{path} cannot be read: behind the packed data, from byte {at}, stands something else; "
                f"it may be damaged"
            )
        unpacker = zlib.decompressobj(wbits=31)
        while not unpacker.eof:
            window = data[at : at + _WINDOW]
            if not window:
                raise SnapshotFileError(f"{path} cannot be read: the packed data is cut off")
            if piece := unpacker.decompress(window):
                yield piece
            at += len(window) - len(unpacker.unused_data)


def write_bytes(path: str, data: bytes) -> None:
    """Write a file in one step, mode 0600, packed if it is called .gz; `-` is standard output.

    The data goes to a temporary file beside it, to the disk, and then takes the name: whoever reads
    sees the old file or the new one. A device or a pipe is written to, and never replaced; a symbolic link
    to a file is refused. Raises UsageError, and leaves the old file, if it cannot.
    """
    if path == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    target = Path(path)
    packed = _pack(data) if target.suffix == ".gz" else data
    try:
        _put(target, packed)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}; nothing was changed"
        ) from error


def _put(target: Path, data: bytes) -> None:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, "it is a directory")
    if target.exists() and not target.is_file():
        target.write_bytes(data)
    elif target.is_symlink():
        raise OSError(errno.ELOOP, "it is a symbolic link; name the file itself, or - for standard output")
    else:
        _replace(target, data)


def _pack(data: bytes) -> bytes:
    import gzip

    return gzip.compress(data, compresslevel=6, mtime=0)


def _replace(target: Path, data: bytes) -> None:
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
