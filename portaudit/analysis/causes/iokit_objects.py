"""IOKit: notification ports, iterators, objects of one class, registry entries, connections."""

from collections.abc import Iterator

from portaudit.analysis.causes.rule import (
    Claim,
    Evidence,
    Rule,
    brief,
    by_class,
    by_task,
    count,
    new_or_known,
    plural,
    total,
    who,
    with_own_senders,
)
from portaudit.model.difference import Change
from portaudit.model.kobject import IOKIT_CONNECT, IOKIT_OBJECT, MAIN_DEVICE
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence

GRAPHICS = ("IOSurface", "IOGPU", "IOAccel", "AGX")
"""How the classes of graphics objects begin: surfaces, shared events, command queues."""


def is_iterator(row: Change) -> bool:
    """Whether the object is an iterator: IOKit serves those to user space as IOUserIterator."""
    return "Iterator" in (row.description or "")


def is_notification(row: Change) -> bool:
    """Whether the object stands for a matching or interest notification (IOUserNotification and kin)."""
    return "Notification" in (row.description or "")


def is_graphics(row: Change) -> bool:
    """Whether the object belongs to the graphics stack, which releases through autorelease pools."""
    return (row.description or "").startswith(GRAPHICS)


def notification_port(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task has new receive rights and with each of them as many new IOKit objects.

    Also of the port of IOKit's registry: each notification port keeps a reference to it (IOKitUser,
    IOKitLib.c).
    """
    objects = [row for row in evidence.gains({IOKIT_OBJECT}) if not row.before and _fits(row)]
    for rows in by_task([*evidence.gains(right=Right.RECEIVE), *objects]):
        ports = [row for row in rows if row.right is Right.RECEIVE]
        made = len(rows) - len(ports)
        if ports and made and made % len(ports) == 0:
            objects_too = [row for row in rows if row.right is Right.SEND]
            yield Claim(
                (*with_own_senders(evidence, ports), *objects_too),
                f"{plural(len(ports), 'new receive right')} and {plural(made, 'new IOKIT-OBJECT name')}",
                Confidence.LIKELY if any(map(is_notification, rows)) else Confidence.HINT,
            )
    for row in evidence.gains({MAIN_DEVICE}):
        kept = f"{who(row)} keeps {plural(row.residual, 'reference')} to IOKit's registry"
        yield Claim(
            (row,), f"the MAIN-DEVICE row: {count(row)}; {new_or_known(row)}", Confidence.LIKELY, title=kept
        )


def _fits(row: Change) -> bool:
    return row.description is None or is_iterator(row) or is_notification(row)


N5 = Rule(
    id="N5",
    title="an IOKit notification port is never destroyed",
    cause="IONotificationPortCreate without IONotificationPortDestroy, and its iterators without a release",
    fix="IOObjectRelease each iterator of the notifications, then IONotificationPortDestroy",
    case="",
    find=notification_port,
)


def iterator(evidence: Evidence) -> Iterator[Claim]:
    """Speak of new IOKit objects that are iterators, or of which nothing is known but that they are new."""
    new = [row for row in evidence.gains({IOKIT_OBJECT}) if not row.before]
    for rows in by_class(row for row in new if is_iterator(row) or _is_fresh(row)):
        kind = brief(rows[0].class_name or "") or "their class was not read"
        sure = Confidence.LIKELY if rows[0].description else Confidence.HINT
        yield Claim(rows, f"{plural(len(rows), 'new IOKIT-OBJECT name')} ({kind})", sure)


def _is_fresh(row: Change) -> bool:
    # Every iterator is an object of its own, so two references are no two iterators
    return row.description is None and row.residual == 1


N6 = Rule(
    id="N6",
    title="IOKit iterators are made and never released",
    cause="IOServiceGetMatchingServices and its kind make an iterator; its io_iterator_t was not released",
    fix="IOObjectRelease the io_iterator_t after the loop, and each object that IOIteratorNext gave",
    case="wjwwood/serial#90",
    find=iterator,
)


def described_objects(evidence: Evidence) -> Iterator[Claim]:
    """Speak when several new IOKit objects are of one class, or when one is a graphics object.

    Iterators are N6's, which looks before.
    """
    for rows in by_class(row for row in evidence.gains({IOKIT_OBJECT}) if not row.before and row.description):
        if len(rows) > 1 or is_graphics(rows[0]):
            sure = Confidence.CERTAIN if len(rows) > 1 and is_graphics(rows[0]) else Confidence.LIKELY
            yield Claim(rows, f"{plural(len(rows), 'new name')}, all {brief(rows[0].class_name or '')}", sure)


N12 = Rule(
    id="N12",
    title="objects of one IOKit class pile up",
    cause="an object from IOIteratorNext, a graphics object or a surface's right was not released",
    fix="IOObjectRelease each object; an @autoreleasepool a round; mach_port_deallocate a surface's right",
    case="gterzian/formal-web#118",
    find=described_objects,
)


def registry_entry(evidence: Evidence) -> Iterator[Claim]:
    """Speak when one IOKit object's references rose, or when one is new that is no iterator: N6 has those."""
    for row in evidence.gains({IOKIT_OBJECT}):
        yield Claim((row,), f"{count(row)}; {new_or_known(row)}", Confidence.LIKELY)


U10 = Rule(
    id="U10",
    title="an IOKit object is looked up again and again and never released",
    cause="IOServiceGetMatchingService and its kind give one reference at every call",
    fix="IOObjectRelease each io_service_t or io_registry_entry_t once it is used",
    case="sidit77/async-hid#42",
    find=registry_entry,
)


def connection_opened(evidence: Evidence) -> Iterator[Claim]:
    """Speak when a task holds more connections to IOKit services than before."""
    for rows in by_class(evidence.gains({IOKIT_CONNECT})):
        kind = f" to {brief(rows[0].class_name)}" if rows[0].class_name else ""
        rise = plural(total(rows), "reference")
        seen = f"{plural(len(rows), 'IOKIT-CONNECT name')}{kind} rose by {rise} together"
        yield Claim(rows, seen, Confidence.LIKELY)


N7 = Rule(
    id="N7",
    title="connections to IOKit services are opened and never closed",
    cause="IOServiceOpen makes a connection each time, and IOServiceClose was not called for it",
    fix="IOServiceClose each io_connect_t; IOObjectRelease is for the io_service_t that it was opened from",
    case="",
    find=connection_opened,
)
