"""U9: clock and voucher rights whose references rise."""

from collections.abc import Iterator

from portaudit.analysis.causes.evidence import Evidence
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import count, new_or_known
from portaudit.model.finding import Confidence, Severity
from portaudit.model.kobject import CLOCK, VOUCHER


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a clock rose, or a voucher whose name existed; a voucher is only noted, since it jitters."""
    for row in evidence.gains({CLOCK, VOUCHER}):
        if row.kobject == CLOCK or row.before:
            note = Severity.NOTE if row.kobject == VOUCHER else None
            seen = f"the {row.kobject_label} row: {count(row)}; {new_or_known(row)}"
            yield Claim((row,), seen, Confidence.LIKELY, severity=note)


RULE = Rule(
    id="U9",
    title="references to a clock or a voucher rise",
    cause="host_get_clock_service, or a call that hands out a voucher, gives one reference at every call",
    fix="keep one clock; mach_port_deallocate each clock or voucher that was handed out",
    case="",
    find=find,
)
