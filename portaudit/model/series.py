"""How a row ran through three or more snapshots: its numbers, the line through them, and its course."""

from dataclasses import dataclass
from enum import StrEnum

from portaudit.model.difference import Change


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
