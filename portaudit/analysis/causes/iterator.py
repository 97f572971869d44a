"""N6: IOKit iterators that are never released."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_class
from portaudit.analysis.causes.iokit import is_iterator
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import brief, plural
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence
from portaudit.model.kobject import IOKIT_OBJECT


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of new IOKit objects that are iterators, or of which nothing is known but that they are new."""
    new = [row for row in evidence.gains({IOKIT_OBJECT}) if not row.before]
    for rows in by_class(row for row in new if is_iterator(row) or _is_fresh(row)):
        kind = brief(rows[0].class_name or "") or "their class was not read"
        sure = Confidence.LIKELY if rows[0].description else Confidence.HINT
        yield Claim(rows, f"{plural(len(rows), 'new IOKIT-OBJECT name')} ({kind})", sure)


def _is_fresh(row: Change) -> bool:
    # Every iterator is an object of its own, so two references are no two iterators
    return row.description is None and row.residual == 1


RULE = Rule(
    id="N6",
    title="IOKit iterators are made and never released",
    cause="IOServiceGetMatchingServices and its kind make an iterator; its io_iterator_t was not released",
    fix="IOObjectRelease the io_iterator_t after the loop, and each object that IOIteratorNext gave",
    case="wjwwood/serial#90",
    find=find,
)
