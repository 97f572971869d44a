"""GNU Mach as mach/serving.py serves it: a task for each connected process."""

import uuid
from itertools import count
from types import TracebackType
from typing import Self

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.c_api import TaskCalls
from portaudit.gnumach.kernel import Kernel
from portaudit.mach.calls import Reply, Value
from portaudit.mach.serving import Wait
from portaudit.progress import Progress, in_silence

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
