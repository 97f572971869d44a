"""The calls on a task rather than on its space (osfmk/kern/ipc_tt.c, osfmk/kern/task.c), and the traps.

Traps give a task its own ports, and those of other processes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND,
    MACH_PORT_NULL,
    TASK_PORT_REGISTER_MAX,
    KernReturn,
    PortRight,
    PortType,
    TaskFlavor,
    TaskSpecialPort,
)
from portaudit.simulator.copyout import put
from portaudit.simulator.guard import GuardBehavior, RefusalError, is_immovable
from portaudit.simulator.message import Right
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.port_routines import fill
from portaudit.simulator.release import release_send
from portaudit.simulator.right import translate
from portaudit.simulator.task_port import (
    FLAVOR_OF,
    copy_kept,
    get_special_port,
    make_own_port,
    make_task_port,
    make_thread_port,
    task_behind,
)

if TYPE_CHECKING:
    from portaudit.simulator.task import Task

NEVER_UNSET = (
    GuardBehavior.MP_DELIVER | GuardBehavior.MP_FATAL | GuardBehavior.VM_DELIVER | GuardBehavior.VM_FATAL
)
NEVER_SET = GuardBehavior.MP_ONCE | GuardBehavior.VM_ONCE
ALL_BEHAVIORS = 0xFF  # TASK_EXC_GUARD_ALL


def task_for(port: Carried, flavor: TaskFlavor, code: KernReturn = KernReturn.KERN_INVALID_ARGUMENT) -> Task:
    """Find the task that a call is about, or refuse with `code`."""
    task = task_behind(port, flavor)
    if task is None:
        raise RefusalError(code)
    return task


def special_port(port: Carried, caller: Task, which: int) -> tuple[Right]:
    """task_get_special_port."""
    given, may_swap = get_special_port(caller, port, which)
    return (Right(given, MACH_MSG_TYPE_PORT_SEND, substitute=may_swap),)


def set_special_port(port: Carried, which: int, given: Right) -> tuple[()]:
    """task_set_special_port: the bootstrap port, which a child inherits."""
    if which != TaskSpecialPort.BOOTSTRAP:
        raise NotImplementedError(f"not simulated: task_set_special_port of port {which}")
    task = task_for(port, TaskFlavor.CONTROL)
    old, task.bootstrap = task.bootstrap, given.port if isinstance(given.port, Port) else None
    _release(old)
    return ()


def _release(port: Port | None) -> None:
    if port is not None:
        release_send(port)


def register(port: Carried, *given: Right) -> tuple[()]:
    """mach_ports_register: keep up to three send rights for the task and its children.

    What cannot be sent cannot be registered: others could look it up (osfmk/kern/ipc_tt.c:2404).
    """
    task = task_for(port, TaskFlavor.CONTROL)
    if len(given) > TASK_PORT_REGISTER_MAX:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    ports = [right.port if isinstance(right.port, Port) else None for right in given]
    if any(kept is not None and is_immovable(task.space, kept) for kept in ports):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    ports += [None] * (TASK_PORT_REGISTER_MAX - len(ports))
    old, task.registered = task.registered, ports
    for kept in old:
        _release(kept)
    return ()


def lookup(port: Carried) -> tuple[list[Right]]:
    """mach_ports_lookup: copies of the three registered send rights."""
    task = task_for(port, TaskFlavor.CONTROL)
    return ([Right(copy_kept(kept), MACH_MSG_TYPE_PORT_SEND) for kept in task.registered],)


def threads(port: Carried, caller: Task) -> tuple[list[Right]]:
    """task_threads: the ports of the task's threads, of the flavour of the task port."""
    task = task_for(port, TaskFlavor.INSPECT)
    flavor = FLAVOR_OF[port.kotype] if isinstance(port, Port) else TaskFlavor.CONTROL
    thread = make_thread_port(task, flavor, own=task is caller)
    return ([] if thread == MACH_PORT_NULL else [Right(thread, MACH_MSG_TYPE_PORT_SEND)],)


def terminate(port: Carried) -> tuple[()]:
    """task_terminate: no way to end a task that is a process, and all are here (osfmk/kern/task.c:2510)."""
    task_for(port, TaskFlavor.CONTROL)
    raise RefusalError(KernReturn.KERN_FAILURE)


def get_guard_behavior(port: Carried) -> tuple[int]:
    """task_get_exc_guard_behavior: what the task wants done about guards."""
    return (int(task_for(port, TaskFlavor.INSPECT, KernReturn.KERN_INVALID_TASK).exc_guard),)


def set_guard_behavior(port: Carried, behavior: int) -> tuple[()]:
    """task_set_exc_guard_behavior: only towards more severity (osfmk/kern/task.c:9335)."""
    task = task_for(port, TaskFlavor.CONTROL, KernReturn.KERN_INVALID_TASK)
    if behavior & ~ALL_BEHAVIORS:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)
    wanted = GuardBehavior(behavior)
    if task.exc_guard & NEVER_UNSET & ~wanted or wanted & NEVER_SET & ~task.exc_guard:
        raise RefusalError(KernReturn.KERN_DENIED)
    task.exc_guard = wanted
    return ()


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
