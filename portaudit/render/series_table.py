"""The rows of a series for people: what each held after every round, and what that says."""

from collections.abc import Iterator

from tabulate import tabulate

from portaudit.model.rights import Right
from portaudit.model.series import SeriesRow
from portaudit.render.words import safe

HEADERS = ("task", "right", "kobject", "of", "course", "rate", "", "after each round")
ALIGN = ("left", "left", "left", "left", "left", "right", "left", "left")
SHOWN = 16
"""Numbers: of a longer series the first and the last ones are shown."""


def series_table(rows: tuple[SeriesRow, ...]) -> Iterator[str]:
    """Print one line a row, the steepest first."""
    if rows:
        yield tabulate(map(_cells, rows), HEADERS, tablefmt="simple", colalign=ALIGN, disable_numparse=True)


def _cells(row: SeriesRow) -> tuple[str, ...]:
    change = row.change
    dead = change.right is Right.DEAD_NAME
    counted = "urefs" if row.names == 1 and (dead or change.right is Right.SEND) else "names"
    return (
        safe(change.role or change.process.name or str(change.process.pid)),
        change.right,
        ("was " if dead and change.kobject_label else "") + (change.kobject_label or ""),
        change.of or "",
        row.kept.course,
        f"{change.rate or 0:+.3g}" if change.rate else "",
        counted,
        _numbers(change.series),
    )


def _numbers(series: tuple[int, ...]) -> str:
    if len(series) <= SHOWN:
        return " ".join(map(str, series))
    half = SHOWN // 2
    return f"{_numbers(series[:half])} ... {_numbers(series[-half:])}"
