"""Rights to send to others: services that are looked up, requests that are never answered."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, by_task
from portaudit.analysis.causes.words import brief, count, new_or_known, plural, total
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import MESSAGE_QUEUE
from portaudit.model.rights import Right

QUEUES = frozenset({MESSAGE_QUEUE, 16})
"""Both numbers are spelled message-queue by lsmp (mach-port kobject types 0 and 16)."""


def looked_up_service(evidence: Evidence) -> Iterator[Claim]:
    """Speak when send rights to a port that another task receives from rose."""
    for row in evidence.gains(QUEUES):
        if not _receives_itself(row):
            peer = evidence.spaces.receiver(row)
            receiver = f"the receiver is {brief(peer)}" if peer else "the receiver is not known"
            sure = Confidence.LIKELY if peer else Confidence.HINT
            yield Claim((row,), f"{count(row)}; {new_or_known(row)}; {receiver}", sure)


def _receives_itself(row: Change) -> bool:
    return row.now is not None and Right.RECEIVE in row.now.rights


U8 = Rule(
    id="U8",
    title="a send right to a service is taken and never given back",
    cause=(
        "bootstrap_look_up, task_get_bootstrap_port or xpc_dictionary_copy_mach_send "
        "gives one reference at every call"
    ),
    fix="look the service up once and keep it, or mach_port_deallocate the right after each use",
    case="Muirey03/MRYIPC#25",
    find=looked_up_service,
)


def send_once_kept(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task holds more send-once rights than before: each is a name of its own."""
    for rows in by_task(evidence.gains(right=Right.SEND_ONCE)):
        ports = plural(len({row.object for row in rows}), "reply port")
        seen = f"{plural(total(rows), 'new send-once right')} to {ports}, a name each"
        yield Claim(rows, seen, Confidence.LIKELY)


N9 = Rule(
    id="N9",
    title="requests are never answered: their send-once rights stay",
    cause="a server drops messages without a reply and without mach_msg_destroy",
    fix="answer each request, or mach_msg_destroy(&message.header); a reply consumes the send-once right",
    case="nextbsd/nextbsd#342",
    find=send_once_kept,
)
