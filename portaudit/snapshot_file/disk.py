"""Bytes from a path: `-` is standard input, gzip is unpacked by content, and nothing is read without end."""

import os
import stat
import sys
import time
import zlib
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from portaudit.errors import SnapshotFileError, UsageError
from portaudit.trust import at_once

VARIABLE = "PORTAUDIT_INPUT_MAX"
"""The environment variable that says how many MiB an input may have, unpacked."""
INPUT_MAX = 128
"""MiB: a snapshot of a million names has a third of it."""

_GZIP = b"\x1f\x8b"
_WINDOW = 1 << 14
"""Bytes unpacked at a time: they become a thousand times as many at most; what a member leaves is copied."""


WRITER_SECONDS = 10.0
"""How long a named pipe waits for somebody who writes into it."""
LOOK_SECONDS = 0.02

_PART = 1 << 20
"""Bytes read at a time, where no length is known."""


def read_bytes(path: str) -> bytes:
    """Read a file, or standard input for `-`; unpack gzip by content.

    Raises SnapshotFileError, naming the path, if it cannot be read or is larger than PORTAUDIT_INPUT_MAX,
    packed or not; UsageError if that is no number.
    """
    try:
        return _read(path, input_max())
    except MemoryError as error:
        raise SnapshotFileError(f"{path} cannot be read: there is not enough memory for it") from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SnapshotFileError(f"{path} cannot be read: {reason}") from error


def input_max() -> int:
    """Give how many bytes an input may have. Raises UsageError if PORTAUDIT_INPUT_MAX is no number."""
    told = os.environ.get(VARIABLE) or str(INPUT_MAX)
    if not (told.isascii() and told.isdecimal() and len(told) < 8):  # noqa: PLR2004  ten terabytes
        raise UsageError(f"{VARIABLE} is a number of MiB such as {INPUT_MAX}, not {told!r}")
    return int(told) << 20


def _read(path: str, most: int) -> bytes:
    if path == "-":
        if sys.stdin is None:
            raise OSError(None, "standard input is closed")
        return _whole(sys.stdin.buffer, path, most)
    with open(path, "rb", opener=at_once) as file:
        found = os.fstat(file.fileno())
        begun = _first_of_a_pipe(file.fileno()) if stat.S_ISFIFO(found.st_mode) else b""
        os.set_blocking(file.fileno(), True)
        # In one piece if it is as long as it says: pieces are copied once more
        return _whole(file, path, most, max(min(found.st_size, most) + 1, _PART), begun)


def _first_of_a_pipe(descriptor: int) -> bytes:
    """Read what somebody writes into a named pipe first: without a writer that would wait for ever."""
    deadline = time.monotonic() + WRITER_SECONDS
    while time.monotonic() < deadline:
        try:
            if data := os.read(descriptor, _PART):
                return data
        except BlockingIOError:
            return b""  # it is open at the other end, and what comes is waited for
        time.sleep(LOOK_SECONDS)
    raise OSError(f"nobody has written into this pipe for {WRITER_SECONDS:g} seconds")


def _whole(file: BinaryIO, path: str, most: int, part: int = _PART, begun: bytes = b"") -> bytes:
    pieces = iter(lambda: file.read(part), b"")
    data = _limited(chain((begun,), pieces) if begun else pieces, path, most, "is")
    return _limited(_pieces(data, path), path, most, "unpacks to") if data.startswith(_GZIP) else data


def _limited(pieces: Iterator[bytes], path: str, most: int, what: str) -> bytes:
    kept: list[bytes] = []
    size = 0
    for piece in pieces:
        kept.append(piece)
        size += len(piece)
        if size > most:
            raise SnapshotFileError(
                f"{path} {what} more than {most >> 20} MiB, which is the limit; "
                f"set {VARIABLE} to more if it shall be read"
            )
    return b"".join(kept)


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
