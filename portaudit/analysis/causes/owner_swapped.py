"""X1: what one task lost, the other gained: one wrong owner, not two bugs."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, gains, losses
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when two tasks' residuals on one object cancel out."""
    for loss in losses(evidence):
        for gain in gains(evidence):
            if _mirror(loss, gain):
                yield Claim(
                    (loss, gain),
                    f"{_who(loss)}: {count(loss)}; {_who(gain)}: {count(gain)}",
                    Confidence.CERTAIN,
                )


def _mirror(loss: Change, gain: Change) -> bool:
    if loss.object is None or loss.object != gain.object:
        return False
    return loss.process != gain.process and loss.residual + gain.residual == 0


def _who(row: Change) -> str:
    return row.role or row.process.name or "task"


RULE = Rule(
    id="X1",
    title="references moved from one task to the other: the owner is swapped",
    cause="the sender moved the right (MACH_MSG_TYPE_MOVE_SEND) where a copy was meant",
    fix="send with MACH_MSG_TYPE_COPY_SEND, and mach_port_deallocate what was received once it is used",
    case="the balance sheet of one transfer",
    find=find,
)
