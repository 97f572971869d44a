"""Kernel objects: threads, the host, clocks, vouchers, semaphores, file ports, memory entries."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import (
    Claim,
    Evidence,
    Rule,
    by_class,
    by_task,
    count,
    new_or_known,
    plural,
    port,
    total,
    who,
)
from portaudit.analysis.spaces import Spaces
from portaudit.model.difference import Change
from portaudit.model.kobject import (
    CLOCK,
    FILEPORT,
    HOST_PORTS,
    NAMED_MEMORY,
    SEMAPHORE,
    THREAD_CONTROL,
    THREAD_PORTS,
    VOUCHER,
)
from portaudit.model.severity import Confidence


def thread_self(evidence: Evidence) -> Iterator[Claim]:
    """Speak when exactly one thread port of a task rose."""
    for rows in by_task(evidence.gains({THREAD_CONTROL})):
        if len(rows) == 1:
            row = rows[0]
            title = f"{who(row)} keeps {plural(row.residual, 'reference')} to a thread's port"
            seen = f"one thread port alone: {count(row)}; {new_or_known(row)}"
            yield Claim(rows, seen, Confidence.CERTAIN if row.before else Confidence.LIKELY, title=title)


U2 = Rule(
    id="U2",
    title="a thread's own port is taken and never given back",
    cause="mach_thread_self() adds one reference at every call",
    fix="use pthread_mach_thread_np(pthread_self()), which adds none, or mach_port_deallocate after each use",
    case="WebKit/WebKit#71210",
    find=thread_self,
)


def thread_sweep(evidence: Evidence) -> Iterator[Claim]:
    """Speak when all thread ports of a space, or all that are new in it, rose by the same number."""
    for rows in _several_threads(evidence):
        if len({row.residual for row in rows}) == 1:
            yield from _swept(rows, evidence.spaces)


def _several_threads(evidence: Evidence) -> Iterator[tuple[Change, ...]]:
    """Give the rows of each kind of thread port that rose, where several of a task did."""
    for kobject in sorted(THREAD_PORTS):
        yield from (rows for rows in by_task(evidence.gains({kobject})) if len(rows) > 1)


def _swept(rows: tuple[Change, ...], spaces: Spaces) -> Iterator[Claim]:
    rise = rows[0].residual
    if all(row.before == 0 for row in rows):
        new = f"{plural(len(rows), 'new thread row')} with {plural(rise, 'reference')} each"
        doubt = "; threads that were just started look the same after one reading" if rise == 1 else ""
        title = "new rights to threads are kept, taken by task_threads() or of threads that go on"
        yield Claim(
            rows,
            f"all {new}{doubt}",
            Confidence.LIKELY if doubt else Confidence.CERTAIN,
            title=title if doubt else None,
        )
    elif len(rows) == spaces.names_of(rows[0], rows[0].kobject):
        yield Claim(rows, f"all {len(rows)} thread rows rose by {rise}", Confidence.CERTAIN)


U3 = Rule(
    id="U3",
    title="every thread of a task is taken, and none is given back",
    cause="task_threads() gives one reference to each thread, and only its array was released",
    fix="mach_port_deallocate each thread, then vm_deallocate the array: count * sizeof(thread_act_t)",
    case="dotnet/runtime#70338",
    find=thread_sweep,
)


def partial_thread_sweep(evidence: Evidence) -> Iterator[Claim]:
    """Speak when several thread ports of a space rose, but not all alike."""
    for rows in _several_threads(evidence):
        there = evidence.spaces.names_of(rows[0], rows[0].kobject)
        rises = ", ".join(str(rise) for rise in sorted({row.residual for row in rows}))
        yield Claim(rows, f"{len(rows)} of {there} thread rows rose, by {rises}", Confidence.LIKELY)


U4 = Rule(
    id="U4",
    title="some threads of a task are given back, the others are kept",
    cause="the loop that releases what task_threads() gave is left early: an error path, a break, a throw",
    fix="mach_port_deallocate every thread of the array on every way out of the loop",
    case="getsentry/sentry-cocoa#8811",
    find=partial_thread_sweep,
)


def host_self(evidence: Evidence) -> Iterator[Claim]:
    """Speak when references to a host port rose."""
    for row in evidence.gains(HOST_PORTS):
        seen = f"the {row.kobject_label} port: {count(row)}; {new_or_known(row)}"
        kept = f"{who(row)} keeps {plural(row.residual, 'reference')} to the {row.kobject_label} port"
        yield Claim((row,), seen, Confidence.CERTAIN, title=kept)


U1 = Rule(
    id="U1",
    title="the host port is taken and never given back",
    cause="mach_host_self() adds one reference at every call, also where it stands inside another call",
    fix="keep one host port, or mach_port_deallocate(mach_task_self(), host) after each use",
    case="giampaolo/psutil#333",
    find=host_self,
)


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
