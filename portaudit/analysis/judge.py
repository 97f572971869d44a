"""A difference and the terms in, a report out: what leaked, what was freed twice, what is open."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from portaudit.analysis.balance import balance
from portaudit.analysis.causes import POLICY, Evidence, explain, finding, left_over
from portaudit.analysis.expectations import Applied, apply
from portaudit.analysis.fingerprint import fingerprinted
from portaudit.analysis.idle import subtract, unknown
from portaudit.analysis.spaces import Spaces
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from portaudit.model.difference import Difference
from portaudit.model.expectation import Expectation
from portaudit.model.finding import Finding, Outcome, Report, Severity

NO_TERMS = Terms()


def judge(
    difference: Difference, expectations: Iterable[Expectation] = (), terms: Terms = NO_TERMS
) -> Report:
    """Say of every residual what it is.

    What two readings cannot decide (counts that stand at the maximum, rights that may be on their way,
    tasks that were not read) is undecided, never balanced.
    """
    applied = apply(difference, expectations)
    changes, idle = subtract(applied.changes, terms.idle)
    evidence = Evidence(
        tuple(row for row in changes if row.residual), Spaces(difference, changes), terms.guards
    )
    told = fingerprinted((*explain(evidence), *forbidden(evidence, terms.policy)))
    findings, undecided = decided(told)
    report = Report(
        outcome=outcome_of(findings, undecided),
        difference=difference,
        findings=findings,
        undecided=undecided,
        idle=idle,
        balance=balance(evidence.spaces, changes),
        changes=changes,
        notes=(*difference.notes, *_notes(applied, evidence, told, terms)),
    )
    return sifted(report, terms)


def decided(told: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Part what was found from what is undecided."""
    told = tuple(told)
    findings = tuple(one for one in told if one.reason is None)
    return findings, tuple(one for one in told if one.reason is not None)


def sifted(report: Report, terms: Terms) -> Report:
    """Take out of a report's findings what the project knows of, and put the gravest first."""
    if terms.suppressions or terms.baseline:
        from portaudit.analysis.sieve import sift

        report = sift(report, terms)
    return replace(
        report,
        outcome=outcome_of(report.findings, report.undecided),
        findings=tuple(sorted(report.findings, key=gravest_first)),
    )


def forbidden(evidence: Evidence, policy: str | None) -> list[Finding]:
    """Give what a policy makes a finding; nothing without one."""
    if policy != LEAST_PRIVILEGE:
        return []
    return [finding(POLICY, claim) for claim in POLICY.find(evidence)]


def _notes(applied: Applied, evidence: Evidence, told: tuple[Finding, ...], terms: Terms) -> Iterator[str]:
    yield from applied.notes
    yield from applied.unused
    yield from unknown(terms.idle)
    if terms.baseline and (open_ones := sum(not entry.reason for entry in terms.baseline.accepted)):
        yield f"{open_ones} of {len(terms.baseline.accepted)} entries of the baseline have no reason yet"
    yield from remarks(evidence, told)


def remarks(evidence: Evidence, told: Iterable[Finding]) -> Iterator[str]:
    """Tell of guard exceptions that are no finding, and of what a policy would forbid."""
    yield from left_over(evidence)
    rows = {(row.role, row.object) for one in told for row in one.rows}
    for claim in POLICY.find(evidence):
        if not any((row.role, row.object) in rows for row in claim.rows):
            yield f"{POLICY.title}: {claim.evidence} (portaudit explain {POLICY.id})"


def outcome_of(findings: tuple[Finding, ...], undecided: tuple[Finding, ...]) -> Outcome:
    """Give the overall verdict: notes never fail, and what is open is never balanced."""
    if any(finding.severity is not Severity.NOTE for finding in findings):
        return Outcome.FINDINGS
    return Outcome.UNDECIDED if undecided else Outcome.BALANCED


def gravest_first(finding: Finding) -> tuple[int, int]:
    """Sort by severity, then by the number of references."""
    return (list(Severity).index(finding.severity), -finding.weight)
