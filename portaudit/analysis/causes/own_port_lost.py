"""O6: a task that loses references to its own task or thread ports."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import TASK_CONTROL, THREAD_CONTROL


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task's own port fell, or a thread's port whose name is still there.

    Where another task's port fell too, the threads are taken for that task's.
    """
    lost = evidence.losses({TASK_CONTROL, THREAD_CONTROL})
    others = {(row.role, row.process) for row in lost if _is_foreign_task(row, evidence)}
    for row in lost:
        if evidence.spaces.is_own(row):
            yield Claim((row,), f"the task's own port: {count(row)}", Confidence.LIKELY)
        elif row.kobject == THREAD_CONTROL and row.after and (row.role, row.process) not in others:
            yield Claim((row,), f"a thread's port: {count(row)}; the thread is alive", Confidence.LIKELY)


def _is_foreign_task(row: Change, evidence: Evidence) -> bool:
    return row.kobject == TASK_CONTROL and not evidence.spaces.is_own(row)


RULE = Rule(
    id="O6",
    title="a task loses references to its own port",
    cause=(
        "the own port was moved (MACH_MSG_TYPE_MOVE_SEND) where a copy was meant, "
        "or deallocated without having been taken"
    ),
    fix="send with MACH_MSG_TYPE_COPY_SEND, as XPC does, and never deallocate mach_task_self()",
    case="",
    find=find,
)
