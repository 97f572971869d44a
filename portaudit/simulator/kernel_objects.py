"""Kernel objects that are little more than their port: how long it lives, and what is behind it.

Of semaphores (osfmk/kern/sync_sema.c), named entries of memory (osfmk/vm/vm_memory_entry.c) and open files
(bsd/kern/kern_descrip.c:5846, osfmk/kern/ipc_misc.c:53) there are ports only: no thread waits, and no
memory and no file stands behind them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND,
    MACH_PORT_NULL,
    KernReturn,
    KobjectType,
    TaskFlavor,
)
from portaudit.simulator.copyout import put
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.message import Right
from portaudit.simulator.message_copyin import valid
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.release import destroy_port, release_send
from portaudit.simulator.task_port import task_behind
from portaudit.simulator.task_routines import task_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.simulator.port import Ipc
    from portaudit.simulator.task import Task

T = TypeVar("T")


def make_port(
    ipc: Ipc, kotype: KobjectType, kobject: object = None, *, ended: Callable[[], None] | None = None
) -> Port:
    """Make the port of a kernel object that nobody but its senders keeps alive.

    With its last send right the port dies, and `ended` hears of it (IPC_KOBJECT_ALLOC_NSREQUEST,
    osfmk/kern/ipc_kobject.c:1095).
    """

    def end(port: Port) -> None:
        if port.srights == 0:
            end_port(port)
            if ended is not None:
                ended()

    return Port(ipc, kotype=kotype, kobject=kobject, on_no_senders=end)


def end_port(port: Port) -> None:
    """End the port of a kernel object: it leads nowhere, and what is left of its senders are dead names."""
    port.kobject = None
    destroy_port(port)


def behind(port: Carried, kind: type[T]) -> T | None:
    """Find the object of one kind behind a port; None if there is another one, or none any more."""
    if isinstance(port, Port) and port.active and isinstance(port.kobject, kind):
        return port.kobject
    return None


POLICIES = 0x6  # SYNC_POLICY_USER_MASK: LIFO, and PREPOST of old; osfmk/mach/sync_policy.h:54


def semaphore_create(port: Carried, policy: int, value: int) -> tuple[Right]:
    """semaphore_create: a new semaphore each time; it lives as long as its port has senders.

    The task that owns it does not keep it alive, and the task's end does not end it
    (osfmk/kern/sync_sema.c:96,1230).
    """
    task = task_for(port, TaskFlavor.CONTROL)
    if value < 0 or policy & ~POLICIES:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    return (Right(make_port(task.space.ipc, KobjectType.SEMAPHORE).make_send(), MACH_MSG_TYPE_PORT_SEND),)


def semaphore_destroy(port: Carried, semaphore: Right) -> tuple[()]:
    """semaphore_destroy: wakes who waits, and consumes the right; with others left, the port lives on.

    The right was moved into the call, so one reference of the caller's name is gone even where the name
    stands for something else and the answer is KERN_INVALID_ARGUMENT (semaphore_consume_ref_t,
    osfmk/mach/mach_types.defs:617; osfmk/kern/sync_sema.c:286).
    """
    given = semaphore.port
    if not isinstance(given, Port) or not given.active or given.kotype is not KobjectType.SEMAPHORE:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    task_for(port, TaskFlavor.CONTROL)
    release_send(given)
    return ()


PAGE = 1 << 14  # bytes, on arm64
ADDRESSES = 1 << 64
LARGEST = 0xFFFFFFFF * PAGE  # ANON_MAX_SIZE, osfmk/mach/vm_param.h:245
PROTECTIONS = 0xFF  # MAP_MEM_PROT_MASK, osfmk/mach/memory_object_types.h:435
NAMED_CREATE = 0x020000  # MAP_MEM_NAMED_CREATE


def make_memory_entry(
    port: Carried, size: int, offset: int, permission: int, parent: Right
) -> tuple[int, Right]:
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


OPEN_FILES = range(3)
"""The descriptors of a simulated process: standard input, output and error. It can open no other file."""


def make_fileport(caller: Task, descriptor: int) -> int | None:
    """fileport_makeport: a new port each time, also for the same file; None if there is no such file."""
    if descriptor not in OPEN_FILES:
        return None
    port = make_port(caller.space.ipc, KobjectType.FILEPORT).make_send()
    name = put(caller.space, port, MACH_MSG_TYPE_PORT_SEND)
    return name if valid(name) else None
