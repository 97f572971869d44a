"""GNU Mach as a kernel: tasks under pids that the caller chooses, and as mach/serving.py serves it."""

import uuid
from itertools import count
from types import TracebackType
from typing import Self

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.build import Step, built
from portaudit.gnumach.c_api import TaskCalls
from portaudit.gnumach.driver import Machine, Space, read_space
from portaudit.mach.calls import Reply, Value
from portaudit.mach.constants import KernReturn
from portaudit.mach.serving import Wait
from portaudit.progress import Progress, in_silence

CONTROLLER = 0


def _in_silence(_what: str) -> None:
    pass


class Kernel:
    """A booted GNU Mach: `with Kernel() as kernel`, or `close` it.

    The first one on a machine is built first, which takes some seconds and says so through `progress`.
    Raises KernelUnavailable, in one sentence, where something that this takes is missing.
    """

    def __init__(self, progress: Step = _in_silence) -> None:
        self._tasks: dict[int, TaskCalls] = {}
        folder = built(progress)
        progress("starting GNU Mach in QEMU")
        self._machine = Machine(folder)

    @property
    def machine(self) -> Machine:
        """The machine that it runs on."""
        return self._machine

    def __enter__(self) -> Self:
        """Give the kernel, which runs already."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the kernel."""
        self.close()

    def close(self) -> None:
        """End the machine and all tasks on it."""
        self._machine.close()

    def create_task(self, pid: int, parent: int | None = None) -> TaskCalls:
        """Make a task that holds its own task port and a reply port, with its parent's registered ports.

        Raises ValueError if the pid is taken or the parent's is not, KernelUnavailable if the kernel has no
        room for another task.
        """
        if pid in self._tasks:
            raise ValueError(f"there is a task of pid {pid} already")
        if parent is not None and parent not in self._tasks:
            raise ValueError(f"there is no task of pid {parent} to be the parent")
        answer = self._machine.ask("start", CONTROLLER if parent is None else self._tasks[parent].slot)
        if answer is None or answer.code != KernReturn.KERN_SUCCESS:
            raise KernelUnavailable(f"GNU Mach cannot make a task: {answer}")
        slot, task_self_name = answer.numbers
        task = TaskCalls(self._machine, self, pid, slot, task_self_name)
        self._tasks[pid] = task
        return task

    def terminate(self, pid: int) -> None:
        """End a task; there need not be one of that pid."""
        task = self._tasks.get(pid)
        if task is not None:
            task.end()

    def spaces(self) -> dict[int, Space]:
        """Give every task's space, by pid, in one wait for all of them; a task that has ended has none."""
        tasks = list(self._tasks.values())
        answers = self._machine.ask_all([("space", task.slot) for task in tasks])
        pairs = zip(tasks, answers, strict=True)
        return {
            task.pid: read_space(answer) for task, answer in pairs if answer is not None and not answer.code
        }

    def with_pid(self, pid: int) -> TaskCalls | None:
        """Give the task of that pid."""
        return self._tasks.get(pid)

    def in_slot(self, slot: int) -> TaskCalls | None:
        """Give the task in that slot of the bootstrap task."""
        return next((task for task in self._tasks.values() if task.slot == slot), None)

    def ended(self, task: TaskCalls) -> None:
        """Free what a task had; called once, by the task itself."""
        self._tasks.pop(task.pid, None)
        self._machine.ask("end", task.slot)


STEPS = 3
"""Things that take long in a start: to fetch, to build, to boot."""


class ServedCalls:
    """One task's calls; what waits does so in the server, not in the machine."""

    def __init__(self, calls: TaskCalls) -> None:
        self._calls = calls
        self.task_self_name = calls.task_self_name

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply | Wait:
        """Answer one call; see KernelCalls."""
        return self._calls.attempt(function, inputs)


class ServedGnuMach:
    """A booted GNU Mach; its boot is this object's life."""

    kind = "gnumach"

    def __init__(self, progress: Progress = in_silence) -> None:
        self.boot = str(uuid.uuid4())
        steps = count()
        self._kernel = Kernel(lambda what: progress(what, next(steps) / STEPS))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        self._kernel.close()

    def create_task(self, pid: int, *, parent: int | None = None, platform: bool = False) -> ServedCalls:
        """Make a task for a process that has connected. GNU Mach knows no platform tasks."""
        if platform:
            raise KernelUnavailable("GNU Mach has no platform tasks; use the simulated kernel")
        return ServedCalls(self._kernel.create_task(pid, parent))

    def end_task(self, pid: int) -> None:
        """End a process's task."""
        self._kernel.terminate(pid)

    def guard_words(self) -> list[int]:
        """List no guard exceptions: GNU Mach raises none."""
        return []
