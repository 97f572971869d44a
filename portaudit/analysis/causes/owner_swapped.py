"""X1: what one task lost, the other gained: one wrong owner, not two bugs."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, who
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when the residuals of two tasks on one port cancel out."""
    for right in (Right.SEND, Right.RECEIVE):
        gained = {(row.object, row.residual): row for row in evidence.gains(right=right)}
        for loss in evidence.losses(right=right):
            gain = gained.get((loss.object, -loss.residual))
            if gain is not None and loss.object is not None and loss.process != gain.process:
                seen = f"{who(loss)}: {count(loss)}; {who(gain)}: {count(gain)}; the sum is 0"
                yield Claim((loss, gain), seen, Confidence.LIKELY)


RULE = Rule(
    id="X1",
    title="references moved from one task to the other: the owner is swapped",
    cause="the sender moved the right (MACH_MSG_TYPE_MOVE_SEND) where a copy was meant",
    fix="send with MACH_MSG_TYPE_COPY_SEND, and mach_port_deallocate what was received once it is used",
    case="",
    find=find,
)
