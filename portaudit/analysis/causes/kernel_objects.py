"""Clocks, vouchers, semaphores, file ports and memory entries."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import Claim, Evidence, Rule, by_class, by_task
from portaudit.analysis.causes.words import count, new_or_known, plural, port, total, who
from portaudit.model.finding import Confidence
from portaudit.model.kobject import CLOCK, FILEPORT, NAMED_MEMORY, SEMAPHORE, VOUCHER


def clock_or_voucher(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a clock rose, or a voucher whose name existed."""
    for row in evidence.gains({CLOCK, VOUCHER}):
        if row.kobject == CLOCK or row.before:
            seen = f"the {row.kobject_label} row: {count(row)}; {new_or_known(row)}"
            kept = f"{who(row)} keeps {plural(row.residual, 'reference')} to {port(row)}"
            yield Claim((row,), seen, Confidence.LIKELY, title=kept)


U9 = Rule(
    id="U9",
    title="references to a clock or a voucher rise",
    cause="host_get_clock_service, or a call that hands out a voucher, gives one reference at every call",
    fix="keep one clock; mach_port_deallocate each clock or voucher that was handed out",
    case="",
    find=clock_or_voucher,
)


def semaphore(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task holds more semaphores than before."""
    for rows in by_task(evidence.gains({SEMAPHORE})):
        new = sum(len(row.names) or not row.before for row in rows)
        rise = plural(total(rows), "reference")
        names = plural(sum(len(row.names) or 1 for row in rows), "SEMAPHORE name")
        seen = f"{names}, {new} of them new, rose by {rise} together"
        yield Claim(rows, seen, Confidence.LIKELY)


N8 = Rule(
    id="N8",
    title="semaphores are made and never released",
    cause="semaphore_create without semaphore_destroy, or a dispatch_semaphore_t that is never released",
    fix="semaphore_destroy(mach_task_self(), semaphore), or dispatch_release of each dispatch_semaphore_t",
    case="tinygo-org/tinygo#5119",
    find=semaphore,
)


def kernel_object_names(evidence: Evidence) -> Iterator[Claim]:
    """Speak of new vouchers, file ports and memory entries."""
    for rows in by_class(evidence.gains({VOUCHER, FILEPORT, NAMED_MEMORY})):
        label = f"{rows[0].kobject_label} name"
        rise = plural(total(rows), "reference")
        yield Claim(rows, f"{plural(len(rows), label)} rose by {rise} together", Confidence.LIKELY)


N11 = Rule(
    id="N11",
    title="vouchers, file ports or memory entries are kept",
    cause="what came with a message, from fileport_makeport or mach_make_memory_entry_64 was not released",
    fix="mach_port_deallocate each of them once it is used",
    case="",
    find=kernel_object_names,
)
