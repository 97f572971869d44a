"""Saying marks from Python, as portaudit_mark() of portaudit/probe/portaudit_probe.h does from C."""

import os
import socket

from portaudit.errors import AuditError

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
