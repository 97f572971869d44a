"""N1: dead names that appeared: rights were taken and leaked, and their ports died."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_task
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural, total
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
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


RULE = Rule(
    id="N1",
    title="dead names pile up: rights were leaked, and their ports have died",
    cause="a thread, a task or a peer ended while a right to it was held, and nobody released the right",
    fix="mach_port_deallocate every right that is received or taken; a dead name needs it too",
    case="OpenMinis/ish-arm64#39",
    find=find,
)
