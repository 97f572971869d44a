"""U10: a registry entry that is looked up and never released."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.iokit import is_iterator
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, new_or_known
from portaudit.model.finding import Confidence
from portaudit.model.kobject import IOKIT_OBJECT


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when one IOKit object's references rose, or when a new one is known to be no iterator."""
    for row in evidence.gains({IOKIT_OBJECT}):
        several = bool(row.before) or row.residual > 1
        if several or (row.description and not is_iterator(row)):
            yield Claim((row,), f"{count(row)}; {new_or_known(row)}", Confidence.LIKELY)


RULE = Rule(
    id="U10",
    title="an IOKit object is looked up again and again and never released",
    cause="IOServiceGetMatchingService and its kind give one reference at every call",
    fix="IOObjectRelease each io_service_t or io_registry_entry_t once it is used",
    case="sidit77/async-hid#42",
    find=find,
)
