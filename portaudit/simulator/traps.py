"""The traps that give a task its own ports, and those of other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND,
    MACH_PORT_NULL,
    KernReturn,
    PortRight,
    PortType,
    TaskFlavor,
)
from portaudit.simulator.copyout import put
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.port_routines import fill
from portaudit.simulator.right import translate
from portaudit.simulator.task_port import copy_kept, make_own_port, make_task_port, task_behind

if TYPE_CHECKING:
    from portaudit.simulator.port import Carried
    from portaudit.simulator.task import Task


def _give(task: Task, port: Carried) -> int:
    return put(task.space, port, MACH_MSG_TYPE_PORT_SEND)


def task_self(caller: Task) -> int:
    """mach_task_self() as a trap: one more reference to the task's own port, each time."""
    return _give(caller, make_own_port(caller)) if caller.ipc_active else MACH_PORT_NULL


def thread_self(caller: Task) -> int:
    """mach_thread_self: one more reference to the thread's own port, each time."""
    return _give(caller, make_own_port(caller.thread)) if caller.ipc_active else MACH_PORT_NULL


def host_self(caller: Task) -> int:
    """mach_host_self: one more reference to the host port, each time."""
    return _give(caller, copy_kept(caller.host))


def reply_port(caller: Task) -> int:
    """mach_reply_port: a new receive right, plain but for its use."""
    return _new_port(caller)


def _new_port(caller: Task) -> int:
    try:
        return fill(caller.space, caller.space.claim(), PortRight.RECEIVE).name
    except RefusalError:
        return MACH_PORT_NULL


def special_reply_port(caller: Task) -> int:
    """thread_get_special_reply_port: a receive right that does not leave the task, with a send right to it.

    For a platform task it is a real reply port too (osfmk/kern/ipc_tt.c:1527, osfmk/ipc/ipc_port.c:831).
    What it does for priorities is not simulated.
    """
    name = _new_port(caller)
    entry = caller.space.find(name)
    if entry is not None:
        port = entry.named_port.make_send()
        entry.type, entry.urefs = PortType.SEND_RECEIVE, 1
        port.special_reply = True
        port.reply_port = port.immovable_receive = caller.platform
    return name


def give_task_port(caller: Task, target: Task, flavor: TaskFlavor) -> int:
    """Give a task's port to the caller; nothing if the task has ended."""
    own = target is caller and flavor == TaskFlavor.CONTROL and target.ipc_active
    port = make_own_port(target) if own else make_task_port(target, flavor)
    return _give(caller, port)


def check_self(caller: Task, name: int) -> None:
    """Refuse task_for_pid and its like to who cannot show a control port."""
    try:
        port = translate(caller.space, name, PortType.SEND).named_port
    except RefusalError as refusal:
        raise RefusalError(KernReturn.KERN_FAILURE) from refusal
    if task_behind(port, TaskFlavor.CONTROL) is None:
        raise RefusalError(KernReturn.KERN_FAILURE)


def pid_for_task(caller: Task, name: int) -> int | None:
    """Find the process behind a task port of any flavour; None if there is none any more."""
    try:
        port = translate(caller.space, name, PortType.SEND).named_port
    except RefusalError:
        return None
    task = task_behind(port, TaskFlavor.NAME)
    return task.pid if task is not None else None
