"""What a row of numbers does from round to round: the steps that it keeps, its trend, and both in words.

The trend is a straight line through numbers that have noise: pools by size, services by their references.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import isclose, sqrt
from operator import mul
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.analysis.series.survival import Limits, limit
from portaudit.model.difference import Change, Course, SeriesRow, a_round, rounded, spelled
from portaudit.model.resource import full_at
from portaudit.model.rights import UREFS_MAX
from portaudit.model.severity import Confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portaudit.model.finding import Finding
    from portaudit.model.snapshot import Snapshot


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


SIZE: Limits = ((8, 14.0), (15, 10.5))
"""t of a line through the number of names of a class: a pool of a constant size is exact."""

REFERENCES: Limits = ((5, 25.0), (8, 10.5))
"""t of a line through references that rises by EACH a round or more; 5 to 7 rounds tell rows without noise
only."""

SLOWER: Limits = ((5, 25.0), (8, 15.0), (15, 10.5))
"""The same for a line that rises by less, and for vouchers: what is in use drifts so far, and a leak in every
second round is exact."""

EACH = 0.8
"""References a round that a leak in nearly each round leaves at least."""

LEAST_SLOPE: Limits = ((8, 0.8), (15, 0.25))
"""Names a round: in few rounds a class that grows evenly by less is a cache that fills."""

HALF = 0.5
"""Either half of the rounds must have risen by this share of what the line says."""

LEAST_NOISE = 0.02
"""Square references: numbers that lie on a line exactly are whole numbers all the same."""


@dataclass(frozen=True, slots=True)
class Trend:
    """The line of least squares, and how many times its own error its slope is."""

    slope: float
    t: float


def trend(numbers: Sequence[int]) -> Trend:
    """Lay the line through the numbers of rounds 0, 1, 2 ...; lasting noise widens its error."""
    count = len(numbers)
    height = sum(numbers) / count
    places, spread = _places(count)
    slope = sum(map(mul, places, numbers)) / spread
    off = [number - height - slope * place for place, number in zip(places, numbers, strict=True)]
    square = sum(map(mul, off, off))
    lag = sum(map(mul, off, off[1:]))
    lasting = min(0.8, max(0.0, lag / max(square, 1e-9) + 1 / count))
    noise = max(square / max(1, count - 2), LEAST_NOISE)
    return Trend(slope, slope / sqrt(noise / spread * (1 + lasting) / (1 - lasting)))


@cache
def _places(count: int) -> tuple[tuple[float, ...], float]:
    """Give the places of so many numbers from their middle on, and how far they spread."""
    places = tuple(place - (count - 1) / 2 for place in range(count))
    return places, sum(map(mul, places, places))


def size_grows(numbers: Sequence[int]) -> float | None:
    """Give the names a round by which a class grows on a line, in both halves; None where it does not."""
    line, rounds = trend(numbers), len(numbers) - 1
    middle = numbers[rounds // 2]
    enough = HALF * line.slope * (rounds // 2)
    halves = middle - numbers[0] >= enough and numbers[-1] - middle >= enough
    return (
        line.slope
        if line.slope >= limit(LEAST_SLOPE, rounds) and line.t >= limit(SIZE, rounds) and halves
        else None
    )


def references_climb(numbers: Sequence[int], *, in_use: bool = False) -> float | None:
    """Give the references a round on whose line a row rises or falls; None where noise explains it.

    `in_use`: whether references to objects of its kind come and go by the dozen in healthy processes.
    """
    line = trend(numbers)
    table = REFERENCES if abs(line.slope) >= EACH and not in_use else SLOWER
    return line.slope if abs(line.t) >= limit(table, len(numbers) - 1) else None


ALIKE = 0.001
"""Share by which two rates may differ that are the same to a reader."""

SHOWN = 24
"""Numbers: a longer series is shown by its first and last ones."""


def series_row(row: Change) -> SeriesRow:
    """Give a row with its course in words."""
    kept = course_of(kept_steps(row.series))
    return SeriesRow(row, kept.course, pace(kept))


def told_of_row(one: Finding, snapshots: Sequence[Snapshot]) -> Finding:
    """Tell a finding of a series with the pace of its first row, and when that comes to an end.

    What happens in each round alike stays as certain as its rule is; the rest is likely.
    """
    row = one.rows[0]
    kept = course_of(kept_steps(row.series))
    certain = kept.course is Course.EVERY_ROUND or one.confidence is not Confidence.CERTAIN
    return structs.replace(
        one,
        title=f"{one.title}: {pace(kept)}",
        evidence="; ".join(filter(None, (one.evidence, end_of(row, kept.rate, snapshots)))),
        confidence=one.confidence if certain else Confidence.LIKELY,
        rate=row.rate,
        pace=pace(kept) + of_an_operation(row.rate, kept.rate),
        series=row.series,
    )


def pace(kept: Kept) -> str:
    """Say how something goes on: `+1 a round`, `+1 every 3 rounds (0.33 a round)`."""
    rounds, total = len(kept.steps), sum(kept.steps)
    if not kept.rounds:
        return "comes and goes"
    if kept.course is Course.ONCE:
        return f"{total:+d} once, in round {kept.rounds[0]} of {rounds}"
    rate = a_round(total / rounds)
    if kept.period == 1:
        return f"{kept.steps[0]:+d} a round"
    if kept.period is not None:
        return f"{sum(kept.steps[: kept.period]):+d} every {kept.period} rounds ({rate[1:]})"
    if len(kept.rounds) == rounds:
        return rate
    return f"{rate}, in {len(kept.rounds)} of {rounds} rounds"


def of_an_operation(rate: float | None, of_a_round: float) -> str:
    """Add what one operation makes of a rate, where a round makes several."""
    if rate is None or isclose(rate, of_a_round, rel_tol=ALIKE):
        return ""
    return f", {rounded(rate):+g} an operation"


def numbers(series: Sequence[int]) -> str:
    """Spell a series: `2 2 3 4 5`."""
    return spelled(series, SHOWN)


def end_of(row: Change, rate: float, snapshots: Sequence[Snapshot]) -> str:
    """Say when a rate ends: the counter is full, the space is full, or the last reference is gone."""
    if not rate or row.after is None:
        return ""
    if rate < 0:
        left, what = row.after / -rate, "the last reference is gone"
    elif row.names:
        return _full_space(rate, snapshots)
    else:
        left, what = (UREFS_MAX - row.after) / rate, f"the counter is full ({UREFS_MAX:,})"
    return f"at this rate {what} in about {int(left):,} more rounds"


def _full_space(rate: float, snapshots: Sequence[Snapshot]) -> str:
    """Say when names fill the space: a range, since the limits that were seen differ."""
    limits = full_at(snapshots[-1].machine.os)
    fewest, most = (int(limit / rate) for limit in (limits.fewest, limits.most))
    return f"at this rate alone the space is full after {fewest:,} to {most:,} rounds ({limits.source})"
