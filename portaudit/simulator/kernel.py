"""The kernel: its tasks by pid, the host, and what became of broken rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from portaudit.simulator.chance import Chance, Dice
from portaudit.simulator.exit import reap_task, terminate_task
from portaudit.simulator.guard import GuardBehavior, GuardEvent, RefusalError
from portaudit.simulator.host import Host
from portaudit.simulator.mig import make_reply_port
from portaudit.simulator.own_ports import RULES_IN_THE_ENTRY
from portaudit.simulator.port import Ipc, Port
from portaudit.simulator.task import Task
from portaudit.simulator.task_port import copy_kept
from portaudit.simulator.traps import task_self, thread_self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from portaudit.mach.constants import TaskFlavor
    from portaudit.simulator.guard import Guard

T = TypeVar("T")


class Kernel:
    """One simulated Mach kernel. The same `seed` and the same calls give the same names.

    `guard_events` holds every guard exception that was raised, in order, delivered or not.
    """

    def __init__(
        self, seed: int = 0, chance: Callable[[int], Chance] | None = None, *, macos: int = 15
    ) -> None:
        """Make a kernel that answers as this macOS does: 15 as recorded, 26 as its sources say."""
        self.ipc = Ipc(macos=macos)
        self.tasks: dict[int, Task] = {}
        self.guard_events: list[GuardEvent] = []
        self._chance = chance or (lambda pid: Dice(seed << 32 | pid))
        self.host = Host(self.ipc)

    def create_task(self, pid: int, *, platform: bool = False, parent: int | None = None) -> Task:
        """Make a task with process `pid`, as it is when its libsystem has started.

        It has its task self port and a reply port. From its parent it inherits the registered ports and the
        bootstrap port, and no names. Raises ValueError if the pid is taken or no pid, LookupError for an
        unknown parent.
        """
        if pid in self.tasks or not 0 < pid < 1 << 31:
            raise ValueError(f"a task cannot be made with pid {pid}: it is taken, or no pid")
        task = Task(pid, self.ipc, self._chance(pid), platform=platform)
        task.host = self.host.port.copy_send()
        if parent is not None:
            _inherit(task, self.task(parent))
        self.tasks[pid] = task
        task.task_self_name = task_self(task)
        make_reply_port(task)
        if self.ipc.macos >= RULES_IN_THE_ENTRY:
            thread_self(task)  # libpthread's own reference, without which the pinned last one is the caller's
        return task

    def task(self, pid: int) -> Task:
        """Find a task; raises LookupError if no process has that pid."""
        if pid not in self.tasks:
            raise LookupError(f"no task has pid {pid}")
        return self.tasks[pid]

    def terminate(self, pid: int) -> None:
        """End a process, part one: its space is given back; rights to the task are not dead yet.

        Raises RefusalError with KERN_FAILURE if that was done before.
        """
        terminate_task(self.task(pid))

    def reap(self, pid: int) -> None:
        """End a process, part two: its task ports die and the pid is free. Does nothing before part one."""
        task = self.task(pid)
        if not task.active:
            reap_task(task)
            del self.tasks[pid]

    def exit(self, pid: int) -> None:
        """End a process, both parts, or what is left of them."""
        if self.task(pid).active:
            self.terminate(pid)
        self.reap(pid)

    def refuse(self, pid: int, *flavors: TaskFlavor) -> None:
        """Let a process refuse its task ports of these flavours to all others, as AMFI or SIP would."""
        self.task(pid).refuses.update(flavors)

    def attempt(self, caller: Task, action: Callable[[], T]) -> T:
        """Let a task do something: guards that it breaks are recorded, the refusal passes through."""
        try:
            return action()
        except RefusalError as refusal:
            self._record(caller, refusal.guards)
            raise

    def _record(self, caller: Task, guards: Iterable[Guard]) -> None:
        for guard in guards:
            if guard.space is not None and guard.space is not caller.space:
                continue
            behavior = caller.exc_guard
            event = GuardEvent(
                caller.pid,
                guard.flavor,
                guard.target,
                guard.payload,
                guard.fatal(behavior),
                guard.delivered(behavior),
            )
            self.guard_events.append(event)
            if event.delivered and GuardBehavior.MP_ONCE in behavior:
                caller.exc_guard &= ~GuardBehavior.MP_DELIVER


def _inherit(task: Task, parent: Task) -> None:
    """Copy what a child gets from its parent (ipc_task_init, osfmk/kern/ipc_tt.c:171)."""
    task.registered = [_copied(port) for port in parent.registered]
    task.bootstrap = _copied(parent.bootstrap)


def _copied(port: Port | None) -> Port | None:
    copied = copy_kept(port)
    return copied if isinstance(copied, Port) else None
