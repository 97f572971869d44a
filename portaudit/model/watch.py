"""What a watch sees: how many references of each class a process holds, and how fast that grows."""

from dataclasses import dataclass

from portaudit.model.kobject import label_of
from portaudit.model.rights import Right
from portaudit.model.snapshot import Process


@dataclass(frozen=True, slots=True)
class ClassGrowth:
    """Rights of one kind to objects of one kobject type, since the watch began."""

    right: Right
    kobject: int | None
    names: int
    references: int
    """User references of send rights and dead names; 1 for each other right."""
    change: int
    """References gained or lost since the first reading."""
    rate: float | None
    """References a minute over the last readings; None while they are too few."""
    recent: tuple[int, ...] = ()
    """The references at the last readings, oldest first."""

    @property
    def label(self) -> str:
        """Name the class: `send TASK-CONTROL`."""
        return f"{self.right} {label_of(self.kobject) or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Alarm:
    """A class that grew faster than allowed, and what was kept of the time before."""

    growth: ClassGrowth
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WatchState:
    """One process at one look."""

    process: Process
    time: float
    """Seconds since 1970."""
    names: int | None = None
    """Names in the space at the last reading; None if it was never read."""
    readings: int = 0
    """How often its rows were read so far; the cheap counts in between are not among them."""
    classes: tuple[ClassGrowth, ...] = ()
    """What the last reading saw, the fastest growing first."""
    changed: bool = False
    """Whether this look brought something new."""
    over: str | None = None
    """Why it is not watched any more: it has exited, or cannot be read; None while it is."""
    unread: bool = False
    """Whether it runs and could not be read."""
    alarms: tuple[Alarm, ...] = ()
    """What rang at this look."""
    left_out: str | None = None
    """How many readings are not counted, as rows may be missing from them, and why; None if none is."""
