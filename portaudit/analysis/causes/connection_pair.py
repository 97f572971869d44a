"""N13: connections that are never cancelled."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task, with_own_senders
from portaudit.analysis.causes.looked_up_service import QUEUES
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import brief, plural
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task has as many new send rights to other tasks' ports as new receive rights."""
    sends = [row for row in evidence.gains(QUEUES) if not row.before and row.residual == 1]
    receives = evidence.gains(right=Right.RECEIVE)
    own = {row.object for row in receives}
    for rows in by_task([*receives, *(row for row in sends if row.object not in own)]):
        ports = [row for row in rows if row.right is Right.RECEIVE]
        to_peers = [row for row in rows if row.right is Right.SEND]
        if ports and len(ports) == len(to_peers):
            peers = {peer for row in to_peers if (peer := evidence.spaces.receiver(row))}
            to = f" to {', '.join(sorted(map(brief, peers)))}" if peers else ""
            yield Claim(
                (*with_own_senders(evidence, ports), *to_peers),
                f"{plural(len(ports), 'new receive right')} and as many new send rights{to}",
                Confidence.LIKELY if peers else Confidence.HINT,
            )


RULE = Rule(
    id="N13",
    title="connections are made and never cancelled",
    cause="each XPC connection holds a receive right of its own and a send right to its peer until cancelled",
    fix="xpc_connection_cancel (or -[NSXPCConnection invalidate]) each connection, or keep one",
    case="",
    find=find,
)
