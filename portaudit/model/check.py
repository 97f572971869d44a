"""One check of a project, and what it sets aside: suppressions, and a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from portaudit.model.severity import Severity
from portaudit.model.way import AUTO

if TYPE_CHECKING:
    from datetime import date

    from portaudit.model.declared import Expectation, Pattern, Place

PACE = 2.0
"""Seconds from the beginning of a round to that of the next: a worker thread outlives its work, so closer
rounds find the threads of those before."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """What is accepted, why, and until when; a part of the match that is None matches everything."""

    rule: str
    reason: str
    until: date
    """The last day on which it counts."""
    role: str | None = None
    """The role, or the process name of a task without one."""
    kobject: str | None = None
    """The kobject type as lsmp spells it, or a kind of right: dead-name, recv, send-once."""
    description: str | None = None
    """A shell-style pattern for what the kernel says of the object."""
    peer: str | None = None
    """A shell-style pattern for the name of the process that receives."""
    place: Place | None = None
    path: str | None = None
    """A shell-style pattern for the path of a source, for the rules about sources."""
    function: str | None = None
    """A shell-style pattern for the name of a function in it."""

    @property
    def about_sources(self) -> bool:
        """Whether it is for `lint`, not for what a snapshot shows."""
        return self.rule.startswith("S")

    @property
    def text(self) -> str:
        """The suppression in a few words, for messages."""
        parts = (self.role, self.kobject, self.description, self.peer, self.path, self.function)
        return " ".join((self.rule, *(part for part in parts if part)))


class SuppressionState(StrEnum):
    """What became of a suppression in one diff."""

    USED = "used"
    UNUSED = "unused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SuppressionUse:
    """A suppression after a diff: whether it did something, and how long it will."""

    suppression: Suppression
    state: SuppressionState
    findings: int
    """How many findings it hides, or would hide if it had not expired."""
    days_left: int
    """Negative once it has expired."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """Findings of one fingerprint that are accepted as they are."""

    fingerprint: str
    rule: str
    title: str
    role: str | None = None
    kobject: str | None = None
    description: str | None = None
    peer: str | None = None
    count: int = 1
    """How many findings have this fingerprint; one more than that is new."""
    reason: str = ""
    """Why it is accepted, for a person to fill in."""
    amount: int | None = None
    """References (or names) of one of them, at most; None: any number."""
    rate: float | None = None
    """References (or names) for each operation of a series, at most; None for a pair."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is accepted, and the file that says so."""

    accepted: tuple[Accepted, ...] = ()
    file: str | None = None
    named_by: str | None = None
    """The configuration that names the file; None if somebody did on the command line."""


class Platform(StrEnum):
    """A system that a check is for, spelled as sys.platform spells it."""

    DARWIN = "darwin"
    LINUX = "linux"


@dataclass(frozen=True, slots=True)
class Repeat:
    """How often a trigger runs: first rounds that nobody looks at, then rounds that are judged."""

    warmup: int = 0
    count: int = 1


@dataclass(frozen=True, slots=True)
class Check:
    """One `[check.NAME]`: whom to audit, what to do between the snapshots, and what it may change."""

    name: str
    place: Place
    host: str | None = None
    """The process name of the host, with `spawn` among its descendants; None if it is what `spawn` starts."""
    extension: str | None = None
    """The process name of the extension; with `spawn` it is looked for among the descendants."""
    processes: tuple[str, ...] = ()
    """Process names of further tasks to audit."""
    spawn: tuple[str, ...] = ()
    """The command that starts the host, word by word; no shell reads it."""
    trigger: tuple[str, ...] = ()
    """The command that makes the transfer, word by word; no shell reads it."""
    repeat: Repeat = Repeat()
    operations: int = 1
    """How many transfers one trigger makes."""
    pace: float = PACE
    """Seconds from the beginning of a round that counts to that of the next, at the least."""
    settle: float = 2.0
    """Seconds to wait at most for two readings that agree; 0 reads once."""
    timeout: float = 60.0
    """Seconds that a trigger may take, or a spawned host until its extension runs and between two marks."""
    way: str = AUTO
    """How to read: one of model.way.WAYS."""
    sudo: bool = False
    """Whether lsmp shall be run by sudo."""
    kernel: str | None = None
    """Which Mach answers, as --kernel takes it; None: this machine's own."""
    platforms: tuple[Platform, ...] = ()
    """Where the check runs; empty: wherever it can."""
    fail_on: str = Severity.WARNING
    """The least severity that fails the check: warning or error."""
    expectations: tuple[Expectation, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    baseline: str | None = None
    """The path of its baseline, joined to the folder of the configuration."""
    policy: str | None = None
    """What is forbidden beside what does not balance, as --policy takes it."""
    subjects: tuple[Pattern, ...] = ()
    """What is judged as strictly as another task's port, beside what stands above the checks."""
