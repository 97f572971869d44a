"""P1: an extension that holds the control port of its host."""

from collections.abc import Iterator
from dataclasses import replace

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural
from portaudit.analysis.ownership import self_object
from portaudit.analysis.standing import standing
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence, Verdict
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when the space of the extension holds the host's control port after, changed or not."""
    difference = evidence.spaces.difference
    host = difference.after.task_of(HOST_ROLE) or difference.before.task_of(HOST_ROLE)
    number = self_object(host) if host else None
    for (role, _), task in evidence.spaces.tasks.items():
        if role == EXTENSION_ROLE and task.entries and number and number in task.entries.object:
            entry = task.entries.entry(task.entries.object.index(number))
            if Right.SEND in entry.rights:
                row = replace(
                    standing(task, entry, Right.SEND, entry.urefs), kobject=TASK_CONTROL, of=HOST_ROLE
                )
                yield Claim((row,), _seen(row), Confidence.CERTAIN, covers=(), verdict=Verdict.NOT_ALLOWED)


def _seen(row: Change) -> str:
    return f"0x{row.name or 0:x} holds {plural(row.after or 0, 'reference')} to the host's TASK-CONTROL port"


RULE = Rule(
    id="P1",
    title="the extension holds the control port of its host",
    cause="the control port lets its holder read and write the host's memory, and act in the host's name",
    fix=(
        "send a task identity token (task_create_identity_token) instead: what the extension gets from it "
        "with task_identity_token_get_task_port may be a read, inspect or name port"
    ),
    case="",
    find=find,
)
