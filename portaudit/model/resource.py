"""A resource exception (EXC_RESOURCE) as a value, and a panic of the kernel for want of memory for ports.

The code is 64 bits: resource type [63:61], flavour [60:58], the rest by type; for ports [23:0] is the number
of names in use (XNU osfmk/kern/exc_resource.h:44-66,216-240). It exists for ports since macOS 12.

How many names fit into a space before the kernel kills its process is configured, and was seen. The limit is
the size of the table of names; the count in reports is that of the names in use, so that entries that were
free or reserved make it a little smaller. Only launchd and the kernel are exempt (task.c:8502-8529).
"""

from dataclasses import dataclass

from portaudit.model.snapshot import Task

PORTS = 6
PORT_SPACE_FULL = 1

RESOURCES: dict[int, str] = {
    1: "CPU",
    2: "WAKEUPS",
    3: "MEMORY",
    4: "IO",
    5: "THREADS",
    PORTS: "PORTS",
}
"""Resource types by number, without RESOURCE_TYPE_ (osfmk/kern/exc_resource.h:60-66)."""

RESOURCE_FLAVOURS: dict[int, dict[int, str]] = {
    1: {1: "FLAVOR_CPU_MONITOR", 2: "FLAVOR_CPU_MONITOR_FATAL"},
    2: {1: "FLAVOR_WAKEUPS_MONITOR"},
    3: {1: "FLAVOR_HIGH_WATERMARK", 2: "FLAVOR_DIAG_MEMLIMIT", 3: "FLAVOR_CONCLAVE_LIMIT"},
    4: {1: "FLAVOR_IO_PHYSICAL_WRITES", 2: "FLAVOR_IO_LOGICAL_WRITES"},
    5: {1: "FLAVOR_THREADS_HIGH_WATERMARK"},
    PORTS: {PORT_SPACE_FULL: "FLAVOR_PORT_SPACE_FULL"},
}
"""Flavours of each type (same place)."""

_TYPE_SHIFT, _FLAVOUR_SHIFT = 61, 58
_FLAVOUR_MASK, NAMES_MASK = 0x7, 0xFF_FFFF


@dataclass(frozen=True, slots=True)
class ResourceEvent:
    """One resource exception; what the source does not tell is None."""

    type: int | None
    """Resource type: see RESOURCES."""
    flavour: int | None = None
    names: int | None = None
    """For ports: the names in use when the process was killed."""
    process: str | None = None
    pid: int | None = None
    os: str | None = None
    killed: bool | None = None
    line: int | None = None
    """Where in the source it was found, in lines from 1."""
    named: str | None = None
    """The resource as the source spells it, if it is none that kernels number."""

    @property
    def known(self) -> bool:
        """Whether a kernel raises this type with this flavour."""
        return self.flavour in RESOURCE_FLAVOURS.get(self.type or 0, {})


@dataclass(frozen=True, slots=True)
class ZonePanic:
    """A panic because the kernel had no room left for a kind of its objects: of all processes together."""

    zone: str
    elements: int | None = None
    pid: int | None = None
    """The process that asked for the last one: the straw, not the leak."""
    process: str | None = None
    line: int | None = None
    asked: str | None = None
    """The zone in which the last element was asked for, where that is another."""


def resource_of_code(code: int) -> ResourceEvent:
    """Take an exception code of 64 bits apart; a negative one is the same bits printed as a signed number."""
    code &= 0xFFFF_FFFF_FFFF_FFFF
    number = code >> _TYPE_SHIFT
    return ResourceEvent(
        type=number,
        flavour=code >> _FLAVOUR_SHIFT & _FLAVOUR_MASK,
        names=code & NAMES_MASK if number == PORTS else None,
    )


@dataclass(frozen=True, slots=True)
class NamesOfKind:
    """How many names of a space are of one kind."""

    kind: str
    names: int


@dataclass(frozen=True, slots=True)
class LargestKinds:
    """The largest kinds of names of a task, the largest first, of all that it has."""

    task: Task
    names: int
    kinds: tuple[NamesOfKind, ...]


@dataclass(frozen=True, slots=True)
class ResourceDescription:
    """A resource exception or zone panic in sentences, ready to be shown."""

    title: str
    resource: str
    declined: str | None = None
    """Why this is not portaudit's: set for other resources than ports."""
    meaning: str | None = None
    number: str | None = None
    """What the number of names is, and what it is not."""
    thread: str | None = None
    """What the backtrace of the report shows."""
    happened: str | None = None
    full: str | None = None
    """Where tables of names were full, with the source."""
    next: str | None = None
    otherwise: str | None = None
    """What else a bare number could be."""


@dataclass(frozen=True, slots=True)
class DecodedResource:
    """A resource exception or zone panic, in words, with the largest kinds of names of a snapshot."""

    event: ResourceEvent | ZonePanic
    description: ResourceDescription
    largest: tuple[LargestKinds, ...] = ()


@dataclass(frozen=True, slots=True)
class SeenLimit:
    """The names that a process had when it was killed for a full space, by a public report."""

    names: int
    system: str


CONFIGURED = 305_834
"""7 MiB of entries, on medium, large and xlarge kernels (XNU config/MASTER:294, xnu-11417)."""

CONFIGURED_SMALL = 131_072
"""3 MiB of entries, on small kernels (config/MASTER:295)."""

SEEN = (
    SeenLimit(305_834, "macOS 13.4"),
    SeenLimit(267_611, "macOS"),
    SeenLimit(267_620, "macOS 15.7.5"),
    SeenLimit(267_623, "macOS 15.6.1"),
    SeenLimit(267_848, "macOS 26"),
    SeenLimit(114_835, "iOS"),
)
"""Counts at the kill in public crash reports and logs."""

_SMALL_SYSTEMS = ("ios", "iphone os", "ipados", "watchos", "tvos", "visionos")


@dataclass(frozen=True, slots=True)
class FullAt:
    """The fewest and the most names at which a space is full, and where that is from."""

    fewest: int
    most: int
    source: str


_MAC = FullAt(
    min(seen.names for seen in SEEN if seen.system.startswith("macOS")),
    CONFIGURED,
    "267,611 to 267,848 names were seen on macOS 15 and 26, and 305,834 on macOS 13.4: 7 MiB, as XNU is "
    "configured",
)
_SMALL = FullAt(
    min(seen.names for seen in SEEN),
    CONFIGURED_SMALL,
    "114,835 names were seen on iOS; small kernels are configured for 131,072 (3 MiB)",
)


def full_at(system: str | None) -> FullAt:
    """Give the range for a system, as a snapshot or a crash report names it; a Mac's if it is not known."""
    small = system is not None and system.casefold().startswith(_SMALL_SYSTEMS)
    return _SMALL if small else _MAC
