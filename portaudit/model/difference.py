"""What changed between two snapshots or over a series of them, as values that carry both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
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


class Course(StrEnum):
    """What a row does, round after round."""

    EVERY_ROUND = "every round"
    SOME_ROUNDS = "some rounds"
    """A broken slope: it goes on, but not in each round, as an error path does."""
    ONCE = "once"
    """It happened, and stopped: a cache that fills at its first use, or one early return."""
    COMES_AND_GOES = "comes and goes"
    """No rate: the row is in use, or belongs to something else that the program does."""


@dataclass(frozen=True, slots=True)
class Line:
    """The straight line nearest to the numbers: offset + slope * round, by least squares."""

    slope: float
    offset: float
    residual: float
    """How far the numbers are off the line, root mean square, in references."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a row kept of each round, and what that says."""

    course: Course
    steps: tuple[int, ...]
    """References kept (or lost for good) in each round; what came and was given back is not in it."""
    rate: float = 0.0
    """References a round."""
    period: int | None = None
    """The steps repeat after so many rounds; None if they do not."""

    @property
    def rounds(self) -> tuple[int, ...]:
        """The rounds that left something, counted from 1."""
        return tuple(number for number, step in enumerate(self.steps, 1) if step)


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One row of a series: its change from first to last, with rate and numbers, and its course."""

    change: Change
    kept: Kept
    line: Line
    members: tuple[Change, ...] = ()
    """The single changes that it stands for: leaks that make a new name each time are one row."""
    rounds_left: int | None = None
    """Rounds until the counter, the space or the references are exhausted; None without a rate."""
    seconds_left: float | None = None
    """The same in seconds, where the snapshots say when they were taken."""

    @property
    def names(self) -> int:
        """How many names it stands for."""
        return max(1, len(self.members))
