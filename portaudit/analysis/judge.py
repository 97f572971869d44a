"""A difference and the expectations in, a report out: what leaked, what was freed twice, what is open."""

from collections.abc import Iterable

from portaudit.analysis.balance import balance
from portaudit.analysis.causes import explain
from portaudit.analysis.expectations import apply
from portaudit.analysis.idle import subtract
from portaudit.analysis.outcome import outcome_of
from portaudit.model.difference import Change, Difference, Recycled, Unread
from portaudit.model.expectation import Expectation
from portaudit.model.finding import Confidence, Finding, Report, Severity, Verdict
from portaudit.model.rights import Right
from portaudit.model.terms import Terms

NO_TERMS = Terms()
MOVABLE = (Right.SEND, Right.SEND_ONCE, Right.RECEIVE)


def judge(
    difference: Difference, expectations: Iterable[Expectation] = (), terms: Terms = NO_TERMS
) -> Report:
    """Say of every residual what it is.

    What two readings cannot decide (counts that stand at the maximum, rights that may be on their way,
    tasks that were not read) is undecided, never balanced.
    """
    applied = apply(difference, expectations)
    changes = subtract(applied.changes, terms.idle)
    reused = {id(row) for row in _recycled_rows(difference, changes)}
    residuals = [change for change in changes if change.residual and id(change) not in reused]
    flying = [change for change in residuals if _may_be_in_flight(change, difference)]
    settled = tuple(change for change in residuals if change not in flying)
    findings = (*map(_recycled_finding, difference.recycled), *explain(settled, difference))
    undecided = (
        *map(_saturated_finding, difference.saturated),
        *(_in_flight_finding(change, difference) for change in flying),
        *map(_unread_finding, difference.unread),
        *_unsettled_findings(difference),
    )
    return Report(
        outcome=outcome_of(findings, undecided),
        difference=difference,
        findings=tuple(sorted(findings, key=_order)),
        undecided=undecided,
        balance=balance(difference, changes),
        changes=changes,
        notes=(
            *difference.notes,
            *applied.notes,
            *(f"the expectation {rule.text!r} was not met" for rule in applied.unused),
        ),
    )


def _order(finding: Finding) -> tuple[int, int]:
    return (list(Severity).index(finding.severity), -finding.weight)


def _recycled_rows(difference: Difference, changes: tuple[Change, ...]) -> list[Change]:
    # What a recycled name lost and gained is told by its own finding
    sides = {
        (side.process, side.object, side.right, side.name)
        for recycled in difference.recycled
        for side in (recycled.lost, recycled.gained)
    }
    return [row for row in changes if (row.process, row.object, row.right, row.name) in sides]


def _may_be_in_flight(change: Change, difference: Difference) -> bool:
    # A right in a queued message is in no space (mach-ipc: ipc_kmsg holds it until it is received)
    lost = change.residual < 0 and change.right in MOVABLE
    return lost and any(more > 0 for more in difference.queued.values())


def _recycled_finding(recycled: Recycled) -> Finding:
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


def _saturated_finding(change: Change) -> Finding:
    return Finding(
        rule="U11",
        severity=Severity.ERROR,
        verdict=Verdict.SATURATED,
        title="user references stand at their maximum",
        rows=(change,),
        evidence="65535 references: the kernel stopped counting there",
        cause="a leak has filled the counter; from there on neither leaks nor releases change it",
        fix="restart the process, and look for the leak in its first minutes",
        case="bingosuite/bingo#100",
        confidence=Confidence.CERTAIN,
        reason="the count is pegged at 65535 and says nothing",
    )


def _in_flight_finding(change: Change, difference: Difference) -> Finding:
    where = ", ".join(
        f"{more} at the {title}'s ports" for title, more in difference.queued.items() if more > 0
    )
    return Finding(
        rule="F1",
        severity=Severity.WARNING,
        verdict=Verdict.IN_FLIGHT,
        title="references may be on their way in a queued message",
        rows=(change,),
        evidence=f"more messages are queued than before: {where}",
        cause="a right that was sent and not yet received is in no space",
        fix="read again when the messages have been received",
        confidence=Confidence.LIKELY,
        reason=f"a queued message may carry what is missing ({where})",
    )


def _unsettled_findings(difference: Difference) -> list[Finding]:
    sides = (("before", difference.before), ("after", difference.after))
    return [
        Finding(
            rule="R2",
            severity=Severity.WARNING,
            verdict=Verdict.UNREAD,
            title=f"the snapshot {when} never settled",
            cause="no two readings agreed: the processes were at work while they were read",
            fix="read when they are quiet, or give the reading more time with --settle",
            confidence=Confidence.CERTAIN,
            reason=f"the snapshot {when} was still changing when it was taken",
        )
        for when, snapshot in sides
        if snapshot.settled is False
    ]


def _unread_finding(unread: Unread) -> Finding:
    return Finding(
        rule="R1",
        severity=Severity.WARNING,
        verdict=Verdict.UNREAD,
        title=f"{unread.title} cannot be compared",
        cause="only a task that was read on both sides, and is the same task, can be judged",
        fix="read both snapshots while the same processes run",
        confidence=Confidence.CERTAIN,
        reason=unread.reason,
    )
