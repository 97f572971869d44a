"""N3: a receive right without senders: deallocated where it had to be destroyed."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural
from portaudit.analysis.spaces import Spaces
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
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


RULE = Rule(
    id="N3",
    title="receive rights stay behind without any sender",
    cause="mach_port_deallocate drops only the send right of a port; its receive right lives on",
    fix="mach_port_destruct the port, or mach_port_mod_refs(task, name, MACH_PORT_RIGHT_RECEIVE, -1)",
    case="oven-sh/bun#37091",
    find=find,
)
