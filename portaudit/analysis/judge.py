"""A difference and the terms in, a report out: what leaked, what was freed twice, what is open.

One judge serves pairs and series: a pair is a series of one round. How grave a residual is is said by its
kind
(subject, standing, guarded, coming and going); the cause rules only explain it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from portaudit.analysis.balance import balance
from portaudit.analysis.causes import (
    FILLED,
    GUARDED,
    POLICY,
    RECYCLED,
    UNDECIDED,
    UNMET,
    Evidence,
    claims,
    finding,
    left_over,
)
from portaudit.analysis.classes import RightsClass, by_idle_key, classes_of, rotated
from portaudit.analysis.expectations import apply, as_subjects
from portaudit.analysis.fingerprint import fingerprinted
from portaudit.analysis.idle import subtract, unknown
from portaudit.analysis.kinds import kind_of, with_kinds
from portaudit.analysis.pairs import Matter, PairTerms, judged_as_pair
from portaudit.analysis.spaces import Spaces
from portaudit.analysis.strict import STRICT, judged_strictly, series_rows, with_rate
from portaudit.analysis.told import told
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from portaudit.model.difference import Course, Kind, SeriesRow
from portaudit.model.finding import Confidence, Finding, Outcome, Report, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.analysis.causes import Rule
    from portaudit.analysis.expectations import Applied
    from portaudit.model.difference import Change, Difference, Recycled
    from portaudit.model.expectation import Expectation

NO_TERMS = Terms()


def judge(
    difference: Difference, expectations: Iterable[Expectation] = (), terms: Terms = NO_TERMS
) -> Report:
    """Say of every residual what it is.

    What the readings cannot decide (counts that stand at the maximum, rights that may be on their way, tasks
    that were not read, rows that a reading does not tell) is undecided, never balanced. Raises UsageError if
    an expectation or a subject names what no snapshot has, or two expectations contradict each other.
    """
    applied = apply(difference, with_kinds(difference), expectations)
    changes, idle = subtract(applied.changes, terms.idle, whole=terms.operations == 1)
    changes = as_subjects(difference, changes, terms.subjects)
    if difference.between:
        changes = _with_rates(changes, terms.operations)
    evidence = Evidence((), Spaces(difference, (*changes, *applied.unmet)), terms.guards)
    undecided, strict, unmet = _decided(evidence, changes, applied)
    loose, remarks = _loose(evidence, changes, terms)
    findings = (
        *judged_strictly(replace(evidence, residuals=strict), warmed=terms.warmed),
        *_of(GUARDED, evidence),
        *(told(matter, evidence) for matter in loose),
        *_of((UNMET,), replace(evidence, residuals=unmet)),
        *_recycled(evidence),
        *_of((FILLED,), evidence, Severity.NOTE),
        *(_of((POLICY,), evidence) if terms.policy == LEAST_PRIVILEGE else ()),
    )
    report = Report(
        outcome=Outcome.BALANCED,
        difference=difference,
        basis=_basis(difference),
        findings=fingerprinted(_within_what_is_known(findings, difference)),
        undecided=fingerprinted(undecided),
        idle=idle,
        balance=balance(evidence.spaces, changes),
        changes=changes,
        series=(*series_rows(changes), *_series_of(loose)) if difference.between else (),
        notes=(*difference.notes, *applied.notes, *remarks, *_notes(evidence, findings, terms)),
    )
    return sifted(report, terms)


def _basis(difference: Difference) -> str:
    if not difference.between:
        return "a pair"
    from portaudit.analysis.series.leaks import too_little

    rounds = f"{difference.rounds} rounds"
    return f"{rounds}, judged as a pair" if too_little(difference) else f"a series of {rounds}"


def _with_rates(changes: Iterable[Change], operations: int) -> tuple[Change, ...]:
    return tuple(with_rate(row, operations) if row.kind in STRICT else row for row in changes)


def _decided(
    evidence: Evidence, changes: Iterable[Change], applied: Applied
) -> tuple[list[Finding], tuple[Change, ...], tuple[Change, ...]]:
    """Part what stays open from the strict residuals, and from what did not come, that nothing excuses."""
    # What comes and goes is no loss that a message in a queue would have to explain
    strict = [row for row in changes if row.doubt is not None or (row.residual and row.kind in STRICT)]
    found, left = claims(UNDECIDED, replace(evidence, residuals=(*strict, *applied.unmet)))
    unmet = {id(row) for row in applied.unmet}
    return (
        [finding(rule, claim, Severity.WARNING) for rule, claim in found],
        tuple(row for row in left.residuals if id(row) not in unmet),
        tuple(row for row in left.residuals if id(row) in unmet),
    )


def _loose(evidence: Evidence, changes: Iterable[Change], terms: Terms) -> tuple[list[Matter], Iterator[str]]:
    """Judge what comes and goes, and give remarks about it."""
    difference, classes = evidence.spaces.difference, classes_of(changes)
    if difference.between:
        from portaudit.analysis.series.leaks import (
            judged_as_series,
            too_little,
            without_a_rate,
        )

        if (why := too_little(difference)) is None:
            leaks = list(judged_as_series(classes, difference, terms.operations))
            rest = without_a_rate(classes, leaks)
            return leaks, iter((*([rest] if rest else []), *_came_and_went(classes)))
        pair = _as_pair(classes, difference, PairTerms())
        return pair, iter((*([why] if pair else []), *_came_and_went(classes)))
    idle = by_idle_key(classes_of(with_kinds(terms.idle))) if terms.idle and terms.operations > 1 else None
    pair = _as_pair(classes, difference, PairTerms(terms.operations, idle, terms.every_gain))
    return pair, _came_and_went(classes)


def _as_pair(classes: Iterable[RightsClass], difference: Difference, terms: PairTerms) -> list[Matter]:
    return [matter for known in classes for matter in judged_as_pair(known, difference, terms)]


def _came_and_went(classes: Iterable[RightsClass]) -> Iterator[str]:
    came, went = rotated(classes)
    if came or went:
        yield f"{came} rights came and as many of their kinds went: nothing is kept of them"


def _of(rules: Iterable[Rule], evidence: Evidence, severity: Severity = Severity.ERROR) -> list[Finding]:
    found, _ = claims(rules, evidence)
    return [finding(rule, claim, severity) for rule, claim in found]


def _recycled(evidence: Evidence) -> Iterator[Finding]:
    """Tell of names used again: a warning where somebody may still act on a strict right under that name."""
    difference = evidence.spaces.difference
    strict = tuple(one for one in difference.recycled if _was_strict(one))
    rest = tuple(one for one in difference.recycled if not _was_strict(one))
    for reused, severity in ((strict, Severity.WARNING), (rest, Severity.NOTE)):
        part = replace(evidence, spaces=Spaces(replace(difference, recycled=reused), ()))
        for rule, claim in claims((RECYCLED,), part)[0]:
            yield replace(finding(rule, claim, severity), judged_as=kind_of(claim.rows[0]))


def _was_strict(reused: Recycled) -> bool:
    return kind_of(replace(reused.lost, after=reused.lost.before)) in STRICT


def _within_what_is_known(findings: tuple[Finding, ...], difference: Difference) -> tuple[Finding, ...]:
    """Leave out what readings in disorder seem to show; of a survey nothing is graver than a note."""
    if difference.disorder is not None:
        return ()
    if difference.survey:
        return tuple(replace(one, severity=Severity.NOTE) for one in findings)
    return findings


def _series_of(matters: Iterable[Matter]) -> Iterator[SeriesRow]:
    for matter in matters:
        for row in matter.rows if matter.rate is not None else ():
            yield SeriesRow(row, Course.EVERY_ROUND, matter.pace)


def _notes(evidence: Evidence, findings: Iterable[Finding], terms: Terms) -> Iterator[str]:
    yield from unknown(terms.idle)
    if terms.baseline and (open_ones := sum(not entry.reason for entry in terms.baseline.accepted)):
        yield f"{open_ones} of {len(terms.baseline.accepted)} entries of the baseline have no reason yet"
    yield from left_over(evidence)
    rows = {(row.role, row.object) for one in findings for row in one.rows}
    for claim in POLICY.find(evidence):
        if not any((row.role, row.object) in rows for row in claim.rows):
            yield f"{POLICY.title}: {claim.evidence} (portaudit explain {POLICY.id})"


def sifted(report: Report, terms: Terms) -> Report:
    """Take out of a report's findings what the project knows of, and put the gravest first."""
    if terms.suppressions or terms.baseline:
        from portaudit.analysis.known import sift

        report = sift(report, terms)
    known = bool(report.suppressed or report.accepted)
    return replace(
        report,
        outcome=outcome_of(report.findings, report.undecided, known=known),
        findings=tuple(sorted(report.findings, key=gravest_first)),
    )


def outcome_of(findings: Iterable[Finding], undecided: Iterable[Finding], *, known: bool = False) -> Outcome:
    """Give the overall verdict: notes never fail, and what is open is never balanced."""
    if any(one.severity is not Severity.NOTE for one in findings):
        return Outcome.FINDINGS
    if any(True for _ in undecided):
        return Outcome.UNDECIDED
    return Outcome.KNOWN if known else Outcome.BALANCED


@dataclass(frozen=True, slots=True, order=True)
class _Gravity:
    note: bool
    kind: int
    severity: int
    sureness: int
    number: int


def gravest_first(one: Finding) -> _Gravity:
    """Sort by kind, then severity, sureness and number of references; notes, which never fail, stand last."""
    return _Gravity(
        one.severity is Severity.NOTE,
        list(Kind).index(one.judged_as),
        list(Severity).index(one.severity),
        list(Confidence).index(one.confidence),
        -one.weight,
    )
