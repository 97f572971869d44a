"""One run while it goes on: what was asked for, what was taken so far, and how the trigger ended."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from portaudit.auditing.family import Family
from portaudit.auditing.keeper import Keeper
from portaudit.auditing.live import Request
from portaudit.auditing.moments import Moments
from portaudit.collect.marks import VARIABLE as MARKS
from portaudit.collect.marks import Marks
from portaudit.kernels import VARIABLE as KERNEL
from portaudit.model.expectation import Expectation
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE

PIDS = {HOST_ROLE: "PORTAUDIT_HOST_PID", EXTENSION_ROLE: "PORTAUDIT_EXTENSION_PID"}
"""Role -> the environment variable that tells a trigger the pid."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, on whom, how often, and what it may change."""

    processes: Request
    """Host, extension and others; with `spawn` host and extension are names among what it starts."""
    trigger: tuple[str, ...] = ()
    """The command that makes the transfer, and its arguments; no shell."""
    expectations: tuple[str | Expectation, ...] = ()
    warm_up: int = 0
    """Rounds before the first snapshot that counts."""
    rounds: int = 1
    operations: int = 1
    """How many operations one trigger makes."""
    spawn: tuple[str, ...] = ()
    """The command that starts the host; without a trigger it says by marks when it is to be read."""
    time_limit: float = 60.0
    """Seconds that a trigger may take, or a spawned host until its extension runs and between two marks."""
    folder: Path | None = None
    """Where the snapshots are kept; None: nowhere."""


class Stopped(Exception):  # noqa: N818  a fact about the run, not an error of ours
    """The run cannot go on, and why; what was taken so far is judged."""


@dataclass(slots=True)
class Session:
    """One run."""

    request: RunRequest
    keeper: Keeper
    marks: Marks
    moments: Moments | None = None
    """None until the processes are found."""
    status: int | None = None
    """How the trigger ended last; negative: the signal that killed it; None: it did not end by itself."""
    family: Family | None = None
    """The host with all it has started, if this run has started it."""

    def look(self) -> None:
        """Remember what a host that this run has started has started in its turn."""
        if self.family is not None:
            self.family.look()

    def environment(self) -> dict[str, str]:
        """Give the environment of what is started: where marks go, which kernel answers, and who is read.

        This very portaudit stands behind what is on the PATH.
        """
        targets = self.moments.targets if self.moments else ()
        pids = {target.role: target.process.pid for target in targets}
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
        own = {MARKS: self.marks.path, KERNEL: self.request.processes.kernel, "PATH": path}
        told = {variable: pids.get(role) for role, variable in PIDS.items()}
        kept = {name: value for name, value in os.environ.items() if name not in PIDS.values()}
        return kept | {name: str(value) for name, value in (own | told).items() if value is not None}
