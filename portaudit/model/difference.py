"""What changed between two snapshots, as values that carry both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.model.kobject import class_of, label_of

if TYPE_CHECKING:
    from portaudit.model.expectation import Expectation
    from portaudit.model.rights import Right
    from portaudit.model.snapshot import Entry, Process, Snapshot


@dataclass(frozen=True, slots=True)
class Change:
    """The references that one task holds on one object with one right, before and after."""

    role: str | None
    process: Process
    name: int | None
    """The name that the right has now, or had; None where an expected right is not there."""
    object: int | None
    kobject: int | None
    right: Right
    before: int | None
    after: int | None
    of: str | None = None
    """The role whose task port the object is, where that is known."""
    expected: int = 0
    idle: int = 0
    """References that the class of this row also gained while nothing was transferred."""
    allowed_by: Expectation | None = None
    """The expectation that speaks of this row, whether or not it allows the whole change."""
    was: Entry | None = None
    """The entry before, if the name existed."""
    now: Entry | None = None
    """The entry after, if the name exists."""
    rate: float | None = None
    """References gained or lost in one operation of a series; None for two snapshots."""
    series: tuple[int, ...] = ()
    """The references in each snapshot of a series, first to last."""

    @property
    def change(self) -> int:
        """References gained (positive) or lost (negative); 0 where a side is unknown."""
        return 0 if self.before is None or self.after is None else self.after - self.before

    @property
    def residual(self) -> int:
        """The change that neither the expectation nor the idle pair accounts for."""
        return self.change - self.expected - self.idle

    @property
    def kobject_label(self) -> str | None:
        """The kobject type as lsmp spells it."""
        return label_of(self.kobject)

    @property
    def description(self) -> str | None:
        """What the kernel says of the object."""
        entry = self.now or self.was
        return entry.description if entry else None

    @property
    def class_name(self) -> str | None:
        """What it says of all objects of this kind."""
        return class_of(self.kobject, self.description)


@dataclass(frozen=True, slots=True)
class Recycled:
    """A name that denotes another port now: whoever cached it holds somebody else's right."""

    lost: Change
    gained: Change


@dataclass(frozen=True, slots=True)
class Unread:
    """A task that cannot be compared, and why."""

    title: str
    role: str | None
    process: Process
    reason: str


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One transferred object, with what host and extension hold of it side by side."""

    object: int | None
    kobject: int | None
    of: str | None
    sides: dict[str, Change]
    """Title of the task -> its change (which may be none)."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that two snapshots of the same tasks differ in."""

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...] = ()
    recycled: tuple[Recycled, ...] = ()
    saturated: tuple[Change, ...] = ()
    unread: tuple[Unread, ...] = ()
    unchanged: dict[str, int] = field(default_factory=dict)
    """Title of each compared task -> how many of its rights did not change."""
    queued: dict[str, int] = field(default_factory=dict)
    """Title of each compared task -> how many more messages are queued at its ports than before."""
    notes: tuple[str, ...] = ()
    between: tuple[Snapshot, ...] = ()
    """The snapshots of a series between the first and the last."""
    cut_short: str | None = None
    """Why the run that took the snapshots ended before its time, if it did."""
