"""One run while it goes on: what was asked for, what was taken so far, and how the trigger ended."""

from dataclasses import dataclass
from pathlib import Path

from portaudit.auditing.keeper import Keeper
from portaudit.auditing.live import Request
from portaudit.auditing.moments import Moments
from portaudit.collect.marks import Marks
from portaudit.model.expectation import Expectation


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, on whom, how often, and what it may change."""

    processes: Request
    """Host, extension and others; with `spawn` no host, and the extension's name."""
    trigger: tuple[str, ...]
    """The command and its arguments; no shell."""
    expectations: tuple[str | Expectation, ...] = ()
    warm_up: int = 0
    """Rounds before the first snapshot that counts."""
    rounds: int = 1
    operations: int = 1
    """How many operations one trigger makes."""
    spawn: bool = False
    """Whether the trigger is the host itself, which says by marks when it is to be read."""
    time_limit: float = 60.0
    """Seconds that a trigger may take, or a spawned host until its first mark and between two."""
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
