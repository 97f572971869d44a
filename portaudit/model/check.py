"""One check of a project: whom to audit, what to do between the snapshots, and what it may change."""

from dataclasses import dataclass
from enum import StrEnum

from portaudit.model.expectation import Expectation
from portaudit.model.place import Place
from portaudit.model.suppression import Suppression
from portaudit.model.way import AUTO


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
    fail_on: str = "warning"
    """The least severity that fails the check: warning or error."""
    expectations: tuple[Expectation, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    baseline: str | None = None
    """The path of its baseline, joined to the folder of the configuration."""
    policy: str | None = None
    """What is forbidden beside what does not balance, as --policy takes it."""
