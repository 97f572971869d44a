"""Subjects and what a process has for good: judged by their numbers alone, in pairs and series."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.analysis.causes import CAUSES, Evidence, claims, finding
from portaudit.analysis.causes.rule import plural, port, who
from portaudit.analysis.kinds import IDENTITY, POWER, is_first_use
from portaudit.model.difference import STANDING, SUBJECT, Change, SeriesRow
from portaudit.model.severity import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.model.difference import Difference
    from portaudit.model.finding import Finding

STRICT = (SUBJECT, STANDING)

TASKS = POWER | IDENTITY
"""Kinds of which each object is a subject of its own."""

A_SERIES = 3
"""Rounds: in fewer, what came in the first and never again is no cache but half of what was seen."""


def summed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Add up, in a series, the subjects of one class in one task that are not one object: semaphores, say.

    What is handed over anew in each round is another object each time, and its leak is one leak with a rate.
    """
    rest: list[Change] = []
    classes: defaultdict[tuple[object, ...], list[Change]] = defaultdict(list)
    for row in changes:
        if row.kind is SUBJECT and row.kobject not in TASKS and row.series and row.doubt is None:
            classes[row.role, row.process, row.right, row.kobject, row.class_name].append(row)
        else:
            rest.append(row)
    return (*rest, *(rows[0] if len(rows) == 1 else _sum_of(rows) for rows in classes.values()))


def _sum_of(rows: list[Change]) -> Change:
    series = tuple(map(sum, zip(*(row.series for row in rows), strict=True)))
    kept = [row for row in rows if row.residual] or rows
    change = series[-1] - series[0]
    return structs.replace(
        kept[-1],
        object=None,
        before=series[0],
        after=series[-1],
        expected=change - sum(row.residual for row in rows),
        idle=0,
        series=series,
        names=tuple(row.name for row in kept if row.name is not None),
    )


def judged_strictly(evidence: Evidence, *, warmed: bool) -> Iterator[Finding]:
    """Give a finding for each residual: an error, or a note where it was kept at a first use alone."""
    caches = tuple(row for row in evidence.residuals if is_cache(row, warmed=warmed))
    kept = set(map(id, caches))
    errors = tuple(row for row in evidence.residuals if id(row) not in kept)
    for rule, claim in claims(CAUSES, replace(evidence, residuals=errors))[0]:
        one = finding(rule, claim, Severity.ERROR)
        yield _at_its_pace(one, evidence.spaces.difference) if claim.rows[0].series else one
    for rule, claim in claims(CAUSES, replace(evidence, residuals=caches))[0]:
        yield _as_a_cache(finding(rule, claim, Severity.NOTE))


def is_cache(row: Change, *, warmed: bool) -> bool:
    """Whether a gain looks like what is taken once and kept: it proves no leak."""
    if not row.series:
        return is_first_use(row)
    steps = steps_of(row)
    once = len(steps) >= A_SERIES and steps[0] > 0 and not any(steps[1:])
    return once and not warmed


def steps_of(row: Change) -> tuple[int, ...]:
    """Give what a row of a series gained or lost in each round; empty for a pair."""
    return tuple([after - before for before, after in pairwise(row.series)])


def with_rate(row: Change, operations: int) -> Change:
    """Give a row of a series its rate for each operation; of what repeats, over whole periods."""
    from portaudit.analysis.series.course import course_of, kept_steps  # noqa: PLC0415  a pair has no rounds

    kept = course_of(kept_steps(row.series))
    whole = kept.rate if row.residual == row.change else row.residual / len(kept.steps)
    return structs.replace(row, rate=whole / operations)


def _as_a_cache(one: Finding) -> Finding:
    row = one.rows[0]
    first = " in the first round" if row.series else ""
    kept = plural(sum(row.residual for row in one.rows), "reference")
    return structs.replace(
        one,
        title=f"{who(row)} took {kept} to {port(row)}{first} and kept it: a cache, or one leak",
        evidence=f"{one.evidence}; what is taken once and kept is a cache, as a rule; more rounds would tell",
        confidence=Confidence.HINT,
        rate=row.rate,
        pace=_pace_of(row) if row.series else "",
        series=row.series,
    )


def _pace_of(row: Change) -> str:
    from portaudit.analysis.series.course import series_row  # noqa: PLC0415  a pair has no rounds

    return series_row(row).pace


def _at_its_pace(one: Finding, difference: Difference) -> Finding:
    from portaudit.analysis.series.course import told_of_row  # noqa: PLC0415  a pair has no rounds

    return told_of_row(one, difference.snapshots)


def series_rows(rows: Iterable[Change]) -> tuple[SeriesRow, ...]:
    """Give the rows of a series that are judged by their numbers, the steepest first."""
    from portaudit.analysis.series.course import series_row  # noqa: PLC0415  a pair has no rounds

    shown = [series_row(row) for row in rows if row.kind in STRICT and row.doubt is None]
    return tuple(sorted(shown, key=lambda row: -abs(row.change.rate or 0)))
