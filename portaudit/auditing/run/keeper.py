"""A process that cleans up when an audit ends, however it ends: SIGKILL cannot be answered by the killed.

`python -m portaudit.auditing.run.keeper FOLDER` reads lines from standard input, its lifeline: `+PID` and
`-PID` say which processes the audit has started and seen ending, `.` that it is over in good order. When the
lifeline ends, whatever still runs is ended with its descendants, and the folder is removed; without the last
word also whoever was told the folder's socket, for the audit may have been killed before it named them.
"""

import gc
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from portaudit.collect.ending import end_families
from portaudit.collect.marks import mark_in
from portaudit.kernels import socket_folder

END_SECONDS = 1.0
"""How long a process may take to end when it is asked to."""

OVER = "."


@dataclass(frozen=True, slots=True)
class Keeper:
    """The keeper of one audit, and its private folder."""

    folder: Path
    _process: "subprocess.Popen[str]"

    def started(self, pid: int) -> None:
        """Tell that the audit has started a process."""
        self._say(f"+{pid}")

    def ended(self, pid: int) -> None:
        """Tell that the process has ended, so that nobody else is ended in its place."""
        self._say(f"-{pid}")

    @property
    def mark(self) -> tuple[str, str]:
        """Give what all that the audit starts have in their environment, and nobody else."""
        return mark_in(self.folder)

    def over(self) -> None:
        """Tell that the audit has ended what it has started, or has meant it to stay."""
        self._say(OVER)

    def _say(self, line: str) -> None:
        with suppress(BrokenPipeError):
            print(line, file=self._process.stdin, flush=True)


@contextmanager
def keeper() -> Iterator[Keeper]:
    """Lend a private folder and a keeper; both are gone after the block."""
    folder = socket_folder()
    command = [sys.executable, "-P", "-m", "portaudit.auditing.run.keeper", str(folder)]
    process = subprocess.Popen(  # noqa: S603  this very program
        command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
    )
    try:
        kept = Keeper(folder, process)
        yield kept
        kept.over()
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()  # type: ignore[union-attr]  # it was asked for
        process.wait()


def reap(child: "subprocess.Popen[Any]") -> None:
    """Wait until a child has ended, for as long as it takes; its status is in `returncode`.

    Popen.wait() never returns after an interrupt within Popen.poll(): between the lock and the `try` that
    gives it back (CPython's Lib/subprocess.py, _internal_poll) Python raises KeyboardInterrupt.
    """
    if child.returncode is None:
        child.returncode = 0  # what Popen says, too, where the status went with an interrupt
        with suppress(ChildProcessError):
            child.returncode = os.waitstatus_to_exitcode(os.waitpid(child.pid, 0)[1])


class Family:
    """A process and all that it was seen to have started.

    Whoever loses its parent is nobody's descendant any more, so each is remembered when it is seen.
    """

    def __init__(self, pid: int, keeper: Keeper) -> None:
        self._keeper = keeper
        self._members = {pid: psutil.Process(pid)}

    def look(self) -> None:
        """Remember who is there now, and tell the keeper."""
        for member in list(self._members.values()):
            for child in _children(member):
                if child.pid not in self._members:
                    self._members[child.pid] = child
                    self._keeper.started(child.pid)

    def end(self) -> None:
        """End all of them: asked first, then killed."""
        self.look()
        end_families(self._members.values(), END_SECONDS)
        for pid in self._members:
            self._keeper.ended(pid)


def _children(member: psutil.Process) -> list[psutil.Process]:
    try:
        return member.children(recursive=True)
    except psutil.Error:
        return []


def main() -> None:
    """Keep the processes that standard input names, until it ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    kept: dict[int, psutil.Process] = {}
    folder, over = Path(sys.argv[1]), False
    for line in sys.stdin:
        over = line.strip() == OVER
        if not over:
            _heed(line, kept)
    if kept or not over:
        end_families(kept.values(), END_SECONDS, None if over else mark_in(folder))
    shutil.rmtree(folder, ignore_errors=True)
    gc.freeze()  # at the end, Python would look through all there is once more


def _heed(line: str, kept: dict[int, psutil.Process]) -> None:
    pid = int(line[1:])
    kept.pop(pid, None)
    if line.startswith("+"):
        with suppress(psutil.NoSuchProcess):
            kept[pid] = psutil.Process(pid)


if __name__ == "__main__":
    main()
