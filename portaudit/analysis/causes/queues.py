"""Receive rights: connections, queues that nobody reads, reply ports, ports without a sender."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import compress

from msgspec import structs

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, brief, by_task, plural, with_own_senders
from portaudit.analysis.causes.send_rights import QUEUES
from portaudit.analysis.spaces import Spaces, standing
from portaudit.model.difference import Change, Difference
from portaudit.model.finding import Verdict
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence
from portaudit.model.snapshot import Entries, Entry

BESIDE = 0.2
"""Share of some ports that may have come or gone beside the connections."""


def connection_pair(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task has as many new send rights to other tasks' ports as new receive rights."""
    sends = [row for row in evidence.gains(QUEUES) if not row.before]
    receives = evidence.gains(right=Right.RECEIVE)
    own = {row.object for row in receives}
    for rows in by_task([*receives, *(row for row in sends if row.object not in own)]):
        ports = [row for row in rows if row.right is Right.RECEIVE]
        to_peers = [row for row in rows if row.right is Right.SEND]
        if ports and abs(len(ports) - len(to_peers)) <= len(ports) * BESIDE:
            peers = {peer for row in to_peers if (peer := evidence.spaces.receiver(row))}
            many = "as many" if len(ports) == len(to_peers) else str(len(to_peers))
            to = f" to {', '.join(sorted(map(brief, peers)))}" if peers else ""
            yield Claim(
                (*with_own_senders(evidence, ports), *to_peers),
                f"{plural(len(ports), 'new receive right')} and {many} new send rights{to}",
                Confidence.LIKELY if peers else Confidence.HINT,
            )


N13 = Rule(
    id="N13",
    title="connections are made and never cancelled",
    cause="each XPC connection holds a receive right of its own and a send right to its peer until cancelled",
    fix="xpc_connection_cancel (or -[NSXPCConnection invalidate]) each connection, or keep one",
    case="",
    find=connection_pair,
)


def abandoned_queue(evidence: Evidence) -> Iterator[Claim]:
    """Speak of new receive rights in no port set: with messages that wait, or with a sender of its own."""
    new = [row for row in evidence.gains(right=Right.RECEIVE) if _in_no_set(row)]
    for rows in by_task(row for row in new if _waiting(row)):
        waiting = sum(map(_waiting, rows))
        full = sum(map(_is_full, rows))
        at_limit = f", {full} of them at the queue limit" if full else ""
        yield Claim(
            with_own_senders(evidence, rows),
            f"{plural(len(rows), 'new receive right')} with {plural(waiting, 'message')} waiting{at_limit}",
            Confidence.CERTAIN if full else Confidence.LIKELY,
        )
    for rows in by_task(row for row in new if not _waiting(row) and _has_own_sender(row)):
        seen = f"{plural(len(rows), 'new receive right')} with a send right at the same name, in no port set"
        yield Claim(with_own_senders(evidence, rows), seen, Confidence.HINT)


def filled_up(evidence: Evidence) -> Iterator[Claim]:
    """Speak of old receive rights in no port set whose queues are full now and were not before."""
    for rows in by_task(_filled_up(evidence.spaces.difference)):
        grown = ", ".join(f"{_queued(row.was)} -> {_queued(row.now)}" for row in rows)
        seen = f"{plural(len(rows), 'receive right')} in no port set filled up: messages {grown}, the limit"
        yield Claim(rows, seen, Confidence.LIKELY, covers=(), verdict=Verdict.LEAKED)


def _filled_up(difference: Difference) -> Iterator[Change]:
    before = {task.title: task.entries for task in difference.before.tasks}
    for task in difference.after.tasks:
        old = before.get(task.title)
        if task.title in difference.unchanged and task.entries is not None and old is not None:
            for now in _full(task.entries):
                was = old.named(now.name)
                if was is not None and was.object == now.object and _queued(was) < _queued(now):
                    yield structs.replace(standing(task, now, Right.RECEIVE, 1), was=was)


def _full(entries: Entries) -> Iterator[Entry]:
    told = entries.receive
    rows = zip(told.row, told.queued, told.queue_limit, told.in_set, strict=True)
    for row, messages, limit, in_set in compress(rows, told.queued):
        if in_set is False and limit and messages and messages >= limit:
            yield entries.entry(row)


