"""A straight line through numbers that have noise: pools by their size, services by their references."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt
from operator import mul
from statistics import fmean

from portaudit.analysis.series.survival import Limits, limit

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
    count, height = len(numbers), fmean(numbers)
    places, spread = _places(count)
    slope = sum(map(mul, places, numbers)) / spread
    off = [number - height - slope * place for place, number in zip(places, numbers, strict=True)]
    square = sum(map(mul, off, off))
    lag = sum(map(mul, off, off[1:]))
    lasting = min(0.8, max(0.0, (lag / square if square > 1e-9 else 0.0) + 1 / count))  # noqa: PLR2004  as good as 0
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
