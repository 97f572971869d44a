"""Semaphores: their ports, and nothing of what threads do with them (osfmk/kern/sync_sema.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_MSG_TYPE_PORT_SEND, KernReturn, KobjectType, TaskFlavor
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.kobject import make_port
from portaudit.simulator.message import Right
from portaudit.simulator.port import Port
from portaudit.simulator.release import release_send
from portaudit.simulator.task_routines import task_for

if TYPE_CHECKING:
    from portaudit.simulator.port import Carried

POLICIES = 0x6  # SYNC_POLICY_USER_MASK: LIFO, and PREPOST of old; osfmk/mach/sync_policy.h:54


def create(port: Carried, policy: int, value: int) -> tuple[Right]:
    """semaphore_create: a new semaphore each time; it lives as long as its port has senders.

    The task that owns it does not keep it alive, and the task's end does not end it
    (osfmk/kern/sync_sema.c:96,1230).
    """
    task = task_for(port, TaskFlavor.CONTROL)
    if value < 0 or policy & ~POLICIES:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    return (Right(make_port(task.space.ipc, KobjectType.SEMAPHORE).make_send(), MACH_MSG_TYPE_PORT_SEND),)


def destroy(port: Carried, semaphore: Right) -> tuple[()]:
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
