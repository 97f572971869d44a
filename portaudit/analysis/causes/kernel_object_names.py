"""N11: vouchers, file ports and memory entries."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence, by_class
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural, total
from portaudit.model.finding import Confidence, Severity
from portaudit.model.kobject import FILEPORT, NAMED_MEMORY, VOUCHER

CHURN = 10
"""Fewer new voucher names than this are a note: each message may bring one, and it goes again."""


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of new vouchers, file ports and memory entries; a few vouchers are only noted."""
    for rows in by_class(evidence.gains({VOUCHER, FILEPORT, NAMED_MEMORY})):
        label = f"{rows[0].kobject_label} name"
        few = rows[0].kobject == VOUCHER and len(rows) < CHURN
        rise = plural(total(rows), "reference")
        yield Claim(
            rows,
            f"{plural(len(rows), label)} rose by {rise} together",
            Confidence.HINT if few else Confidence.LIKELY,
            severity=Severity.NOTE if few else None,
        )


RULE = Rule(
    id="N11",
    title="vouchers, file ports or memory entries are kept",
    cause="what came with a message, from fileport_makeport or mach_make_memory_entry_64 was not released",
    fix="mach_port_deallocate each of them once it is used",
    case="",
    find=find,
)
