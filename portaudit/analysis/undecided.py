"""What readings cannot decide: counts at their maximum, rights on their way, tasks that were not read."""

from collections.abc import Mapping

from portaudit.model.difference import Change, Unread
from portaudit.model.finding import Confidence, Finding, Severity, Verdict
from portaudit.model.rights import Right
from portaudit.model.snapshot import Snapshot

MOVABLE = (Right.SEND, Right.SEND_ONCE, Right.RECEIVE)


def may_be_in_flight(change: Change, queued: Mapping[str, int]) -> bool:
    """Whether a loss may be a right on its way; `queued`: title of a task -> messages more."""
    # A right in a queued message is in no space (mach-ipc: ipc_kmsg holds it until it is received)
    lost = change.residual < 0 and change.right in MOVABLE
    return lost and any(more > 0 for more in queued.values())


def saturated(change: Change) -> Finding:
    """Say that a count stands at its maximum."""
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


def in_flight(change: Change, queued: Mapping[str, int]) -> Finding:
    """Say that a queued message may carry what is missing; `queued`: title of a task -> messages more."""
    where = ", ".join(f"{more} at the {title}'s ports" for title, more in queued.items() if more > 0)
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


def unsettled(when: str, snapshot: Snapshot) -> list[Finding]:
    """Say that a snapshot was still changing when it was taken, if it was."""
    if snapshot.settled is not False:
        return []
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
    ]


def unread(task: Unread) -> Finding:
    """Say that a task cannot be compared."""
    return Finding(
        rule="R1",
        severity=Severity.WARNING,
        verdict=Verdict.UNREAD,
        title=f"{task.title} cannot be compared",
        cause="only a task that was read on both sides, and is the same task, can be judged",
        fix="read both snapshots while the same processes run",
        confidence=Confidence.CERTAIN,
        reason=task.reason,
    )
