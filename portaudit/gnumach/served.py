"""GNU Mach as mach/serving.py serves it: a task for each connected process."""

import uuid
from types import TracebackType
from typing import Self

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.calls import TaskCalls
from portaudit.gnumach.kernel import Kernel
from portaudit.mach.calls import Reply, Value
from portaudit.mach.constants import KernReturn, MsgOption
from portaudit.mach.serving import Wait

OPTION, SEND_SIZE, TIMEOUT = 1, 2, 5  # which of mach_msg's inputs


class ServedCalls:
    """One task's calls; a receive that finds nothing waits in the server, not in the machine."""

    def __init__(self, calls: TaskCalls) -> None:
        self._calls = calls
        self.task_self_name = calls.task_self_name

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply | Wait:
        """Answer one call; see KernelCalls."""
        reply = self._calls.call(function, inputs)
        if function != "mach_msg" or reply.code != KernReturn.MACH_RCV_TIMED_OUT:
            return reply
        option, timeout = inputs[OPTION], inputs[TIMEOUT]
        if not isinstance(option, int) or not isinstance(timeout, int):
            return reply
        again = (None, option & ~MsgOption.SEND_MSG, 0, *inputs[SEND_SIZE + 1 :])
        limited = option & MsgOption.RCV_TIMEOUT
        return Wait(function, again, timeout if limited else None, KernReturn.MACH_RCV_TIMED_OUT)


class ServedGnuMach:
    """A booted GNU Mach; its boot is this object's life."""

    kind = "gnumach"

    def __init__(self) -> None:
        self.boot = str(uuid.uuid4())
        self._kernel = Kernel()

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
