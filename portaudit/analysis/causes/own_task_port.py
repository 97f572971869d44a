"""U7: a task takes its own port anew for each transfer."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count
from portaudit.model.finding import Confidence
from portaudit.model.kobject import TASK_CONTROL, TASK_PORTS
from portaudit.model.snapshot import HOST_ROLE


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task's own port rose in its own space.

    Of a read, inspect or name port nobody can tell whose it is; in the host's space it is taken for
    the host's own, since the host is the one that hands itself over.
    """
    for row in evidence.gains(TASK_PORTS):
        if evidence.spaces.is_own(row):
            yield Claim((row,), f"the task's own port: {count(row)}", Confidence.LIKELY)
        elif row.kobject != TASK_CONTROL and row.role == HOST_ROLE and row.of is None:
            seen = f"a {row.kobject_label} port in the host's space: {count(row)}; whose it is does not show"
            yield Claim((row,), seen, Confidence.HINT)


RULE = Rule(
    id="U7",
    title="a task takes its own port anew and never gives it back",
    cause=(
        "the mach_task_self() trap, task_get_special_port or task_for_pid on oneself adds one reference "
        "at every call; the mach_task_self_ variable does not"
    ),
    fix="take the port once and keep it, or mach_port_deallocate after each transfer",
    case="",
    find=find,
)
