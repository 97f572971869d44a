"""Dead names: what was held of a port that died."""

from collections import defaultdict
from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, by_task
from portaudit.analysis.causes.words import count, plural, total
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


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
