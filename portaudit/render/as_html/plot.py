"""A series as pictures: numbers by round, the line fitted through them, and where they stepped; in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING

from portaudit.harmless import safe
from portaudit.model.rights import Right, rights_of
from portaudit.render.words import numbers, thing, what, who

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from portaudit.model.difference import BalanceRow, Difference, SeriesRow
    from portaudit.model.finding import Finding, Report
    from portaudit.model.snapshot import Snapshot

WIDTH, HEIGHT = 460, 190
LEFT, RIGHT, TOP, BOTTOM = 52, 448, 12, 158
"""Where the axes stand: numbers to the left of them, rounds below."""

SPARK_WIDTH, SPARK_HEIGHT = 110, 22
MARKED = 60
"""Rounds of which each number has a mark; of more the line alone is drawn."""

LISTED = 12
"""Rounds that a caption names."""

TICKS = 6
"""Numbers below an axis, or beside it, at most."""

LETTERS = 32
"""Letters of a name in a legend."""

HUES = ("line-1", "line-2", "line-3", "line-4")
"""How the lines of several tasks are told apart: by colour, and by dashes."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A number beside an axis, and where."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """Numbers, round after round, as points of a path."""

    name: str
    points: str
    marks: tuple[tuple[float, float, bool], ...]
    """Each reading: where, and whether its round left something."""
    hue: str = HUES[0]


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of numbers by round, and what it shows in words."""

    title: str
    told: str
    lines: tuple[Line, ...]
    fitted: str | None
    rounds: tuple[Tick, ...]
    levels: tuple[Tick, ...]
    caption: str
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True, slots=True)
class Spark:
    """One row of a series in the table, with a small picture of its numbers."""

    task: str
    right: str
    what: str
    pace: str
    numbers: str
    points: str
    width: int = SPARK_WIDTH
    height: int = SPARK_HEIGHT


def plot_of(finding: Finding) -> Plot | None:
    """Draw the numbers of a finding by round, with the line through them; None if it has no series."""
    series = finding.series
    if len(series) < 3:  # noqa: PLR2004  two numbers are a pair
        return None
    noun = "names" if finding.rows and finding.rows[0].names else "references"
    scale = _Scale.of((series,))
    steps = stepped(series)
    first, last = fitted(series)
    return Plot(
        f"{noun.capitalize()} by round",
        f"{noun}: {numbers(series)}",
        (_line(noun, series, scale, steps),),
        f"M{scale.x(0)} {scale.y(first)}L{scale.x(len(series) - 1)} {scale.y(last)}",
        scale.rounds(),
        scale.levels(),
        f"{noun.capitalize()} after each round, from before the first; dashed, the line fitted through them"
        f"{_told_steps(steps, len(series) - 1)}.",
    )


def balance_plots(report: Report) -> Iterator[Plot]:
    """Draw what each task holds of each transferred port, by round; nothing for a pair."""
    if report.difference.rounds < 2:  # noqa: PLR2004  a pair has its numbers in the table
        return
    for row in report.balance:
        held = _held_by_round(row, report.difference)
        if any(len(set(series)) > 1 for series in held.values()):
            yield _balance_plot(" ".join(filter(None, thing(row))), held)


def _balance_plot(port: str, held: dict[str, tuple[int, ...]]) -> Plot:
    scale = _Scale.of(tuple(held.values()))
    lines = tuple(
        _line(title, series, scale, frozenset(), HUES[number % len(HUES)])
        for number, (title, series) in enumerate(held.items())
    )
    told = "; ".join(f"{safe(title)}: {numbers(series)}" for title, series in held.items())
    caption = f"References to {port} that each task holds, by round."
    return Plot(f"{port} by round", told, lines, None, scale.rounds(), scale.levels(), caption)


def sparks_of(report: Report, most: int) -> list[Spark]:
    """Give the rows of a series with a small picture each, the steepest first."""
    return [_spark(row) for row in report.series[:most]]


def _spark(row: SeriesRow) -> Spark:
    series = row.change.series
    scale = _Scale(min(series), max(series), len(series) - 1, 2, SPARK_WIDTH - 2, 3, SPARK_HEIGHT - 3)
    points = _path(series, scale)
    return Spark(who(row.change), row.change.right, what(row.change), row.pace, numbers(series), points)


def stepped(series: Sequence[int]) -> frozenset[int]:
    """Give the rounds, counted from 1, that left something which no later round gave back."""
    falls = series[-1] < series[0]
    values = [-value if falls else value for value in series]
    levels = [max(values[0], min(values[place:])) for place in range(len(values))]
    return frozenset(number for number in range(1, len(levels)) if levels[number] > levels[number - 1])


def fitted(series: Sequence[int]) -> tuple[float, float]:
    """Give both ends of the line of least squares through the numbers of rounds 0, 1, 2 ..."""
    count = len(series)
    middle, height = (count - 1) / 2, fmean(series)
    spread = sum((place - middle) ** 2 for place in range(count))
    slope = sum((place - middle) * (number - height) for place, number in enumerate(series)) / spread
    return height - slope * middle, height + slope * middle


def _told_steps(steps: frozenset[int], rounds: int) -> str:
    if not steps:
        return ""
    if len(steps) == rounds:
        return "; a larger mark where a round left something: each"
    where = f"round{'s' * (len(steps) > 1)} {', '.join(map(str, sorted(steps)))}"
    if len(steps) > LISTED:
        where = f"{len(steps)} of {rounds} rounds"
    return f"; a larger mark where a round left something: {where}"


@dataclass(frozen=True, slots=True)
class _Scale:
    """From rounds and numbers to pixels."""

    low: float
    high: float
    last: int
    left: float = LEFT
    right: float = RIGHT
    top: float = TOP
    bottom: float = BOTTOM

    @classmethod
    def of(cls, series: Sequence[Sequence[int]]) -> _Scale:
        """Span all numbers; from 0 where that costs less than half of the height."""
        seen = [number for one in series for number in one]
        low, high = min(seen), max(seen)
        return cls(0 if 0 <= low <= high / 2 else low, max(high, low + 1), max(map(len, series)) - 1)

    def x(self, number: float) -> float:
        """Give where a round stands."""
        return round(self.left + (self.right - self.left) * number / max(self.last, 1), 1)

    def y(self, number: float) -> float:
        """Give where a number stands; what lies beyond the axis, at its end."""
        share = (number - self.low) / (self.high - self.low or 1)
        return round(self.bottom - (self.bottom - self.top) * min(max(share, 0), 1), 1)

    def rounds(self) -> tuple[Tick, ...]:
        """Give the rounds that are named below."""
        return tuple(Tick(self.x(number), str(number)) for number in _even(0, self.last))

    def levels(self) -> tuple[Tick, ...]:
        """Give the numbers that are named beside."""
        return tuple(Tick(self.y(number), f"{number:,}") for number in _even(int(self.low), int(self.high)))


def _even(low: int, high: int) -> Iterator[int]:
    """Yield a few round numbers of a range."""
    step = 1
    while (high - low) // step >= TICKS:
        step = step * 2 if str(step)[0] in "15" else step // 2 * 5
    first = -(-low // step) * step
    yield from range(first, high + 1, step)


def _line(name: str, series: Sequence[int], scale: _Scale, steps: frozenset[int], hue: str = HUES[0]) -> Line:
    shown = enumerate(series) if len(series) <= MARKED + 1 else ()
    marks = tuple((scale.x(place), scale.y(number), place in steps) for place, number in shown)
    return Line(_cut(name), _path(series, scale), marks, hue)


def _cut(name: str) -> str:
    shown = safe(name)
    return shown if len(shown) <= LETTERS else f"{shown[: LETTERS - 1]}…"


def _path(series: Sequence[int], scale: _Scale) -> str:
    points = (f"{scale.x(place)} {scale.y(number)}" for place, number in enumerate(series))
    return f"M{'L'.join(points)}"


def _held_by_round(row: BalanceRow, difference: Difference) -> dict[str, tuple[int, ...]]:
    return {
        title: tuple(_references(snapshot, title, row.object) for snapshot in difference.snapshots)
        for title in row.sides
    }


def _references(snapshot: Snapshot, title: str, port: int | None) -> int:
    for task in snapshot.tasks:
        if task.title == title and task.entries is not None and port is not None:
            entries = task.entries
            return sum(
                entries.urefs[place] or 0
                for place, number in enumerate(entries.object)
                if number == port and Right.SEND in rights_of(entries.type[place])
            )
    return 0
