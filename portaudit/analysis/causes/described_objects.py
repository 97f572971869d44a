"""N12: many IOKit objects of one class, graphics objects above all."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_class
from portaudit.analysis.causes.iokit import is_graphics, is_iterator
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import brief, plural
from portaudit.model.finding import Confidence
from portaudit.model.kobject import IOKIT_OBJECT


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when several new IOKit objects are of one class, or when one is a graphics object."""
    new = [row for row in evidence.gains({IOKIT_OBJECT}) if not row.before and row.description]
    for rows in by_class(row for row in new if not is_iterator(row)):
        if len(rows) > 1 or is_graphics(rows[0]):
            sure = Confidence.CERTAIN if len(rows) > 1 and is_graphics(rows[0]) else Confidence.LIKELY
            yield Claim(rows, f"{plural(len(rows), 'new name')}, all {brief(rows[0].class_name or '')}", sure)


RULE = Rule(
    id="N12",
    title="objects of one IOKit class pile up",
    cause="an object from IOIteratorNext, a graphics object or a surface's right was not released",
    fix="IOObjectRelease each object; an @autoreleasepool a round; mach_port_deallocate a surface's right",
    case="gterzian/formal-web#118",
    find=find,
)
