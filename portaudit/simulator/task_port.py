"""Task ports of four flavours: how to get one, and what each is good for.

Control does everything, read looks at everything, inspect at the outside, name only says who it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    KernReturn,
    KobjectType,
    TaskFlavor,
    TaskSpecialPort,
)
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.release import destroy_port
from portaudit.simulator.task import TASK_KOTYPE, THREAD_KOTYPE, KernelObject, Task

if TYPE_CHECKING:
    from portaudit.simulator.space import Space

SATISFIES = {
    flavor: frozenset(TASK_KOTYPE[stronger] for stronger in TaskFlavor if stronger <= flavor)
    for flavor in TaskFlavor
}
"""Which ports will do where a flavour is asked for: a stronger one always does (osfmk/kern/ipc_tt.c:2597)."""

FLAVOR_OF = {kotype: flavor for flavor, kotype in TASK_KOTYPE.items()}

SPECIAL_NEEDS: dict[int, TaskFlavor] = {
    TaskSpecialPort.READ: TaskFlavor.READ,
    TaskSpecialPort.INSPECT: TaskFlavor.INSPECT,
    TaskSpecialPort.NAME: TaskFlavor.INSPECT,
}
"""The weakest flavour that gives a special port; all others need control (osfmk/kern/ipc_tt.c:2156)."""


def task_behind(port: Carried, flavor: TaskFlavor) -> Task | None:
    """Find the task behind a task port, if the port is strong enough and the task still has its ports."""
    if not isinstance(port, Port) or not port.active or port.kotype not in SATISFIES[flavor]:
        return None
    return port.kobject if isinstance(port.kobject, Task) else None


def space_behind(port: Carried, flavor: TaskFlavor) -> Space | None:
    """Find the space of the task behind a port; a task that has ended has none."""
    task = task_behind(port, flavor)
    return task.space if task is not None and task.active else None


def make_task_port(task: Task, flavor: TaskFlavor) -> Carried:
    """Make a send right to a task's port; MACH_PORT_NULL if it has ended (osfmk/kern/ipc_tt.c:3748)."""
    if not task.ipc_active:
        return MACH_PORT_NULL
    return _flavored(task, flavor, TASK_KOTYPE[flavor])


def make_own_port(kobject: KernelObject) -> Port:
    """Make a send right to the port that a task or thread gets for itself."""
    return kobject.self_port.make_send()


def make_thread_port(task: Task, flavor: TaskFlavor, *, own: bool) -> Carried:
    """Make a send right to the port of a task's thread, as strong as the task port that was used."""
    if not task.thread.ipc_active:
        return MACH_PORT_NULL
    if own and flavor == TaskFlavor.CONTROL:
        return make_own_port(task.thread)
    return _flavored(task.thread, flavor, THREAD_KOTYPE[flavor])


def _flavored(kobject: KernelObject, flavor: TaskFlavor, kotype: KobjectType) -> Port:
    """Make a send right; read and inspect ports appear when asked for, and go with their last sender.

    They cannot be sent on in messages (osfmk/kern/ipc_tt.c:3797).
    """
    port = kobject.ports.get(flavor)
    if port is None:
        ipc = kobject.self_port.ipc
        port = Port(ipc, kotype=kotype, kobject=kobject, immovable_send=True)
        kobject.ports[flavor] = port
    if flavor in {TaskFlavor.READ, TaskFlavor.INSPECT}:
        port.on_no_senders = lambda unused: _end_flavored(kobject, flavor, unused)
    return port.make_send()


def _end_flavored(kobject: KernelObject, flavor: TaskFlavor, port: Port) -> None:
    if port.srights == 0 and port.kobject is kobject:
        del kobject.ports[flavor]
        port.kobject = None
        destroy_port(port)


def get_special_port(caller: Task, port: Carried, which: int) -> tuple[Carried, bool]:
    """Give one of a task's special ports, and whether it may be swapped for the task's own.

    A task that asks for its own control port gets the plain one here: it is how a platform task comes by a
    control port that it can send (osfmk/kern/ipc_tt.c:2118).
    """
    task = task_behind(port, TaskFlavor.INSPECT)
    if task is None or not isinstance(port, Port):
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    flavor = FLAVOR_OF[port.kotype]
    if which == TaskSpecialPort.KERNEL and task is caller and flavor == TaskFlavor.CONTROL:
        return task.ports[TaskFlavor.CONTROL].make_send(), False
    if flavor > SPECIAL_NEEDS.get(which, TaskFlavor.CONTROL):
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    if not task.ipc_active:
        raise RefusalError(KernReturn.KERN_FAILURE)
    return _special(task, which), True


def _special(task: Task, which: int) -> Carried:
    if which == TaskSpecialPort.KERNEL:
        return task.ports[TaskFlavor.CONTROL].copy_send()
    if which in {TaskSpecialPort.READ, TaskSpecialPort.INSPECT, TaskSpecialPort.NAME}:
        return make_task_port(task, TaskFlavor[TaskSpecialPort(which).name])
    kept: dict[int, Port | None] = {
        TaskSpecialPort.HOST: task.host,
        TaskSpecialPort.BOOTSTRAP: task.bootstrap,
        TaskSpecialPort.ACCESS: None,
        TaskSpecialPort.DEBUG_CONTROL: None,
        TaskSpecialPort.RESOURCE_NOTIFY: None,
    }
    if which not in kept:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    return copy_kept(kept[which])


def copy_kept(port: Port | None) -> Carried:
    """Copy a send right that the kernel keeps for a task."""
    if port is None:
        return MACH_PORT_NULL
    return port.copy_send() if port.active else MACH_PORT_DEAD
