"""Named entries of memory: their ports (osfmk/vm/vm_memory_entry.c). No memory stands behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND,
    MACH_PORT_NULL,
    KernReturn,
    KobjectType,
    TaskFlavor,
)
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.kobject import make_port
from portaudit.simulator.message import Right
from portaudit.simulator.port import Port
from portaudit.simulator.release import release_send
from portaudit.simulator.task_port import task_behind

if TYPE_CHECKING:
    from portaudit.simulator.port import Carried

PAGE = 1 << 14  # bytes, on arm64
ADDRESSES = 1 << 64
LARGEST = 0xFFFFFFFF * PAGE  # ANON_MAX_SIZE, osfmk/mach/vm_param.h:245
PROTECTIONS = 0xFF  # MAP_MEM_PROT_MASK, osfmk/mach/memory_object_types.h:435
NAMED_CREATE = 0x020000  # MAP_MEM_NAMED_CREATE


def make(port: Carried, size: int, offset: int, permission: int, parent: Right) -> tuple[int, Right]:
    """mach_make_memory_entry_64: a new entry each time, for memory that it brings along itself.

    Only that, MAP_MEM_NAMED_CREATE, is simulated: there is no memory that an entry could be of. The size
    comes back in whole pages of 16 KiB (osfmk/vm/vm_memory_entry.c:301).
    """
    task = task_behind(port, TaskFlavor.CONTROL)
    if task is None or permission & ~PROTECTIONS != NAMED_CREATE:
        raise NotImplementedError(
            f"not simulated: mach_make_memory_entry_64 with permission 0x{permission:x}"
        )
    whole = _whole_pages(size, offset)
    if isinstance(parent.port, Port):
        release_send(parent.port)
    if not size:
        return 0, Right(MACH_PORT_NULL, MACH_MSG_TYPE_PORT_SEND)
    entry = make_port(task.space.ipc, KobjectType.NAMED_ENTRY)
    return whole, Right(entry.make_send(), MACH_MSG_TYPE_PORT_SEND)


def _whole_pages(size: int, offset: int) -> int:
    end = -(-(offset + size) // PAGE) * PAGE
    if end >= ADDRESSES:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    whole = end - offset // PAGE * PAGE
    if whole > LARGEST:
        raise RefusalError(KernReturn.KERN_FAILURE)
    return whole
