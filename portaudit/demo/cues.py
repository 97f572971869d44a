"""Between a host and whoever audits it: the marks that it says, and the transfers that it is asked for.

Both wait for the other side. Marks are said as portaudit_mark() of the probe's header says them.
"""

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from portaudit.errors import AuditError, KernelUnavailable, NotReadable, UsageError

VARIABLE = "PORTAUDIT_MARKS"


class MarkRefused(AuditError):  # noqa: N818  the auditor's answer
    """The audit has given up."""


def mark(moment: str, number: int = 0) -> None:
    """Tell that a moment has come (`before`, `after`, `round` with its number), and wait until it is read.

    Without an audit (no PORTAUDIT_MARKS) it does nothing. Raises MarkRefused if the audit has given up,
    OSError if nobody is at the other end.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(path)
        connection.sendall(f"{moment} {number}\n".encode() if number else f"{moment}\n".encode())
        answer = connection.recv(64)
    if answer != b"ok\n":
        raise MarkRefused(f"the audit has given up at {moment!r}: {answer.decode(errors='replace').strip()}")


PATIENCE_SECONDS = 60.0
"""How long a transfer may take, with those that were asked for before it."""
START_SECONDS = 10.0
"""How long a host that was just started may take until it can be asked."""
LOOK_SECONDS = 0.02
END_SECONDS = 1.0
"""How long the end waits for whoever has connected and says nothing."""
REQUEST, DONE = b"transfer\n", b"done\n"


class Requests:
    """The socket where transfers of a held pair are asked for; use it as a context manager.

    `wanted` is called for each request, in a thread of its own, with what to call when it is made.
    """

    def __init__(self, path: Path, wanted: Callable[[Callable[[], None]], None]) -> None:
        self._wanted = wanted
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        self._socket.listen(16)
        self._over = False
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        # Closed under a thread that is about to accept, the descriptor could be another socket's by then
        self._over = True
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as last:
            last.connect(str(self._path))
        self._thread.join(END_SECONDS)
        self._socket.close()
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        with suppress(OSError):
            while not self._over:
                connection, _ = self._socket.accept()
                if not self._wants(connection):
                    connection.close()

    def _wants(self, connection: socket.socket) -> bool:
        connection.settimeout(PATIENCE_SECONDS)
        with suppress(OSError):
            if connection.recv(len(REQUEST)) == REQUEST:
                self._wanted(lambda: _tell(connection))
                return True
        return False


def _tell(connection: socket.socket) -> None:
    with connection, suppress(OSError):
        connection.sendall(DONE)


def beside_marks() -> Path:
    """Give the path where a host that a run has started is asked: in the folder that goes with the run.

    Raises UsageError if this process is in no run.
    """
    marks = os.environ.get(VARIABLE)
    if not marks:
        raise UsageError("this is for `portaudit run`: it sets PORTAUDIT_MARKS, which is not set here")
    return Path(marks).with_name("transfer")


def ask_beside_marks() -> None:
    """Ask the host of this run for one transfer, once it can be asked. Raises as ask and beside_marks do."""
    path, deadline = beside_marks(), time.monotonic() + START_SECONDS
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    ask(str(path))


def ask(path: str) -> None:
    """Ask for one transfer, and return when it has been made.

    Raises KernelUnavailable if nobody holds a pair there, NotReadable if the pair ended meanwhile.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE_SECONDS)
        try:
            connection.connect(path)
            connection.sendall(REQUEST)
            answer = connection.recv(len(DONE))
        except OSError as error:
            reason = error.strerror or error
            raise KernelUnavailable(
                f"no pair answers at {path}: {reason}; is `demo --hold` running?"
            ) from error
    if answer != DONE:
        raise NotReadable(f"the pair at {path} ended before the transfer was made")
