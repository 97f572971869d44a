"""N2: the peer died, and what was held of it is a dead name now."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, count, gains
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a name that held a right before is a dead name with references now."""
    for row in gains(evidence, Right.DEAD_NAME):
        if row.was is not None and Right.DEAD_NAME not in row.was.rights:
            what = row.kobject_label or "a message queue"
            yield Claim(
                (row,), f"the name was a right to {what} and is dead: {count(row)}", Confidence.CERTAIN
            )


RULE = Rule(
    id="N2",
    title="a right to a port that died is still held, as a dead name",
    cause="the port's owner has gone while a leaked reference was held; a dead name keeps its references",
    fix="mach_port_deallocate the right when it is used, or when it dies: once for each reference",
    case="technosloth.blogspot.com/2010/08 (Unexpected Mach port refcounts)",
    find=find,
)
