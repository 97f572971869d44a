"""What a transfer may change: `extension: task-control of host +1`, as a value."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from portaudit.model.place import Place
from portaudit.model.rights import Right


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rights of one kind in one task: what `--subject` names."""

    task: str
    """The role or process name in whose space they stand."""
    kobject: str
    """The kobject label, spelled as lsmp spells it, or a kind of right, or `any`."""
    of: str | None = None
    """The role or process whose task port it must be."""
    right: Right = Right.SEND
    text: str = ""
    """The pattern as it was written, for messages."""
    place: Place | None = None
    """Where it was written; None for the command line."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """References that a task may gain (or lose) in one round, over all that the rule matches."""

    task: str
    """The role or process name whose space may change."""
    kobject: str
    """The kobject label, spelled as lsmp spells it, or `any`."""
    low: int
    high: int
    of: str | None = None
    """The role or process whose task port it must be."""
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

    @property
    def subject(self) -> tuple[str, str, str | None, Right]:
        """What it speaks of: task, kobject type, owner and right."""
        return self.task, self.kobject, self.of, self.right


def contradiction(rules: Iterable[Expectation]) -> tuple[Expectation, Expectation] | None:
    """Find two rules of one subject that no change can satisfy together."""
    for one, other in combinations(rules, 2):
        if one.subject == other.subject and (one.low > other.high or other.low > one.high):
            return one, other
    return None
