"""How a series is put into words: the rate in a title, and when it comes to an end."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.analysis.causes.words import a_round, rounded
from portaudit.analysis.series.course import Kept, course_of, kept_steps
from portaudit.model.difference import Change, Course, SeriesRow
from portaudit.model.finding import Confidence, Finding
from portaudit.model.resource import full_at
from portaudit.model.rights import UREFS_MAX

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portaudit.model.snapshot import Snapshot

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
    return f", {rounded(rate)} an operation"


def numbers(series: Sequence[int]) -> str:
    """Spell a series: `2 2 3 4 5`."""
    if len(series) <= SHOWN:
        return " ".join(map(str, series))
    half = SHOWN // 2
    return f"{numbers(series[:half])} ... {numbers(series[-half:])}"


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
