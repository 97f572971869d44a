"""Marks: a program under audit says itself when a moment has come, and waits until it has been read.

On the wire (portaudit_mark() of portaudit/probe/portaudit_probe.h is the other end): the environment
variable PORTAUDIT_MARKS names a Unix stream socket; a mark connects, writes one line (`before`, `after`,
`round 3`, or `extension 4243`, which tells a pid), reads one line (`ok`: the space has been read), and
closes.
"""

import select
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

VARIABLE = "PORTAUDIT_MARKS"
LINE_MAX = 64
"""Bytes: a moment has 32 at most, a round ten digits."""
LINE_SECONDS = 2.0
"""Whoever connects says its line within this time."""
EXTENSION = "extension"
"""No moment: the host says by it which process its extension is; the pid stands in the round's place."""
MOMENTS = ("before", "after", "round", EXTENSION)


def mark_in(folder: Path) -> tuple[str, str]:
    """Give the variable, and the path in this folder, that tell a program where its marks go."""
    return VARIABLE, str(folder / "marks")


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment that a program has come to: before, after or round, with the round's number (0: none)."""

    moment: str
    round: int
    _connection: socket.socket

    def answer(self, word: str = "ok") -> None:
        """Let the program go on: `ok` if the spaces were read, anything else if the audit has given up."""
        with self._connection, suppress(OSError):
            self._connection.sendall(f"{word}\n".encode())


class Marks:
    """The socket that marks come to, in a folder; use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.path = Path(mark_in(folder)[1])
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(self.path))
        self._socket.listen(16)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._socket.close()
        self.path.unlink(missing_ok=True)

    def wait(self, seconds: float) -> Mark | None:
        """Give the next mark; None if none came in time. Who says something else is sent away."""
        readable, _, _ = select.select([self._socket], [], [], seconds)
        if not readable:
            return None
        connection, _ = self._socket.accept()
        moment, number = _moment(_line(connection))
        mark = Mark(moment, number, connection)
        if moment in MOMENTS:
            return mark
        mark.answer("unknown moment")
        return None


def _line(connection: socket.socket) -> bytes:
    connection.settimeout(LINE_SECONDS)
    line = b""
    with suppress(OSError):
        while not line.endswith(b"\n") and len(line) < LINE_MAX:
            part = connection.recv(LINE_MAX - len(line))
            if not part:
                break
            line += part
    return line


def _moment(line: bytes) -> tuple[str, int]:
    words = line.decode("ascii", "replace").split()
    if len(words) == 1:
        return words[0], 0
    well = len(words) == 2 and words[1].isdecimal()  # noqa: PLR2004  a moment and a number
    return (words[0], int(words[1])) if well else ("", 0)
