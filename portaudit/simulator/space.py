"""A space: a task's table of names, and an entry of it: what one name stands for."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_PORT_UREFS_MAX, GuardFlavor, KernReturn, PortType
from portaudit.simulator.guard import Guard, RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.simulator.kernel import Chance
    from portaudit.simulator.port import Ipc, Port, PortSet
    from portaudit.simulator.task import Task

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


ENTRY_SIZE = 24  # sizeof(struct ipc_entry)
TABLE_MIN = 32  # IPC_ENTRY_TABLE_MIN, osfmk/ipc/ipc_entry.h:131
TABLE_PERIOD = 16  # IPC_ENTRY_TABLE_PERIOD
TABLE_SIZE_MAX = 7 << 20  # CONFIG_IPC_TABLE_ENTRIES_SIZE_MAX on desktops, config/MASTER:295
PAGE_SIZE = 4096
KHEAP_MAX_SIZE = 32 << 10
NAME_BITS = 3  # the low bits that every name carries


def next_good_size(size: int, period: int) -> int:
    """Round up to the kernel's next allocation class (kalloc_next_good_size, osfmk/kern/kalloc.c:2194)."""
    scale = size.bit_length() - 1
    if size < KHEAP_MAX_SIZE:
        step = 1 << scale - 1
    else:
        step = -(-(1 << scale - (period.bit_length() - 1)) // PAGE_SIZE) * PAGE_SIZE
    return size + step & -step


class Space:
    """The names of one task.

    Slot 0 is never a name. `free` holds the unused slots, the one used next in front: a freed slot goes to
    the front, so that the next right gets the same slot under its next generation.
    """

    def __init__(self, task: Task, ipc: Ipc, chance: Chance) -> None:
        self.task = task
        self.ipc = ipc
        self.active = True
        self.table: list[Entry] = [Entry(0)]
        self.free: deque[int] = deque()
        self._chance = chance
        self._senders: dict[Port, Entry] = {}
        self._extend(TABLE_MIN * ENTRY_SIZE)

    def check_active(self) -> None:
        """Refuse whatever is asked of the space of a task that has ended: KERN_INVALID_TASK."""
        if not self.active:
            raise RefusalError(KernReturn.KERN_INVALID_TASK)

    def find(self, name: int) -> Entry | None:
        """Look a name up; None if the slot is free or has moved on to another generation."""
        index = index_of(name)
        if not 0 < index < len(self.table):
            return None
        entry = self.table[index]
        return entry if entry.type and entry.generation == name & 0xFF else None

    def lookup(self, name: int, *, guard: bool = False) -> Entry:
        """Look a name up, or refuse: KERN_INVALID_TASK in a dead space, KERN_INVALID_NAME."""
        self.check_active()
        entry = self.find(name)
        if entry is None:
            guards = (Guard(GuardFlavor.INVALID_NAME, name),) if guard else ()
            raise RefusalError(KernReturn.KERN_INVALID_NAME, *guards)
        return entry

    def names(self) -> Iterator[Entry]:
        """Give the entries in use, by slot."""
        return (entry for entry in self.table if entry.type)

    def retire(self) -> list[Entry]:
        """End the space and give up its entries: from now on every lookup fails."""
        entries = list(self.names())
        self.active = False
        self.table = [Entry(0)]
        self.free.clear()
        self._senders.clear()
        return entries

    def reverse(self, port: Port) -> Entry | None:
        """Find the one name that a task has for its send or receive rights to a port."""
        if port.receiver is self:
            return self.find(port.receiver_name)
        return self._senders.get(port)

    def remember_sender(self, port: Port, entry: Entry) -> None:
        """Let `reverse` find the entry of a pure send right."""
        self._senders[port] = entry

    def forget_sender(self, port: Port) -> None:
        """Undo remember_sender."""
        self._senders.pop(port, None)

    def hold(self) -> None:
        """Make sure that one more name fits. The table grows at 7/8 (osfmk/ipc/ipc_entry.c:160)."""
        if not self.active:
            raise RefusalError(KernReturn.KERN_INVALID_TASK)
        while not self.free or len(self._senders) + 1 > len(self.table) * 7 // 8:
            self._grow(self._table_size)

    def claim(self) -> Entry:
        """Take the slot used next, under a name of the kernel's choice (osfmk/ipc/ipc_entry.c:198)."""
        self.hold()
        entry = self.table[self.free.popleft()]
        generation = entry.next_generation()
        if generation is None:
            entry.rollover = self._chance.rollover(entry.index)
            generation = GENERATION_FIRST
        entry.generation = generation
        return entry

    def claim_name(self, name: int) -> Entry:
        """Take the slot of a name of the caller's choice, or find it if it is in use under that very name.

        Refuses with KERN_NO_SPACE, KERN_INVALID_VALUE (the low two bits must be set), or KERN_FAILURE if the
        slot is in use under another generation (osfmk/ipc/ipc_entry.c:315).
        """
        index = index_of(name)
        if index > TABLE_SIZE_MAX // ENTRY_SIZE:
            raise RefusalError(KernReturn.KERN_NO_SPACE)
        if name & NAME_BITS != NAME_BITS:
            raise RefusalError(KernReturn.KERN_INVALID_VALUE)
        if not index:
            raise RefusalError(KernReturn.KERN_FAILURE)
        if not self.active:
            raise RefusalError(KernReturn.KERN_INVALID_TASK)
        while index >= len(self.table):
            self._grow((index + 1) * ENTRY_SIZE)
        entry = self.table[index]
        if not entry.type:
            self.free.remove(index)
            entry.generation, entry.rollover = name & 0xFF, 0
        elif entry.generation != name & 0xFF:
            raise RefusalError(KernReturn.KERN_FAILURE)
        return entry

    def release(self, entry: Entry) -> None:
        """Free a slot. It is the next to be used."""
        entry.clear()
        self.free.appendleft(entry.index)

    def _grow(self, size: int) -> None:
        grown = min(next_good_size(size + ENTRY_SIZE - 1, TABLE_PERIOD), TABLE_SIZE_MAX)
        if grown <= self._table_size:
            raise RefusalError(KernReturn.KERN_NO_SPACE)
        self._extend(grown)

    def _extend(self, size: int) -> None:
        """Add slots up to the new size, for use after those that were freed before."""
        self._table_size = size
        bottom, top = len(self.table), size // ENTRY_SIZE
        self.table.extend(Entry(index) for index in range(bottom, top))
        self.free.extend(self._chance.order(bottom, top))
