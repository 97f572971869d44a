"""A difference and the expectations in, a report out: what leaked, what was freed twice, what is open."""

from collections.abc import Iterable

from portaudit.analysis.balance import balance
from portaudit.analysis.causes import explain
from portaudit.analysis.expectations import apply
from portaudit.analysis.undecided import in_flight, may_be_in_flight, saturated, unread, unsettled
from portaudit.model.difference import Change, Difference, Recycled
from portaudit.model.expectation import Expectation
from portaudit.model.finding import Confidence, Finding, Outcome, Report, Severity, Verdict


def judge(difference: Difference, expectations: Iterable[Expectation] = ()) -> Report:
    """Say of every residual what it is.

    What two readings cannot decide (counts that stand at the maximum, rights that may be on their way,
    tasks that were not read) is undecided, never balanced.
    """
    applied = apply(difference, expectations)
    reused = {id(row) for row in _recycled_rows(difference, applied.changes)}
    residuals = [change for change in applied.changes if change.residual and id(change) not in reused]
    flying = [change for change in residuals if may_be_in_flight(change, difference.queued)]
    settled = tuple(change for change in residuals if change not in flying)
    findings = (*map(recycled_finding, difference.recycled), *explain(settled, difference))
    undecided = (
        *map(saturated, difference.saturated),
        *(in_flight(change, difference.queued) for change in flying),
        *map(unread, difference.unread),
        *unsettled("before", difference.before),
        *unsettled("after", difference.after),
    )
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
            *(f"the expectation {rule.text!r} was not met" for rule in applied.unused),
        ),
    )


def outcome_of(findings: tuple[Finding, ...], undecided: tuple[Finding, ...]) -> Outcome:
    """Give the overall verdict: notes never fail, and what is open is never balanced."""
    if any(finding.severity is not Severity.NOTE for finding in findings):
        return Outcome.FINDINGS
    return Outcome.UNDECIDED if undecided else Outcome.BALANCED


def gravest_first(finding: Finding) -> tuple[int, int]:
    """Sort by severity, then by the number of references."""
    return (list(Severity).index(finding.severity), -finding.weight)


def _recycled_rows(difference: Difference, changes: tuple[Change, ...]) -> list[Change]:
    # What a recycled name lost and gained is told by its own finding
    sides = {
        (side.process, side.object, side.right, side.name)
        for recycled in difference.recycled
        for side in (recycled.lost, recycled.gained)
    }
    return [row for row in changes if (row.process, row.object, row.right, row.name) in sides]


def recycled_finding(recycled: Recycled) -> Finding:
    """Say that a name denotes another port now."""
    name = f"0x{recycled.gained.name or 0:x}"
    return Finding(
        rule="O3",
        severity=Severity.ERROR,
        verdict=Verdict.RECYCLED,
        title="a name denotes another port now",
        rows=(recycled.lost, recycled.gained),
        evidence=f"{name} was freed and used again between the two readings",
        cause="the right was released to zero, and the kernel gave its name to another port",
        fix="forget a name with its last reference: who cached it acts on somebody else's port",
        case="block/buzz#5338",
        confidence=Confidence.CERTAIN,
    )
