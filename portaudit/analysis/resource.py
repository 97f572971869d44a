"""Say in words what a resource exception means, and which kinds of names fill a space."""

from collections import Counter

from portaudit.model.resource import (
    PORTS,
    RESOURCE_FLAVOURS,
    RESOURCES,
    LargestKinds,
    NamesOfKind,
    ResourceDescription,
    ResourceEvent,
    ZonePanic,
    full_at,
)
from portaudit.model.snapshot import Entry, Task

LARGEST = 8
"""So many kinds of names are told of each task."""

_PORT_ZONES = frozenset({"ipc ports", "ipc.ports"})
"""How kernels call the zone of ports: all of the machine's, whoever holds rights to them."""

_OTHER_ZONE = (
    "a port was asked for when no memory was left, but the kernel sees the leak in this other zone: "
    "portaudit decodes that of ports"
)
_KILLED = (
    "the kernel kills any process whose table of names is full (SIGKILL), launchd excepted: it asked for "
    "a new name, and none was free"
)
_NAMES_COUNT = (
    "names count, not user references: a right that was received a thousand times and never given back "
    "is one name"
)
_STRAW = "the thread in the report is the one that made the last name: the straw, not the leak"
_NEXT = (
    "take two snapshots of a fresh run while it grows (portaudit snapshot, or lsmp) and portaudit diff them; "
    "look at dead names, receive rights, semaphores and IOKit objects"
)
_LLDB = (
    "the source does not say which; lldb has no words for PORTS and leaves the numbers out, so it may be "
    "that the port space was full"
)
_LOW_BITS = (
    "the source does not say which: its codes hold only the low bits of the code. Of a full port space they "
    "are the names that were in use, {names:,} here: the member `termination`, or the line Termination "
    "Reason, says namespace PORT_SPACE then"
)


def describe_resource(event: ResourceEvent) -> ResourceDescription:
    """Put a resource exception into words; other resources than ports are named and declined."""
    if event.type is None and event.named is None:
        meaning = _LOW_BITS.format(names=event.names) if event.names else _LLDB
        return ResourceDescription(
            "EXC_RESOURCE", "not named", meaning=meaning, happened=_happened(event), next=_NEXT
        )
    resource = _resource_words(event)
    if event.type != PORTS:
        return ResourceDescription(
            f"{_label(event)} (EXC_RESOURCE)",
            resource,
            declined=f"the resource is {_label(event)}: portaudit decodes those of Mach ports",
            happened=_happened(event),
        )
    return ResourceDescription(
        title=f"PORTS: the port space was full{_in_use(event)}",
        resource=resource,
        meaning=_KILLED,
        number=_number(event),
        thread=_STRAW,
        happened=_happened(event),
        full=full_at(event.os).source,
        next=_NEXT,
    )


def describe_panic(panic: ZonePanic) -> ResourceDescription:
    """Put a panic for want of kernel memory into words; other zones than ports' are named and declined."""
    who = f" by {_who(panic.process, panic.pid)}" if panic.process or panic.pid is not None else ""
    title = f"a panic of the kernel: no memory left in zone {panic.zone}"
    if panic.zone not in _PORT_ZONES:
        return ResourceDescription(
            title,
            f"the kernel's zone {panic.zone}",
            declined=_OTHER_ZONE
            if panic.asked in _PORT_ZONES
            else "the zone is not that of ports: portaudit decodes that",
        )
    other = f"; the last element was asked for in zone {panic.asked}" if panic.asked else ""
    count = "" if panic.elements is None else f"{panic.elements:,} ports were allocated; "
    return ResourceDescription(
        title,
        "Mach ports of the whole machine (the kernel's zone of ports)",
        meaning=(
            "this is not EXC_RESOURCE: no port space was full. All processes together had so many ports that "
            f"the kernel ran out of memory for them, and the machine restarted{other}"
        ),
        number=f"{count}a port lives as long as anybody holds a right to it or to receive from it",
        thread=f"the last one was asked for{who}: the straw, not the leak" if who else None,
        next=(
            "find the process whose names grow: sudo lsmp -a twice, and portaudit diff; "
            "or portaudit watch on the suspects"
        ),
    )


def largest_kinds(task: Task) -> LargestKinds:
    """Count the names of a task by kind, and give the largest."""
    kinds = Counter(_kind(entry) for entry in task.entries or ())
    told = tuple(NamesOfKind(kind, names) for kind, names in kinds.most_common(LARGEST))
    return LargestKinds(task, len(task.entries or ()), told)


def _kind(entry: Entry) -> str:
    return " ".join(filter(None, (",".join(entry.rights), entry.class_name or entry.kobject_label)))


def _label(event: ResourceEvent) -> str:
    return event.named or RESOURCES.get(event.type or 0, f"resource type {event.type}")


def _resource_words(event: ResourceEvent) -> str:
    what = "Mach ports of one process" if event.type == PORTS else _label(event)
    if event.type is None:
        return what
    name = f"RESOURCE_TYPE_{_label(event)}, {event.type}" if event.type in RESOURCES else f"type {event.type}"
    flavour = "" if event.flavour is None else f"; {_flavour(event)}"
    return f"{what} ({name}{flavour})"


def _flavour(event: ResourceEvent) -> str:
    known = RESOURCE_FLAVOURS.get(event.type or 0, {}).get(event.flavour or 0)
    return f"{known}, {event.flavour}" if known else f"flavour {event.flavour}"


def _in_use(event: ResourceEvent) -> str:
    return f": {event.names:,} names in use" if event.names else ""


def _number(event: ResourceEvent) -> str:
    if not event.names:
        return f"the source does not say how many names were in use; {_NAMES_COUNT}"
    return (
        f"{event.names:,} names were in use at the kill; `Limit {event.names}` in a report is this count, "
        f"not a limit that was set; {_NAMES_COUNT}"
    )


def _happened(event: ResourceEvent) -> str | None:
    if event.process is None and event.pid is None and not event.killed:
        return None
    return f"{_who(event.process, event.pid)} was killed" if event.killed else _who(event.process, event.pid)


def _who(process: str | None, pid: int | None) -> str:
    name = process or "the process"
    return name if pid is None else f"{name} ({pid})"
