"""What a transfer may change: `extension: task-control of host +1`, as a value."""

from dataclasses import dataclass

from portaudit.model.place import Place
from portaudit.model.rights import Right


@dataclass(frozen=True, slots=True)
class Expectation:
    """References that a task may gain (or lose) on one object without a finding."""

    task: str
    """The role or process name whose space may change."""
    kobject: str
    """The kobject label, spelled as lsmp spells it, or `any`."""
    low: int
    high: int
    of: str | None = None
    """The role whose task port it must be."""
    right: Right = Right.SEND
    reason: str | None = None
    text: str = ""
    """The rule as it was written, for messages."""
    place: Place | None = None
    """Where it was written; None for the command line."""

    @property
    def quoted(self) -> str:
        """The rule as it was written, with its place where it has one."""
        return f"{self.text!r} ({self.place})" if self.place else repr(self.text)
