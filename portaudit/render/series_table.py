"""The rows of a series for people: what each held after every round, and what that says."""

from collections.abc import Iterator

from portaudit.model.difference import Course, SeriesRow
from portaudit.model.rights import Right
from portaudit.render.layout import aligned, hang
from portaudit.render.words import what, who

SHOWN = 16
"""Numbers: of a longer series the first and the last ones are shown."""


def series_table(rows: tuple[SeriesRow, ...], width: int) -> Iterator[str]:
    """Yield one line for each of the rows, the steepest first: `urefs 2 2 3 4 5`."""
    rounds = len(rows[0].change.series) - 1
    yield from hang("", f"Changed in {rounds} rounds, from before the first to after the last:", width)
    yield from aligned(map(_cells, rows), width)


def _cells(row: SeriesRow) -> tuple[str, ...]:
    change = row.change
    goes_on = row.kept.course in (Course.EVERY_ROUND, Course.SOME_ROUNDS)
    pace = f"{row.kept.rate:+.3g} a round" if goes_on else str(row.kept.course)
    return who(change), change.right, what(change), pace, _series(row)


def _series(row: SeriesRow) -> str:
    counted = row.change.right in (Right.SEND, Right.DEAD_NAME) and row.names == 1
    return f"{'urefs' if counted else 'names'} {_numbers(row.change.series)}"


def _numbers(series: tuple[int, ...]) -> str:
    if len(series) <= SHOWN:
        return " ".join(map(str, series))
    half = SHOWN // 2
    return f"{_numbers(series[:half])} ... {_numbers(series[-half:])}"
