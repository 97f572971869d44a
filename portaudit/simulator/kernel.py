"""The kernel: its tasks by pid, the host, what became of broken rules, and what it leaves to chance.

And as mach/serving.py serves it: a task for each connected process.
"""

from __future__ import annotations

import random
import uuid
from typing import TYPE_CHECKING, Protocol, TypeVar

from portaudit.mach.serving import TaskKilled, Wait
from portaudit.simulator.c_api import ProcessKilledError, TaskCalls, WouldBlockError
from portaudit.simulator.dispatch import make_reply_port
from portaudit.simulator.guard import RULES_IN_THE_ENTRY, GuardBehavior, GuardEvent, RefusalError
from portaudit.simulator.host import Host
from portaudit.simulator.port import Ipc, Port
from portaudit.simulator.task import Task, reap_task, terminate_task
from portaudit.simulator.task_port import copy_kept
from portaudit.simulator.task_routines import task_self, thread_self

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from portaudit.mach.calls import Reply, Value
    from portaudit.mach.constants import TaskFlavor
    from portaudit.simulator.guard import Guard

SEQUENTIAL = 8  # NUM_SEQ_ENTRIES: the first names of a space are in order, osfmk/ipc/ipc_space.c:91


class Chance(Protocol):
    """Decides for one space."""

    def order(self, bottom: int, top: int) -> list[int]:
        """Order the new slots from `bottom` up to, not including, `top` for handing out."""

    def rollover(self, index: int) -> int:
        """Choose when the generations of a slot start again: 0 to 3 for after 63, 47, 31 or 15 uses."""


class Dice:
    """Chance as XNU has it, from a seed: the same seed gives the same names."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  names need no secrecy here, replays need repetition

    def order(self, bottom: int, top: int) -> list[int]:
        """Order the new slots: a first few in order, then from either end (osfmk/ipc/ipc_space.c:208)."""
        sequential = SEQUENTIAL if bottom == 1 else 1
        order = list(range(bottom, min(bottom + sequential, top)))
        low, high = bottom + len(order), top - 1
        while low <= high:
            if self._random.getrandbits(1):
                order.append(high)
                high -= 1
            else:
                order.append(low)
                low += 1
        return order

    def rollover(self, index: int) -> int:  # noqa: ARG002  chance does not look at the slot
        """Choose the length of the slot's next lap."""
        return self._random.getrandbits(2)


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


class ServedCalls:
    """One task's calls, with waiting and killing in the server's words."""

    def __init__(self, calls: TaskCalls) -> None:
        self._calls = calls
        self.task_self_name = calls.task_self_name

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply | Wait:
        """Answer one call; see KernelCalls."""
        try:
            return self._calls.call(function, inputs)
        except WouldBlockError as wait:
            return Wait(wait.function, wait.inputs, wait.timeout, wait.timed_out)
        except ProcessKilledError as killed:
            raise TaskKilled(killed.event.flavor.name) from killed


class ServedSimulator:
    """A simulated kernel; its boot is this object's life."""

    kind = "simulated"

    def __init__(self, macos: int = 15) -> None:
        self.boot = str(uuid.uuid4())
        self.kernel = Kernel(seed=uuid.uuid4().int & 0xFFFF_FFFF, macos=macos)

    def create_task(self, pid: int, *, parent: int | None = None, platform: bool = False) -> ServedCalls:
        """Make a task for a process that has connected."""
        task = self.kernel.create_task(pid, parent=parent, platform=platform)
        return ServedCalls(TaskCalls(self.kernel, task))

    def end_task(self, pid: int) -> None:
        """End a process's task, both parts."""
        if pid in self.kernel.tasks:
            self.kernel.exit(pid)

    def guard_words(self) -> list[int]:
        """List the guard exceptions so far, three numbers each: pid, flavour, port name."""
        return [
            number for event in self.kernel.guard_events for number in (event.pid, event.flavor, event.target)
        ]
