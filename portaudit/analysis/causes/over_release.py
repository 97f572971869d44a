"""O1, O6: fewer references than must still be held."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, losses
from portaudit.model.finding import Confidence
from portaudit.model.kobject import TASK_CONTROL, THREAD_CONTROL


def find_own(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task lost references to its own task port."""
    for row in losses(evidence):
        own = row.kobject == TASK_CONTROL and row.of is not None and row.of == row.role
        if own:
            yield Claim((row,), f"the task's own port fell: {count(row)}", Confidence.CERTAIN)


def find_any(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references are missing and no other task gained them."""
    for row in losses(evidence):
        grave = row.kobject in (TASK_CONTROL, THREAD_CONTROL)
        yield Claim(
            (row,), f"references fell: {count(row)}", Confidence.CERTAIN if grave else Confidence.LIKELY
        )


OWN = Rule(
    id="O6",
    title="a task loses references to its own port",
    cause="the own port was sent with MACH_MSG_TYPE_MOVE_SEND where a copy was meant, or deallocated",
    fix="send with MACH_MSG_TYPE_COPY_SEND, as XPC does, and never deallocate mach_task_self()",
    case="rentzsch/mach_override#16",
    find=find_own,
)

ANY = Rule(
    id="O1",
    title="references are freed that must still be held",
    cause="one reference was released twice, or handed off (MACH_MSG_TYPE_MOVE_SEND) without being declared",
    fix="release each reference once; declare a hand-off with --expect",
    case="apple/swift-lldb#480",
    find=find_any,
)
