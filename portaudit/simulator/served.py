"""The simulated kernel as mach/serving.py serves it: a task for each connected process."""

import uuid

from portaudit.mach.calls import Reply, Value
from portaudit.mach.serving import TaskKilled, Wait
from portaudit.simulator.c_api import ProcessKilledError, TaskCalls, WouldBlockError
from portaudit.simulator.kernel import Kernel


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
