"""The command that brings about what is audited: started without a shell, watched, and ended if it hangs."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

import psutil

from portaudit.auditing.keeper import END_SECONDS, Keeper
from portaudit.collect.descendants import end_families
from portaudit.collect.marks import Mark, Marks
from portaudit.errors import UsageError

LOOK_SECONDS = 0.02
"""How often it is looked whether the command has ended; a mark is heard at once."""
STANDARD_ERROR = 2

HearMark = Callable[[Mark], None]


@contextmanager
def started(
    command: tuple[str, ...], environment: Mapping[str, str], keeper: Keeper
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a command; it is ended with all it has started when the block ends.

    What it prints goes to standard error: standard output belongs to the report. Raises UsageError if it
    cannot be started.
    """
    try:
        process = subprocess.Popen(command, stdout=STANDARD_ERROR, env=environment)  # noqa: S603  what it is for
    except OSError as error:
        raise UsageError(f"{command[0]!r} cannot be started: {error.strerror or error}") from error
    keeper.started(process.pid)
    try:
        yield process
    finally:
        if process.poll() is None:
            end_families([psutil.Process(process.pid)], END_SECONDS)
        process.wait()
        keeper.ended(process.pid)


def attend(process: "subprocess.Popen[bytes]", marks: Marks, hear: HearMark, seconds: float) -> bool:
    """Answer a command's marks until it has ended; gives False if it has not after so many seconds."""
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        mark = marks.wait(LOOK_SECONDS)
        if mark is not None:
            hear(mark)
    while (mark := marks.wait(0)) is not None:
        hear(mark)
    return True


def send_away(mark: Mark) -> None:
    """Tell whoever says a mark that nobody takes snapshots any more."""
    mark.answer("the audit is over")


def how_it_ended(status: int) -> str:
    """Say an exit status, or the signal that ended a command."""
    if status >= 0:
        return f"exit status {status}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-status).name}"
    return f"killed by signal {-status}"
