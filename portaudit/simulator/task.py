"""A task and its thread: who owns a space, the ports behind which the kernel keeps them, and their end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_PORT_NULL,
    TASK_PORT_REGISTER_MAX,
    KernReturn,
    KobjectType,
    TaskFlavor,
)
from portaudit.simulator.guard import RULES_IN_THE_ENTRY, GuardBehavior, RefusalError
from portaudit.simulator.port import Port
from portaudit.simulator.release import destroy_port, release_send
from portaudit.simulator.right import terminate
from portaudit.simulator.space import Space

if TYPE_CHECKING:
    from portaudit.simulator.kernel import Chance
    from portaudit.simulator.port import Ipc

TASK_KOTYPE = {
    TaskFlavor.CONTROL: KobjectType.TASK_CONTROL,
    TaskFlavor.READ: KobjectType.TASK_READ,
    TaskFlavor.INSPECT: KobjectType.TASK_INSPECT,
    TaskFlavor.NAME: KobjectType.TASK_NAME,
}
THREAD_KOTYPE = {
    TaskFlavor.CONTROL: KobjectType.THREAD_CONTROL,
    TaskFlavor.READ: KobjectType.THREAD_READ,
    TaskFlavor.INSPECT: KobjectType.THREAD_INSPECT,
}


@dataclass(eq=False, repr=False)
class KernelObject:
    """A task or a thread as the kernel's objects behind ports see it.

    `ports` holds one port for each flavour that was asked for. `self_port` is the one that the object itself
    gets from its self trap; `settable_self` is a send right that the kernel keeps (SIP's second thoughts on
    who a task says it is, CONFIG_CSR).
    """

    task: Task = field(init=False)
    ports: dict[TaskFlavor, Port] = field(default_factory=dict)
    self_port: Port = field(init=False)
    settable_self: Port = field(init=False)
    ipc_active: bool = True

    def make_control_ports(self, ipc: Ipc, kotype: KobjectType, *, platform: bool) -> None:
        """Make the control port; for a platform task a second one, which cannot leave it.

        A platform task's own control ports are immovable and pinned: no message carries them away, and their
        last reference cannot be dropped. Whoever else has its control port has the plain one, and if that
        comes back, the task gets its own instead (osfmk/kern/ipc_tt.c:307, osfmk/kern/task.c:9247). That is
        so up to macOS 15; for later ones see guard.is_pinned.
        """
        control = Port(ipc, kotype=kotype, kobject=self)
        self.ports[TaskFlavor.CONTROL] = self.self_port = control
        self.settable_self = control.make_send()
        if platform and ipc.macos < RULES_IN_THE_ENTRY:
            own = Port(ipc, kotype=kotype, kobject=self, immovable_send=True, pinned=True)
            control.labelled, control.substitute, self.self_port = True, own, own

    def all_ports(self) -> list[Port]:
        """Give the object's ports, in the order in which they end (osfmk/kern/ipc_tt.c:496)."""
        order = (TaskFlavor.READ, TaskFlavor.CONTROL, TaskFlavor.NAME, TaskFlavor.INSPECT)
        ports = [self.ports[flavor] for flavor in order if flavor in self.ports]
        return ports if self.self_port in ports else [*ports, self.self_port]

    def disable(self) -> None:
        """Cut the ports off from the object: calls through them find nothing (ipc_task_disable)."""
        self.ipc_active = False
        for port in self.all_ports():
            port.kobject = port.substitute = None


class Thread(KernelObject):
    """The one thread of a simulated task."""

    def __init__(self, task: Task, ipc: Ipc) -> None:
        super().__init__()
        self.task = task
        self.make_control_ports(ipc, KobjectType.THREAD_CONTROL, platform=task.platform)


class Task(KernelObject):
    """A task: a space, task ports, a thread, and what it has registered.

    `platform` tells Apple's own binaries (and those hardened like them) from third parties: see
    make_control_ports; their over-releases are fatal too. `task_self_name` and `mig_reply_name` are what
    libsystem keeps in each process: mach_task_self_, and the port for the kernel's answers.
    """

    def __init__(self, pid: int, ipc: Ipc, chance: Chance, *, platform: bool = False) -> None:
        super().__init__()
        self.task = self
        self.pid = pid
        self.platform = platform
        self.active = True
        self.exc_guard = GuardBehavior.PLATFORM if platform else GuardBehavior.NONE
        self.space = Space(self, ipc, chance)
        self.make_control_ports(ipc, KobjectType.TASK_CONTROL, platform=platform)
        self.ports[TaskFlavor.NAME] = Port(ipc, kotype=KobjectType.TASK_NAME, kobject=self)
        self.thread = Thread(self, ipc)
        self.host: Port | None = None
        self.bootstrap: Port | None = None
        self.registered: list[Port | None] = [None] * TASK_PORT_REGISTER_MAX
        self.refuses: set[TaskFlavor] = set()
        self.task_self_name = MACH_PORT_NULL
        self.mig_reply_name = MACH_PORT_NULL


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
