"""U5: another task's port that was received or taken and not given back."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, new_or_known, plural, who
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import TASK_CONTROL, TASK_ID_TOKEN, TASK_PORTS


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to another task's port, of whatever flavour, rose."""
    for row in evidence.gains(TASK_PORTS | {TASK_ID_TOKEN}):
        if not evidence.spaces.is_own(row):
            yield Claim(
                (row,),
                f"{count(row)}; {new_or_known(row)}",
                Confidence.CERTAIN if row.of else Confidence.LIKELY,
                title=_title(row),
            )


def _title(row: Change) -> str:
    owner = f"the {row.of}'s" if row.of else "another task's"
    port = "task port" if row.kobject == TASK_CONTROL else f"{row.kobject_label} port"
    return (
        f"the {who(row)} keeps {plural(row.residual, 'reference')} to {owner} {port} that it must give back"
    )


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
