"""U5: another task's port that was received or taken and not given back."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, gains, new_or_known
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import TASK_PORTS


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to another task's port rose."""
    for row in gains(evidence):
        if row.kobject in TASK_PORTS and row.of != row.role:
            yield Claim(
                (row,),
                f"{count(row)}; {new_or_known(row)}",
                Confidence.CERTAIN if row.of else Confidence.LIKELY,
                title=_title(row),
            )


def _title(row: Change) -> str:
    owner = f"the {row.of}'s" if row.of else "another task's"
    reference = "reference" if row.residual == 1 else "references"
    keeper = row.role or row.process.name or "task"
    return f"the {keeper} keeps {row.residual} {reference} to {owner} task port that it must give back"


RULE = Rule(
    id="U5",
    title="another task's port is kept",
    cause=(
        "xpc_dictionary_copy_mach_send, a received port descriptor, task_for_pid or an exception message "
        "gave one reference each time, and nothing released it"
    ),
    fix="mach_port_deallocate(mach_task_self(), port) once the port is used, on the error paths too",
    case="bingosuite/bingo#75",
    find=find,
)
