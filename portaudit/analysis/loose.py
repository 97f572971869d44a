"""What comes and goes: judged as a pair or a series proves it, and put into words by the rules."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.analysis.causes import CAUSES, Claim, Evidence, Rule, claims, finding
from portaudit.analysis.causes.rule import plural, who
from portaudit.analysis.classes import RightsClass, by_idle_key, classes_of, rotated
from portaudit.analysis.idle import silent
from portaudit.analysis.kinds import UNREAD_KIND, is_of_unread_kind, with_kinds
from portaudit.analysis.pairs import Matter, PairTerms, judged_as_pair
from portaudit.model.difference import Kind
from portaudit.model.severity import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.model.declared import Terms
    from portaudit.model.difference import Change, Difference
    from portaudit.model.finding import Finding

ONE_PAIR = "one pair of readings cannot tell a leak from what comes and goes (portaudit explain pair)"
"""What a note says of itself."""


def judged_loosely(
    evidence: Evidence, changes: Iterable[Change], terms: Terms
) -> tuple[list[Matter], Iterator[str]]:
    """Judge what comes and goes, and give remarks about it."""
    difference, classes = evidence.spaces.difference, classes_of(changes)
    if difference.between:
        from portaudit.analysis.series.leaks import (  # noqa: PLC0415  a pair has no use for it
            judged_as_series,
            too_little,
            unknown_times,
            without_a_rate,
        )

        if (why := too_little(difference)) is None:
            leaks = list(judged_as_series(classes, difference, terms.operations))
            remarks = (unknown_times(leaks, difference), without_a_rate(classes, leaks))
            return leaks, iter((*filter(None, remarks), *_came_and_went(classes)))
        pair = _as_pair(classes, difference, PairTerms())
        return pair, iter((*([why] if pair else []), *_came_and_went(classes)))
    idle = by_idle_key(classes_of(with_kinds(terms.idle))) if terms.idle else None
    pair_terms = PairTerms(terms.operations, idle, silent(difference, terms.idle), terms.every_gain)
    pair = _as_pair(classes, difference, pair_terms)
    return pair, _came_and_went(classes)


def without_unread_kinds(
    changes: Iterable[Change], matters: Iterable[Matter]
) -> tuple[tuple[Change, ...], list[Matter]]:
    """Put in doubt what may be a right to a task port, since nobody read what it is, unless it is proven."""
    proven: list[Matter] = []
    notes: list[Matter] = []
    for matter in matters:
        (notes if matter.severity is Severity.NOTE else proven).append(matter)
    notes = [note for note in notes if not is_of_unread_kind(note.rows[0])]
    open_ones = {id(row) for row in changes if is_of_unread_kind(row) and row.residual}
    if open_ones:
        open_ones -= {id(row) for matter in proven for row in matter.looked_at}
        changes = (
            structs.replace(row, doubt=UNREAD_KIND) if id(row) in open_ones else row for row in changes
        )
    return tuple(changes), [*proven, *notes]


def _as_pair(classes: Iterable[RightsClass], difference: Difference, terms: PairTerms) -> list[Matter]:
    return [matter for known in classes for matter in judged_as_pair(known, difference, terms)]


def _came_and_went(classes: Iterable[RightsClass]) -> Iterator[str]:
    if came := rotated(classes):
        each = "as many of their kinds" if came > 1 else "one of its kind"
        yield f"{plural(came, 'right')} came and {each} went: nothing is kept of them"


def told(matter: Matter, evidence: Evidence) -> Finding:
    """Put a matter into words: the rule that explains most of its rows names the cause."""
    rule, claim = _explanation(matter, evidence)
    numbers = "; ".join(filter(None, (matter.numbers, matter.why)))
    if matter.severity is Severity.NOTE:
        claim = structs.replace(
            claim,
            rows=matter.rows,
            evidence=f"{numbers}; {ONE_PAIR}" if not matter.rows[0].series else numbers,
            confidence=Confidence.HINT,
            title=f"{who(matter.rows[0])}: {matter.title}",
        )
    else:
        seen = "; ".join(filter(None, (numbers, claim.evidence)))
        # What no rule explains is called by what it is
        what = f"{matter.title} are kept" if rule.id == "L1" and matter.pace else claim.title or rule.title
        title = f"{who(matter.rows[0])}: {what}{matter.pace and f': {matter.pace}'}"
        claim = structs.replace(claim, rows=matter.rows, evidence=seen, title=title)
    one = finding(rule, claim, matter.severity)
    return structs.replace(
        one,
        judged_as=Kind.COMING_AND_GOING,
        rate=matter.rate,
        pace=matter.pace,
        series=matter.rows[0].series if matter.rate else (),
    )


def _explanation(matter: Matter, evidence: Evidence) -> tuple[Rule, Claim]:
    falls = matter.falls
    shown = tuple(row for row in matter.looked_at if (left := row.residual) and (left < 0) == falls)
    looked_at = replace(evidence, residuals=shown or matter.looked_at, guards=())
    found, _ = claims(CAUSES, looked_at, largest=True)
    return max(found, key=lambda one: len(one[1].explained))
