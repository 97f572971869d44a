"""What changed between two snapshots or over a series of them, as values that carry both sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from portaudit.model.kobject import class_of, label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portaudit.model.declared import Expectation
    from portaudit.model.rights import Right
    from portaudit.model.snapshot import Entry, Process, Snapshot


class Kind(StrEnum):
    """How strictly a right is judged, from the strictest to the mildest."""

    SUBJECT = "subject"
    """Power over another task, or what the user hands over: every reference must come back."""
    STANDING = "standing"
    """An object that the process has for good: the host, its own task, a thread that goes on."""
    GUARDED = "guarded"
    """What a guard exception names."""
    COMING_AND_GOING = "coming-and-going"
    """What healthy processes make and drop all the time."""

    __hash__ = str.__hash__  # an Enum's own is a function of Python, and each row and finding has a kind


SUBJECT, STANDING, COMING_AND_GOING = Kind.SUBJECT, Kind.STANDING, Kind.COMING_AND_GOING
"""For what asks of each row, as in `model/rights.py`."""


class Change(Struct, frozen=True, gc=False):
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
    """The task whose port the object is, by role or else by name and pid, where that is known."""
    expected: int = 0
    idle: int = 0
    """References that the class of this row also gained while nothing was transferred."""
    kind: Kind = Kind.COMING_AND_GOING
    allowed_by: Expectation | None = None
    """The expectation that speaks of this row, whether or not it allows the whole change."""
    was: Entry | None = None
    """The entry before, if the name existed."""
    now: Entry | None = None
    """The entry after, if the name exists."""
    rate: float | None = None
    """References gained or lost in one operation of a series; None for two snapshots."""
    series: tuple[int, ...] = ()
    """The references in each snapshot of a series, first to last; of a class, its names."""
    names: tuple[int, ...] = ()
    """The names that a row of a class stands for; empty for the row of one right."""
    doubt: str | None = None
    """Why the numbers of this row cannot be judged; None if they can."""

    @property
    def change(self) -> int:
        """References gained (positive) or lost (negative); 0 where a side is unknown."""
        return 0 if self.before is None or self.after is None else self.after - self.before

    @property
    def residual(self) -> int:
        """The change that neither the expectation nor the idle pair accounts for."""
        if self.before is None or self.after is None:
            return -self.expected - self.idle
        return self.after - self.before - self.expected - self.idle  # no call of `change`: it is asked often

    @property
    def kobject_label(self) -> str | None:
        """The kobject type as lsmp spells it."""
        return label_of(self.kobject)

    @property
    def description(self) -> str | None:
        """What the kernel says of the object, or said of it while it lived."""
        now, was = self.now, self.was
        if now is not None and now.description:
            return now.description
        return (was.description or None) if was is not None else None

    @property
    def class_name(self) -> str | None:
        """What it says of all objects of this kind."""
        told = self.description
        return None if told is None else class_of(self.kobject, told)


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
class FullerQueue:
    """A port at which more messages wait than before: each may carry a right that is in no space."""

    title: str
    """The task that receives."""
    name: int
    object: int | None
    more: int
    """Messages more than before."""


class BalanceRow(Struct, frozen=True, gc=False):
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
    queues: tuple[FullerQueue, ...] = ()
    notes: tuple[str, ...] = ()
    between: tuple[Snapshot, ...] = ()
    """The snapshots of a series between the first and the last."""
    own: dict[int, str] = field(default_factory=dict)
    """Object of each task's own control port, as far as it is known -> how `of` calls the task."""
    survey: bool = False
    """Whether these are so many tasks without a role that nobody can say whose transfer it is."""
    disorder: str | None = None
    """Why these are no two moments in their order, if they are not."""
    cut_short: str | None = None
    """Why the run that took the snapshots ended before its time, if it did."""

    @property
    def snapshots(self) -> tuple[Snapshot, ...]:
        """Every snapshot, first to last."""
        return (self.before, *self.between, self.after)

    @property
    def rounds(self) -> int:
        """How many rounds lie between the first snapshot and the last: one for a pair."""
        return len(self.between) + 1


@dataclass(frozen=True, slots=True)
class Applied:
    """Changes with what was expected of them, what did not come, and remarks."""

    changes: tuple[Change, ...]
    unmet: tuple[Change, ...] = ()
    """A row for each rule of which less came than it demands."""
    notes: tuple[str, ...] = ()


class Course(StrEnum):
    """What a row does, round after round."""

    EVERY_ROUND = "every round"
    SOME_ROUNDS = "some rounds"
    """It goes on, but not in each round, as an error path does."""
    ONCE = "once"
    """It happened, and stopped: a cache that fills at its first use, or one early return."""
    COMES_AND_GOES = "comes and goes"
    """No rate: the row is in use, or belongs to something else that the program does."""


def rounded(rate: float) -> float:
    """Give a rate with two decimals, or two digits where that would be nothing: 1, 0.33, 0.0042."""
    number = round(rate, 2) or float(f"{rate:.2g}")
    return int(number) if number == int(number) else number


def a_round(rate: float) -> str:
    """Say a rate: `+0.33 a round`."""
    return f"{rounded(rate):+g} a round"


def spelled(series: Sequence[int], most: int) -> str:
    """Spell a series: `2 2 3 4 5`; of one longer than `most` so many of the first and the last numbers."""
    if len(series) <= most:
        return " ".join(map(str, series))
    half = most // 2
    return f"{spelled(series[:half], half)} ... {spelled(series[-half:], half)}"


@dataclass(frozen=True, slots=True)
class SeriesRow:
    """One row of a series: its change from first to last, with rate and numbers, and its course."""

    change: Change
    course: Course
    pace: str
    """The course in words: `+1 a round`, `once, in round 2 of 6`."""
