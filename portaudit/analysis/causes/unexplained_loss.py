"""L2: what no other rule explains is still said: rights that are gone."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_class
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural, total
from portaudit.model.finding import Confidence, Severity
from portaudit.model.rights import Right


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of every loss that is left; dead names that were cleaned up are only noted."""
    for right in Right:
        for rows in by_class(evidence.losses(right=right)):
            clean = Severity.NOTE if right is Right.DEAD_NAME else None
            seen = f"{plural(len(rows), f'{right} right')} fell by {-total(rows)} together"
            yield Claim(rows, seen, Confidence.HINT, severity=clean)


RULE = Rule(
    id="L2",
    title="rights are gone that were held before",
    cause="the rights were released between the two readings; whether that was meant does not show",
    fix="nothing, if it was meant; else look for a mach_port_destroy or mach_port_deallocate too many",
    case="",
    find=find,
)
