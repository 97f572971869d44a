"""What a row of numbers does from round to round: the steps that it keeps, and how often."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from portaudit.model.difference import Course

OFTEN = 0.8
"""Share of the rounds from which on something happens in each round, but for a few."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a row kept of each round, and what that says."""

    course: Course
    steps: tuple[int, ...]
    """References kept (or lost for good) in each round; what came and was given back is not in it."""
    period: int | None = None
    """The steps repeat after so many rounds; None if they do not."""

    @property
    def rate(self) -> float:
        """References a round: of what repeats, over whole periods."""
        steps = self.steps[: self.period] if self.period else self.steps
        return sum(steps) / len(steps)

    @property
    def rounds(self) -> tuple[int, ...]:
        """The rounds that left something, counted from 1."""
        return tuple(number for number, step in enumerate(self.steps, 1) if step)


def kept_steps(values: Sequence[int]) -> tuple[int, ...]:
    """Give what each round added and no later round gave back, or took and none brought back."""
    first, last = values[0], values[-1]
    if last == first:
        return (0,) * (len(values) - 1)
    falls = last < first
    numbers = [-value if falls else value for value in values]
    levels = [max(numbers[0], min(numbers[place:])) for place in range(len(numbers))]
    sign = -1 if falls else 1
    return tuple(sign * (after - before) for before, after in pairwise(levels))


def course_of(steps: Sequence[int]) -> Kept:
    """Say how often something was kept (or lost): in each round, in some, once, or never for good."""
    steps = tuple(steps)
    events = sum(map(bool, steps))
    if not events:
        return Kept(Course.COMES_AND_GOES, steps)
    if events == 1 and len(steps) > 1:
        return Kept(Course.ONCE, steps)
    often = events >= OFTEN * len(steps)
    return Kept(Course.EVERY_ROUND if often else Course.SOME_ROUNDS, steps, period(steps))


def period(steps: Sequence[int]) -> int | None:
    """Give the fewest rounds after which the steps repeat, seen twice at least; None if they do not."""
    for length in range(1, len(steps) // 2 + 1):
        if all(step == steps[place % length] for place, step in enumerate(steps)):
            return length
    return None
