"""Bytes to and from a path: `-` is standard input or output, `.gz` is packed, nothing is half written."""

import errno
import os
import sys
import zlib
from pathlib import Path

from portaudit.errors import SnapshotFileError, UsageError

UNPACKED_MAX = 1 << 30
"""No snapshot is larger, in bytes: a packed file that grows past this is not unpacked further."""


def read_bytes(path: str) -> bytes:
    """Read a file, or standard input for `-`; unpack gzip by content.

    Raises SnapshotFileError, naming the path, if it cannot be read.
    """
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
        return _unpack(data, path) if data[:2] == b"\x1f\x8b" else data
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SnapshotFileError(f"{path} cannot be read: {reason}") from error


def _unpack(data: bytes, path: str) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    unpacked = unpacker.decompress(data, UNPACKED_MAX)
    if unpacker.unconsumed_tail:
        raise SnapshotFileError(f"{path} unpacks to more than {UNPACKED_MAX >> 30} GiB; that is no snapshot")
    if not unpacker.eof:
        raise SnapshotFileError(f"{path} cannot be read: the packed data is cut off")
    return unpacked


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
