"""An entry: what one name of a space stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_PORT_UREFS_MAX, PortType

if TYPE_CHECKING:
    from portaudit.simulator.port import Port
    from portaudit.simulator.port_set import PortSet

GENERATION_STEP = 4  # IE_BITS_GEN_ONE: the low two bits of every name are 1
GENERATION_NEVER_USED = 0xFF  # so that the first use of a slot starts a lap
GENERATION_FIRST = 0x03
ROLL_POSITION = 6  # where the roll-over bits stand in the generation byte


def name_of(index: int, generation: int) -> int:
    """Make a name: the slot's index, and in the low byte how often the slot was used (MACH_PORT_MAKE)."""
    return index << 8 | generation


def index_of(name: int) -> int:
    """Give the slot that a name stands for (MACH_PORT_INDEX)."""
    return name >> 8


@dataclass(slots=True)
class Entry:
    """One slot of a space's table: its rights, and how many user references the task holds of them.

    `urefs` count the send right or the dead name; a send-once right has 1, a bare receive right and a port
    set 0. `request` is the slot of a dead-name or send-possible request in the port's request table.
    `had_receive` marks a name whose receive right is gone (MACH_PORT_TYPE_EX_RECEIVE): using it as if it
    were still there is refused without a guard.
    """

    index: int
    generation: int = GENERATION_NEVER_USED
    rollover: int = 0
    type: PortType = PortType.NONE
    urefs: int = 0
    port: Port | None = None
    port_set: PortSet | None = None
    request: int = 0
    had_receive: bool = False

    @property
    def name(self) -> int:
        """The name that the entry has, or had last."""
        return name_of(self.index, self.generation)

    @property
    def named_port(self) -> Port:
        """The port behind the name, which must carry a port right."""
        if self.port is None:
            raise LookupError(f"the name 0x{self.name:x} stands for no port")
        return self.port

    def add_reference(self) -> None:
        """Count one more user reference; at the maximum the count sticks (osfmk/ipc/ipc_right.c:2710)."""
        self.urefs = min(self.urefs + 1, MACH_PORT_UREFS_MAX)

    def drop_references(self, count: int = 1) -> None:
        """Count fewer user references; a count that has stuck at the maximum stays there."""
        if self.urefs < MACH_PORT_UREFS_MAX:
            self.urefs -= count

    def next_generation(self) -> int | None:
        """Say which generation comes next; None if they start again (osfmk/ipc/ipc_entry.h:177)."""
        lap = GENERATION_NEVER_USED ^ self.rollover << ROLL_POSITION
        generation = (self.generation + GENERATION_STEP & 0xFF) % lap
        return generation if generation > self.generation else None

    def clear(self) -> None:
        """Forget the rights and keep the generation, so that the old name stays invalid."""
        self.type, self.urefs, self.request, self.had_receive = PortType.NONE, 0, 0, False
        self.port = self.port_set = None

    def become_dead_name(self, *, with_request: bool) -> None:
        """Turn into a dead name that keeps its references, and one more for a request that was armed.

        The extra reference belongs to whoever receives the notification (osfmk/ipc/ipc_right.c:714).
        """
        self.type, self.port, self.request = PortType.DEAD_NAME, None, 0
        if with_request:
            self.add_reference()
