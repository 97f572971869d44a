"""N2: the peer died, and what was held of it is a dead name now."""

from collections import defaultdict
from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, plural, total
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
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


RULE = Rule(
    id="N2",
    title="a right to a port that died is still held, as a dead name",
    cause="the port's owner has gone while a leaked reference was held; a dead name keeps its references",
    fix="mach_port_deallocate the right when it is used, or when it dies: once for each reference",
    case="technosloth.blogspot.com/2010/08 (Unexpected Mach port refcounts)",
    find=find,
)
