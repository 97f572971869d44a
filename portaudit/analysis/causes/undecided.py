"""What two readings cannot decide: it is neither balanced nor a finding."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, plural
from portaudit.model.difference import Change, Difference, FullerQueue
from portaudit.model.finding import Verdict
from portaudit.model.kobject import TASK_INSPECT, TASK_READ, THREAD_INSPECT, THREAD_READ
from portaudit.model.rights import UREFS_MAX, Right
from portaudit.model.severity import Confidence
from portaudit.model.snapshot import Snapshot


def saturated(evidence: Evidence) -> Iterator[Claim]:
    """Speak of the names of each task whose references stand at 65535 on either side."""
    tasks: defaultdict[object, list[Change]] = defaultdict(list)
    for row in evidence.spaces.difference.saturated:
        tasks[row.role, row.process].append(row)
    for rows in tasks.values():
        numbers = f"{rows[0].before} -> {rows[0].after} references: " if len(rows) == 1 else ""
        yield _open(
            tuple(rows),
            f"{numbers}the kernel stops counting at {UREFS_MAX}",
            Verdict.SATURATED,
            f"{plural(len(rows), 'count is', 'counts are')} pegged at {UREFS_MAX} and say nothing"
            if len(rows) > 1
            else f"the count is pegged at {UREFS_MAX} and says nothing",
        )


def _open(
    rows: tuple[Change, ...], seen: str, verdict: Verdict, reason: str, title: str | None = None
) -> Claim:
    return Claim(rows, seen, Confidence.CERTAIN, verdict=verdict, reason=reason, title=title)


U11 = Rule(
    id="U11",
    title="user references stand at their maximum",
    cause="a leak has filled the counter; from there on neither leaks nor releases change it",
    fix="restart the process, and look for the leak in its first minutes",
    case="bingosuite/bingo#100",
    find=saturated,
)

MOVABLE = (Right.SEND, Right.SEND_ONCE, Right.RECEIVE)

IMMOVABLE = frozenset({TASK_READ, TASK_INSPECT, THREAD_READ, THREAD_INSPECT})
"""Ports that no message carries (XNU osfmk/kern/ipc_tt.c:3790-3800)."""


def in_flight(evidence: Evidence) -> Iterator[Claim]:
    """Speak of a loss that the messages which wait at one port more than before can carry.

    A descriptor carries one reference of one right, so a message more explains one reference less of each
    object; a right is never in the queue of its own port.
    """
    queues = evidence.spaces.difference.queues
    for row in (row for right in MOVABLE for row in evidence.losses(right=right)) if queues else ():
        carriers = [queue for queue in queues if _can_carry(queue, row)]
        if 0 < _missing(row, evidence) <= sum(queue.more for queue in carriers):
            where = ", ".join(f"{queue.more} at 0x{queue.name:x} of {queue.title}" for queue in carriers[:3])
            yield Claim(
                (row,),
                f"{count(row)}; messages that wait more than before: {where}",
                Confidence.LIKELY,
                verdict=Verdict.IN_FLIGHT,
                reason=f"a queued message may carry what is missing ({where})",
            )


def _missing(row: Change, evidence: Evidence) -> int:
    """Count the references that no other task gained."""
    there = (
        one for one in evidence.residuals if one.right is row.right and one.object == row.object is not None
    )
    return -row.residual - sum(max(0, one.residual) for one in there)


def _can_carry(queue: FullerQueue, row: Change) -> bool:
    own = row.right is Right.RECEIVE and row.object is not None and row.object == queue.object
    return not own and row.kobject not in IMMOVABLE


F1 = Rule(
    id="F1",
    title="references may be on their way in a queued message",
    cause="a right that was sent and not yet received is in no space",
    fix="read again when the messages have been received",
    case="",
    find=in_flight,
)


def not_compared(evidence: Evidence) -> Iterator[Claim]:
    """Speak of tasks that were not read on both sides or are others now, and of readings in disorder."""
    difference = evidence.spaces.difference
    if difference.disorder is not None:
        yield _open((), "", Verdict.UNREAD, difference.disorder, "these readings are no before and after")
    if difference.survey:
        told = (
            "so many processes without a role are a survey: name the host and the extension, "
            "by pid or name, with --host and --extension"
        )
        yield _open((), "", Verdict.UNREAD, told, "nobody can say whose transfer this is")
    for unread in difference.unread:
        yield _open((), "", Verdict.UNREAD, unread.reason, f"{unread.title} cannot be compared")


R1 = Rule(
    id="R1",
    title="a task cannot be compared",
    cause="only a task that was read on both sides, and is the same task, can be judged",
    fix="read both snapshots while the same processes run",
    case="",
    find=not_compared,
)


def not_settled(evidence: Evidence) -> Iterator[Claim]:
    """Speak of a snapshot whose readings never agreed."""
    for when, snapshot in _named(evidence.spaces.difference):
        if snapshot.settled is False:
            reason = f"the snapshot {when} was still changing when it was taken"
            yield _open((), "", Verdict.UNREAD, reason, f"the snapshot {when} never settled")


def _named(difference: Difference) -> Iterable[tuple[str, Snapshot]]:
    snapshots = difference.snapshots
    if not difference.between:
        return zip(("before", "after"), snapshots, strict=True)
    return ((f"{number} of {len(snapshots)}", each) for number, each in enumerate(snapshots, 1))


R2 = Rule(
    id="R2",
    title="a snapshot never settled",
    cause="no two readings agreed: the processes were at work while they were read",
    fix="read when they are quiet, or give the reading more time with --settle",
    case="",
    find=not_settled,
)


def cut_short(evidence: Evidence) -> Iterator[Claim]:
    """Speak of a run that was interrupted, failed, or lost a process."""
    if evidence.spaces.difference.cut_short is not None:
        yield _open((), "", Verdict.UNREAD, evidence.spaces.difference.cut_short)


R3 = Rule(
    id="R3",
    title="the run was cut short",
    cause="what was not run to its end cannot be called balanced",
    fix="run it again, to the end",
    case="",
    find=cut_short,
)


def incomplete(evidence: Evidence) -> Iterator[Claim]:
    """Speak of rows of which a reading does not tell enough, and of readings that miss something."""
    doubts: defaultdict[tuple[object, str], list[Change]] = defaultdict(list)
    for row in evidence.residuals:
        if row.doubt is not None:
            doubts[(row.role, row.process), row.doubt].append(row)
    for (_, doubt), rows in doubts.items():
        yield _open(tuple(rows), "", Verdict.UNREAD, doubt)
    told = {whose for whose, _ in doubts}
    for when, snapshot in _named(evidence.spaces.difference):
        for gap in snapshot.gaps:
            yield _open((), "", Verdict.UNREAD, f"the snapshot {when} is incomplete: {gap}")
        for task in snapshot.tasks:
            whose = (task.role, task.process)
            if task.gaps and task.title in evidence.spaces.difference.unchanged and whose not in told:
                told.add(whose)
                reason = f"in the snapshot {when}: {'; '.join(task.gaps)}"
                yield _open((), "", Verdict.UNREAD, reason, f"{task.title} was not read whole")


R4 = Rule(
    id="R4",
    title="a reading does not tell this",
    cause="the text was cut off, rows are missing from it, or it tells no references and owners",
    fix="read again as a whole, or by a way that tells more (portaudit doctor)",
    case="",
    find=incomplete,
)
