"""How many names fit into a space before the kernel kills its process: what is configured, and what was seen.

The limit is the size of the table of names; the count in reports is that of the names in use, so that entries
that were free or reserved make it a little smaller. Only launchd and the kernel are exempt
(XNU osfmk/kern/task.c:8502-8529).
"""

from dataclasses import dataclass


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
