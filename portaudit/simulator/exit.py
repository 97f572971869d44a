"""The end of a task, in two parts, as XNU does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import KernReturn
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.release import destroy_port, release_send
from portaudit.simulator.right import terminate

if TYPE_CHECKING:
    from portaudit.simulator.task import KernelObject, Task


def terminate_task(task: Task) -> None:
    """End a task: its ports lead nowhere from now on, and its space is given back name by name.

    Receive rights die, send rights are released, send-once rights are answered with SEND_ONCE messages. What
    is under way in messages stays (osfmk/kern/task.c:3100, osfmk/ipc/ipc_space.c:418). Refuses with
    KERN_FAILURE to end a task twice (osfmk/kern/task.c:3047).
    """
    if not task.active:
        raise RefusalError(KernReturn.KERN_FAILURE)
    task.active = False
    task.disable()
    task.thread.disable()
    for entry in task.space.retire():
        terminate(entry)


def reap_task(task: Task) -> None:
    """Free a task that has ended: only now its task ports die, and their holders get dead names.

    Between the two parts a right to the task is still a send right (osfmk/kern/ipc_tt.c:496).
    """
    if task.active or not task.ports:
        return
    release_send(task.thread.settable_self)
    _end_ports(task.thread)
    for kept in (task.settable_self, task.host, task.bootstrap, *task.registered):
        if kept is not None:
            release_send(kept)
    _end_ports(task)


def _end_ports(kobject: KernelObject) -> None:
    for port in kobject.all_ports():
        destroy_port(port)
    kobject.ports.clear()
