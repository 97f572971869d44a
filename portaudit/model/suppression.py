"""A finding that a project knows of and accepts until a day: never by port name or pid, which change."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portaudit.model.place import Place


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

    @property
    def text(self) -> str:
        """The suppression in a few words, for messages."""
        parts = (self.role, self.kobject, self.description, self.peer)
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
