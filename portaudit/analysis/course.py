"""What a row of numbers does from round to round: kept steps, their period, their rate, and a line."""

from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from statistics import fmean, median_low, multimode

from portaudit.model.difference import Course, Kept, Line

A_LINE = 3
"""So many events make a line; two are only two."""

A_PATTERN = 8
"""Rounds: in fewer ones, names of one class too often come and stay at even distances by chance."""


def kept_steps(values: Sequence[int]) -> tuple[int, ...]:
    """Give what each round added and no later round gave back, or took and none brought back.

    A row that ends where it began kept nothing. A loss that reaches 0 can go no further: the rounds
    after that say nothing and are left out.
    """
    first, last = values[0], values[-1]
    if last == first:
        return (0,) * (len(values) - 1)
    falls = last < first
    numbers = [-value if falls else value for value in values]
    levels = [max(numbers[0], min(numbers[place:])) for place in range(len(numbers))]
    if falls and 0 in levels:
        levels = levels[: levels.index(0) + 1]
    sign = -1 if falls else 1
    return tuple(sign * (after - before) for before, after in pairwise(levels))


def gives_back(values: Sequence[int]) -> bool:
    """Whether the row also moves against its own trend: it is in use, not only leaked into."""
    trend = values[-1] - values[0]
    return any((after - before) * trend < 0 for before, after in pairwise(values))


def course_of_row(values: Sequence[int]) -> Kept:
    """Judge the references of one lasting object.

    Every round: more than half of the rounds keep the same number. Some rounds: the steps repeat, or
    there are three or more, and none was ever given back. Whatever stopped before the second half of
    the rounds happened once, and so did what used up a few references and ended there.
    """
    steps = kept_steps(values)
    events = [number for number, step in enumerate(steps, 1) if step]
    if not events:
        return Kept(Course.COMES_AND_GOES, steps)
    used_up = len(steps) < min(A_LINE, len(values) - 1)
    if len(events) == 1 or used_up or events[-1] <= len(steps) / 2:
        return Kept(Course.COMES_AND_GOES if gives_back(values) else Course.ONCE, steps)
    repeats = period(steps)
    common = multimode(steps)
    if repeats == 1 or (len(common) == 1 and common[0] and steps.count(common[0]) > len(steps) / 2):
        return Kept(Course.EVERY_ROUND, steps, common[0], repeats)
    if len(events) == len(steps):
        return Kept(Course.EVERY_ROUND, steps, _mean_rate(steps, repeats), repeats)
    if not gives_back(values) and (repeats or len(events) >= A_LINE):
        return Kept(Course.SOME_ROUNDS, steps, _mean_rate(steps, repeats), repeats)
    return Kept(Course.COMES_AND_GOES, steps)


def course_of_class(steps: tuple[int, ...], *, in_use: bool, late: bool) -> Kept:
    """Judge names that are new in each round: of one class, and each held since.

    Unrelated ports of the same class come and stay, too, now and then. So only what every round
    leaves behind is a rate (its median: strangers add to a few rounds), or an exact period seen three
    times in eight rounds or more. Where it comes `late` (a leaked right that dies a round later) the
    first round may be silent.
    """
    events = [number for number, step in enumerate(steps, 1) if step]
    settled = steps[1:] if late and len(steps) > A_LINE and not steps[0] else steps
    if len(events) > 1 and all(settled):
        repeats = period(settled)
        even = repeats is not None and repeats > 1 and not in_use
        rate = _mean_rate(settled, repeats) if even else float(median_low(settled))
        return Kept(Course.EVERY_ROUND, steps, rate, repeats)
    repeats = period(steps)
    if repeats and max(A_PATTERN, A_LINE * repeats) <= len(steps) and not in_use:
        return Kept(Course.SOME_ROUNDS, steps, _mean_rate(steps, repeats), repeats)
    return Kept(Course.ONCE if len(events) == 1 else Course.COMES_AND_GOES, steps)


def period(steps: Sequence[int]) -> int | None:
    """Give the fewest rounds after which the steps repeat, seen twice at least; None if they do not."""
    for length in range(1, len(steps) // 2 + 1):
        if all(step == steps[place % length] for place, step in enumerate(steps)):
            return length
    return None


def _mean_rate(steps: Sequence[int], repeats: int | None) -> float:
    return fmean(steps[:repeats])


def fit(values: Sequence[int]) -> Line:
    """Lay the line of least squares through the numbers of rounds 0, 1, 2 ..."""
    middle, height = (len(values) - 1) / 2, fmean(values)
    spread = sum((place - middle) ** 2 for place in range(len(values)))
    slope = sum((place - middle) * (value - height) for place, value in enumerate(values)) / spread
    offset = height - slope * middle
    off = fmean((value - offset - slope * place) ** 2 for place, value in enumerate(values))
    return Line(slope, offset, sqrt(off))
