"""U8: a service port that is looked up again and again."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import brief, count, new_or_known
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import MESSAGE_QUEUE
from portaudit.model.rights import Right

QUEUES = frozenset({MESSAGE_QUEUE, 16})
"""Both numbers are spelled message-queue by lsmp (mach-port kobject types 0 and 16)."""


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when send rights to a port that another task receives from rose."""
    for row in evidence.gains(QUEUES):
        if not _receives_itself(row):
            peer = evidence.spaces.receiver(row)
            receiver = f"the receiver is {brief(peer)}" if peer else "the receiver is not known"
            sure = Confidence.LIKELY if peer else Confidence.HINT
            yield Claim((row,), f"{count(row)}; {new_or_known(row)}; {receiver}", sure)


def _receives_itself(row: Change) -> bool:
    return row.now is not None and Right.RECEIVE in row.now.rights


RULE = Rule(
    id="U8",
    title="a send right to a service is taken and never given back",
    cause=(
        "bootstrap_look_up, task_get_bootstrap_port or xpc_dictionary_copy_mach_send "
        "gives one reference at every call"
    ),
    fix="look the service up once and keep it, or mach_port_deallocate the right after each use",
    case="Muirey03/MRYIPC#25",
    find=find,
)
