"""The ways to read a port space, and the kinds of Mach that answer: the words that name them."""

from dataclasses import dataclass
from enum import StrEnum

AUTO = "auto"
"""The least privilege that works, and lsmp last."""
SPACE_INFO = "space-info"
"""All in one call, mach_port_space_info."""
NAMES = "names"
"""Name by name: mach_port_names and mach_port_get_refs."""
LSMP = "lsmp"
"""Apple's own program, run for each reading."""
LLDB = "lldb"
"""The debugger: it stops the process for a moment, and lets it read itself."""
PROBE = "probe"
"""What a process wrote of itself."""
WAYS = (AUTO, SPACE_INFO, NAMES, LSMP, LLDB)
"""The ways to read a live process."""


class WayState(StrEnum):
    """Whether a way of reading works."""

    OK = "ok"
    NOT_HERE = "not here"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One way of reading a port space: does it work here, why not, and what next."""

    way: str
    state: WayState
    reason: str
    next_step: str


READ_BY_PROGRAM = (LSMP, LLDB)
"""Ways that leave the reading to another program: no kernel has to answer us."""


XNU = "xnu"
"""A Mac's own kernel."""
SIMULATED = "simulated"
"""A Mach kernel in Python."""
GNUMACH = "gnumach"
"""GNU Mach, in QEMU."""
STAND_INS = (SIMULATED, GNUMACH)
"""Kinds that another process serves on a socket: KIND:SOCKET names such a kernel."""
