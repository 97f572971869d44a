"""N7: an IOKit connection that is never closed."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_class
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import brief, plural, total
from portaudit.model.finding import Confidence
from portaudit.model.kobject import IOKIT_CONNECT


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task holds more connections to IOKit services than before."""
    for rows in by_class(evidence.gains({IOKIT_CONNECT})):
        kind = f" to {brief(rows[0].class_name)}" if rows[0].class_name else ""
        rise = plural(total(rows), "reference")
        seen = f"{plural(len(rows), 'IOKIT-CONNECT name')}{kind} rose by {rise} together"
        yield Claim(rows, seen, Confidence.LIKELY)


RULE = Rule(
    id="N7",
    title="connections to IOKit services are opened and never closed",
    cause="IOServiceOpen makes a connection each time, and IOServiceClose was not called for it",
    fix="IOServiceClose each io_connect_t; IOObjectRelease is for the io_service_t that it was opened from",
    case="",
    find=find,
)
