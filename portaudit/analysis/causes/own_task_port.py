"""U7: a task takes its own port anew for each transfer."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, gains
from portaudit.model.finding import Confidence
from portaudit.model.kobject import TASK_PORTS


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to a task's own port rose in its own space."""
    for row in gains(evidence):
        if row.kobject in TASK_PORTS and row.role is not None and row.of == row.role:
            yield Claim((row,), f"the task's own port rose: {count(row)}", Confidence.LIKELY)


RULE = Rule(
    id="U7",
    title="a task takes its own port anew and never gives it back",
    cause=(
        "the mach_task_self() trap, task_get_special_port or task_for_pid on oneself adds one reference "
        "at every call; the mach_task_self_ variable does not"
    ),
    fix="take the port once and keep it, or mach_port_deallocate after each transfer",
    case="the host's side of an XPC transfer",
    find=find,
)