def _in_no_set(row: Change) -> bool:
    return row.now is not None and not (row.now.receive and row.now.receive.in_set)


def _waiting(row: Change) -> int:
    return _queued(row.now)


def _queued(entry: Entry | None) -> int:
    return (entry.receive.queued or 0) if entry and entry.receive else 0


def _is_full(row: Change) -> bool:
    limit = row.now.receive.queue_limit if row.now and row.now.receive else None
    return bool(limit and _waiting(row) >= limit)


def _has_own_sender(row: Change) -> bool:
    told = row.now is not None and row.now.receive is not None and row.now.receive.in_set is False
    return told and row.now is not None and Right.SEND in row.now.rights


N4 = Rule(
    id="N4",
    title="receive rights are kept outside any port set, and may be abandoned",
    cause=(
        "a CFMachPort, NSMachPort, AXObserver or event tap was taken off its run loop or released, "
        "and never invalidated"
    ),
    fix="CFMachPortInvalidate (or -[NSPort invalidate]) before the last release; release what owns the port",
    case="ActivityWatch/aw-watcher-window#139",
    find=abandoned_queue,
)

FULL = replace(
    N4,
    title="receive rights in no port set filled up: messages come, and nobody receives them",
    find=filled_up,
)


def reply_port(evidence: Evidence) -> Iterator[Claim]:
    """Speak of new receive rights that never had a sender: each thread makes one at its first call."""
    for rows in by_task(row for row in evidence.gains(right=Right.RECEIVE) if _is_idle_reply_port(row)):
        yield Claim(
            rows,
            f"{plural(len(rows), 'new receive right')}: no send right was ever made, nothing is queued",
            Confidence.LIKELY if len(rows) > 1 else Confidence.HINT,
        )


def _is_idle_reply_port(row: Change) -> bool:
    known = row.now.receive if row.now else None
    if known is None or row.now is None or row.now.rights != (Right.RECEIVE,):
        return False
    return known.make_send == 0 and known.queued == 0 and not (known.send_once or known.in_set)


N10 = Rule(
    id="N10",
    title="reply ports are made for each call and never destroyed",
    cause="mach_reply_port() or a fresh receive right for each request, where one for each thread would do",
    fix="use mig_get_reply_port(), or mach_port_mod_refs(task, port, MACH_PORT_RIGHT_RECEIVE, -1)",
    case="nextbsd/nextbsd#342",
    find=reply_port,
)


def orphan_receive(evidence: Evidence) -> Iterator[Claim]:
    """Speak of receive rights that have no sender: new ones, and those that lost their own send right."""
    new = [row for row in evidence.gains(right=Right.RECEIVE) if _is_orphan(row, evidence.spaces)]
    for rows in by_task(new):
        each = "it" if len(rows) == 1 else "any of them"
        sure = _sureness(rows)
        yield Claim(rows, f"{plural(len(rows), 'new receive right')}, and nobody can send to {each}", sure)
    for row in evidence.losses():
        if row.after == 0 and _is_orphan(row, evidence.spaces):
            seen = "the name had receive and send, and has receive alone now: nobody can send to it"
            yield Claim((row,), seen, _sureness((row,)))


def _is_orphan(row: Change, spaces: Spaces) -> bool:
    if row.now is None or row.now.rights != (Right.RECEIVE,):
        return False
    known = row.now.receive
    if known is None or known.has_senders is None:
        return not spaces.others_that_hold(row) and not (known and (known.queued or known.in_set))
    return not (known.has_senders or known.in_set or known.queued or known.send_once)


def _sureness(rows: tuple[Change, ...]) -> Confidence:
    told = all(row.now and row.now.receive and row.now.receive.has_senders is False for row in rows)
    return Confidence.CERTAIN if told else Confidence.LIKELY


N3 = Rule(
    id="N3",
    title="receive rights stay behind without any sender",
    cause="mach_port_deallocate drops only the send right of a port; its receive right lives on",
    fix="mach_port_destruct the port, or mach_port_mod_refs(task, name, MACH_PORT_RIGHT_RECEIVE, -1)",
    case="oven-sh/bun#37091",
    find=orphan_receive,
)
