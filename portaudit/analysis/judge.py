"""A difference and the terms in, a report out: what leaked, what was freed twice, what is open.

One judge serves pairs and series: a pair is a series of one round. How grave a residual is is said by its
kind (subject, standing, guarded, coming and going); the cause rules only explain it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import structs

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
from portaudit.analysis.fingerprint import fingerprinted
from portaudit.analysis.idle import subtract, unknown
from portaudit.analysis.kinds import kind_of, with_kinds
from portaudit.analysis.loose import judged_loosely, told, without_unread_kinds
from portaudit.analysis.spaces import Spaces, balance
from portaudit.analysis.strict import STRICT, judged_strictly, series_rows, summed, with_rate
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from portaudit.model.difference import Applied, Course, Kind, SeriesRow
from portaudit.model.finding import Finding, Outcome, Report
from portaudit.model.severity import Confidence, Severity
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.analysis.causes import Rule
    from portaudit.analysis.pairs import Matter
    from portaudit.model.declared import Expectation
    from portaudit.model.difference import Change, Difference, Recycled

NO_TERMS = Terms()


def judge(
    difference: Difference, expectations: Iterable[Expectation] = (), terms: Terms = NO_TERMS
) -> Report:
    """Say of every residual what it is.

    What the readings cannot decide (counts that stand at the maximum, rights that may be on their way, tasks
    that were not read, rows that a reading does not tell) is undecided, never balanced. Raises UsageError if
    an expectation or a subject names what no snapshot has, or two expectations contradict each other.
    """
    applied = _as_expected(difference, tuple(expectations))
    changes, idle = subtract(applied.changes, terms.idle, whole=terms.operations == 1)
    if terms.subjects:
        from portaudit.analysis.expectations import as_subjects  # where nothing is declared, no use

        changes = as_subjects(difference, changes, terms.subjects)
    if difference.between:
        changes = _with_rates(changes, terms.operations)
    evidence = Evidence((), Spaces(difference, (*changes, *applied.unmet)), terms.guards)
    matters, remarks = judged_loosely(evidence, changes, terms)
    changes, matters = without_unread_kinds(changes, matters)
    in_part = tuple(row for row in applied.unmet if row.change)  # what came in part is a change, too
    together = _with_rates(summed(changes), terms.operations) if difference.between else changes
    undecided, strict, unmet = _decided(evidence, together, applied)
    findings = (
        *judged_strictly(replace(evidence, residuals=strict), warmed=terms.warmed),
        *_of(GUARDED, evidence),
        *(told(matter, evidence) for matter in matters),
        *_of((UNMET,), replace(evidence, residuals=unmet)),
        *_recycled(evidence),
        *_of((FILLED,), evidence, Severity.NOTE),
        *(_of((POLICY,), evidence) if terms.policy == LEAST_PRIVILEGE else ()),
    )
    report = Report(
        outcome=Outcome.BALANCED,
        difference=difference,
        basis=_basis(difference, terms),
        findings=fingerprinted(_within_what_is_known(findings, difference)),
        undecided=fingerprinted(undecided),
        idle=idle,
        balance=balance(evidence.spaces, (*changes, *applied.unmet)),
        changes=(*changes, *in_part),
        series=(*series_rows((*together, *in_part)), *_series_of(matters)) if difference.between else (),
        notes=(*difference.notes, *applied.notes, *remarks, *_notes(evidence, findings, terms)),
    )
    return sifted(report, terms)


def _basis(difference: Difference, terms: Terms) -> str:
    if not difference.between:
        many = terms.operations > 1 and terms.idle is not None
        return f"a pair of {terms.operations} operations beside an idle pair" if many else "a pair"
    from portaudit.analysis.series.leaks import too_little

    rounds = f"{difference.rounds} rounds"
    return f"{rounds}, judged as a pair" if too_little(difference) else f"a series of {rounds}"


def _with_rates(changes: Iterable[Change], operations: int) -> tuple[Change, ...]:
    return tuple(with_rate(row, operations) if row.kind in STRICT else row for row in changes)


def _as_expected(difference: Difference, rules: tuple[Expectation, ...]) -> Applied:
    changes = with_kinds(difference)
    if not rules:
        return Applied(changes)
    from portaudit.analysis.expectations import apply  # where nothing is declared, no use

    return apply(difference, changes, rules)


def _decided(
    evidence: Evidence, changes: Iterable[Change], applied: Applied
) -> tuple[list[Finding], tuple[Change, ...], tuple[Change, ...]]:
    """Part what stays open from the strict residuals, and from what did not come, that nothing excuses."""
    # What comes and goes is no loss that a message in a queue would have to explain
    strict = [row for row in changes if row.doubt is not None or (row.kind in STRICT and row.residual)]
    found, left = claims(UNDECIDED, replace(evidence, residuals=(*strict, *applied.unmet)))
    unmet = {id(row) for row in applied.unmet}
    return (
        [finding(rule, claim, Severity.WARNING) for rule, claim in found],
        tuple(row for row in left.residuals if id(row) not in unmet),
        tuple(row for row in left.residuals if id(row) in unmet),
    )


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
            yield structs.replace(finding(rule, claim, severity), judged_as=kind_of(claim.rows[0]))


def _was_strict(reused: Recycled) -> bool:
    return kind_of(reused.lost) in STRICT  # a thread that has ended is none: its name is free


def _within_what_is_known(findings: tuple[Finding, ...], difference: Difference) -> tuple[Finding, ...]:
    """Leave out what readings in disorder seem to show; of a survey nothing is graver than a note."""
    if difference.disorder is not None:
        return ()
    if difference.survey:
        return tuple(structs.replace(one, severity=Severity.NOTE) for one in findings)
    return findings


def _series_of(matters: Iterable[Matter]) -> Iterator[SeriesRow]:
    for matter in matters:
        for row in matter.rows if matter.rate is not None else ():
            yield SeriesRow(row, Course.EVERY_ROUND, matter.pace)


def _notes(evidence: Evidence, findings: Iterable[Finding], terms: Terms) -> Iterator[str]:
    yield from unknown(evidence.spaces.difference, terms.idle)
    if terms.baseline and (open_ones := sum(not entry.reason for entry in terms.baseline.accepted)):
        yield f"{open_ones} of {len(terms.baseline.accepted)} entries of the baseline have no reason yet"
    yield from left_over(evidence)
    roles = {task.role for task in evidence.spaces.difference.after.tasks}
    for role in (HOST_ROLE, EXTENSION_ROLE) if terms.policy == LEAST_PRIVILEGE else ():
        if role not in roles:
            yield f"the policy was not held against anything: no task has the role {role} (--{role} gives it)"
    if held := list(POLICY.find(evidence)):
        rows = {(row.role, row.object) for one in findings for row in one.rows}
        for claim in held:
            if not any((row.role, row.object) in rows for row in claim.rows):
                yield f"{POLICY.title}: {claim.evidence} (portaudit explain {POLICY.id})"


def sifted(report: Report, terms: Terms) -> Report:
    """Take out of a report's findings what the project knows of, and put the gravest first."""
    allowed: tuple[str, ...] = ()
    if terms.suppressions or terms.baseline or any(row.expected for row in report.changes):
        from portaudit.analysis.known import allowances, sift  # where nothing is declared, no use

        report = sift(report, terms)
        allowed = tuple(allowances(report, terms.baseline))
    known = bool(report.suppressed or report.accepted)
    return replace(
        report,
        notes=(*report.notes, *allowed),
        allowances=allowed,
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


_KINDS = {kind: rank for rank, kind in enumerate(Kind)}
_SEVERITIES = {severity: rank for rank, severity in enumerate(Severity)}
_SURENESS = {confidence: rank for rank, confidence in enumerate(Confidence)}


def gravest_first(one: Finding) -> tuple[bool, int, int, int, int]:
    """Sort by kind, then severity, sureness and number of references; notes, which never fail, stand last."""
    return (
        one.severity is Severity.NOTE,
        _KINDS[one.judged_as],
        _SEVERITIES[one.severity],
        _SURENESS[one.confidence],
        -one.weight,
    )
