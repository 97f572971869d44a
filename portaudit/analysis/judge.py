"""A difference and the terms in, a report out: what leaked, what was freed twice, what is open."""

from collections.abc import Iterable

from portaudit.analysis.balance import balance
from portaudit.analysis.causes import POLICY, Evidence, Spaces, explain, finding
from portaudit.analysis.expectations import apply
from portaudit.model.difference import Difference
from portaudit.model.expectation import Expectation
from portaudit.model.finding import Finding, Outcome, Report, Severity
from portaudit.model.terms import LEAST_PRIVILEGE, Terms

NO_TERMS = Terms()


def judge(
    difference: Difference, expectations: Iterable[Expectation] = (), terms: Terms = NO_TERMS
) -> Report:
    """Say of every residual what it is.

    What two readings cannot decide (counts that stand at the maximum, rights that may be on their way,
    tasks that were not read) is undecided, never balanced.
    """
    applied = apply(difference, expectations)
    residuals = tuple(change for change in applied.changes if change.residual)
    judged = explain(residuals, difference)
    held = _held(difference)
    strict = held if terms.policy == LEAST_PRIVILEGE else ()
    findings = tuple(one for one in (*judged, *strict) if one.reason is None)
    undecided = tuple(one for one in judged if one.reason is not None)
    return Report(
        outcome=outcome_of(findings, undecided),
        difference=difference,
        findings=tuple(sorted(findings, key=gravest_first)),
        undecided=undecided,
        balance=balance(difference, applied.changes),
        changes=applied.changes,
        notes=(
            *difference.notes,
            *applied.notes,
            *(f"the expectation {rule.quoted} was not met" for rule in applied.unused),
            *(_note(one) for one in held if not strict and not _is_told(one, findings)),
        ),
    )


def _held(difference: Difference) -> tuple[Finding, ...]:
    evidence = Evidence((), Spaces(difference))
    return tuple(finding(POLICY, claim) for claim in POLICY.find(evidence))


def _is_told(held: Finding, findings: tuple[Finding, ...]) -> bool:
    (row,) = held.rows
    told = ((other.role, other.object) for finding in findings for other in finding.rows)
    return (row.role, row.object) in told


def _note(held: Finding) -> str:
    return f"{held.title}: {held.evidence} (portaudit explain {held.rule})"


def outcome_of(findings: tuple[Finding, ...], undecided: tuple[Finding, ...]) -> Outcome:
    """Give the overall verdict: notes never fail, and what is open is never balanced."""
    if any(finding.severity is not Severity.NOTE for finding in findings):
        return Outcome.FINDINGS
    return Outcome.UNDECIDED if undecided else Outcome.BALANCED


def gravest_first(finding: Finding) -> tuple[int, int]:
    """Sort by severity, then by the number of references."""
    return (list(Severity).index(finding.severity), -finding.weight)
