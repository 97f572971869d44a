"""Rights to send to others: services looked up, requests never answered, ports that died."""

from collections import defaultdict
from collections.abc import Iterator

from portaudit.analysis.causes.rule import (
    Claim,
    Evidence,
    Rule,
    brief,
    by_task,
    count,
    new_or_known,
    plural,
    total,
)
from portaudit.model.difference import Change
from portaudit.model.kobject import MESSAGE_QUEUE
from portaudit.model.rights import RECEIVE, Right
from portaudit.model.severity import Confidence

QUEUES = frozenset({MESSAGE_QUEUE, 16})
"""Both numbers are spelled message-queue by lsmp (mach-port kobject types 0 and 16)."""


def looked_up_service(evidence: Evidence) -> Iterator[Claim]:
    """Speak when send rights to a port that another task receives from rose."""
    for row in _to_others(evidence):
        peer = evidence.spaces.receiver(row)
        receiver = f"the receiver is {brief(peer)}" if peer else "the receiver is not known"
        sure = Confidence.LIKELY if peer else Confidence.HINT
        yield Claim((row,), f"{count(row)}; {new_or_known(row)}; {receiver}", sure)


def _to_others(evidence: Evidence) -> Iterator[Change]:
    return (row for row in evidence.gains(QUEUES) if row.now is None or RECEIVE not in row.now.rights)


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
    each=_to_others,
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


def dead_name_kept(evidence: Evidence) -> Iterator[Claim]:
    """Speak when names that held rights before are dead names with references now, once for each kind."""
    groups: dict[object, list[Change]] = defaultdict(list)
    for row in evidence.gains(right=Right.DEAD_NAME):
        if row.was is not None and Right.DEAD_NAME not in row.was.rights:
            groups[row.role, row.process, row.kobject, row.of].append(row)
    for rows in groups.values():
        yield Claim(tuple(rows), _seen(rows), Confidence.CERTAIN)


def _seen(rows: list[Change]) -> str:
    kind = rows[0].kobject_label or "a message queue"
    owner = f" of the {rows[0].of}" if rows[0].of else ""
    if len(rows) == 1:
        return f"the name was a right to {kind}{owner} and is dead: {count(rows[0])}"
    return f"{len(rows)} names were rights to {kind}{owner} and are dead: {plural(total(rows), 'reference')}"


N2 = Rule(
    id="N2",
    title="a right to a port that died is still held, as a dead name",
    cause="the port's owner has gone while a leaked reference was held; a dead name keeps its references",
    fix="mach_port_deallocate the right when it is used, or when it dies: once for each reference",
    case="technosloth.blogspot.com/2010/08 (Unexpected Mach port refcounts)",
    find=dead_name_kept,
)


def dead_names_made(evidence: Evidence) -> Iterator[Claim]:
    """Speak of a task's dead names that were no name before, and of those whose references rose."""
    for rows in by_task(evidence.gains(right=Right.DEAD_NAME)):
        new = tuple(row for row in rows if row.was is None)
        known = tuple(row for row in rows if row.was is not None and Right.DEAD_NAME in row.was.rights)
        if new:
            yield Claim(
                new,
                f"{plural(len(new), 'new dead name')} with {plural(total(new), 'reference')} together; "
                "what they denoted does not show, since they came and died between the two readings",
                Confidence.CERTAIN,
            )
        if known:
            yield Claim(
                known,
                f"{plural(len(known), 'dead name')} rose by {plural(total(known), 'reference')} together",
                Confidence.LIKELY,
            )


N1 = Rule(
    id="N1",
    title="dead names pile up: rights were leaked, and their ports have died",
    cause="a thread, a task or a peer ended while a right to it was held, and nobody released the right",
    fix="mach_port_deallocate every right that is received or taken; a dead name needs it too",
    case="OpenMinis/ish-arm64#39",
    find=dead_names_made,
)
