"""What `decode` and `doctor` tell: guard exceptions in words, and ways of reading with their state."""

from dataclasses import dataclass
from enum import StrEnum

from portaudit.model.guard import GuardDescription, GuardEvent
from portaudit.model.snapshot import Entry, Line, Task


@dataclass(frozen=True, slots=True)
class Joined:
    """What a snapshot says of the name that a guard exception is about."""

    task: Task
    entry: Entry | None
    """None: the task has no such name, it was gone already."""


@dataclass(frozen=True, slots=True)
class DecodedEvent:
    """A guard exception, in words, joined to a snapshot if one was given."""

    event: GuardEvent
    description: GuardDescription
    joined: tuple[Joined, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """All guard exceptions of one source, and what was not understood there."""

    events: tuple[DecodedEvent, ...]
    not_understood: tuple[Line, ...] = ()


class WayState(StrEnum):
    """Whether a way of reading works."""

    OK = "ok"
    NOT_HERE = "not here"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One way of reading a port space: does it work here, why not, and what next."""

    way: str
    state: WayState
    reason: str
    next_step: str
