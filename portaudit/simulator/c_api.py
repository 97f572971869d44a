"""The simulator behind the C API: KernelCalls for one task.

Inputs and outputs stand in the order of the C prototypes; arrays come back as lists, structures and messages
as little-endian bytes in XNU's layout, and the count of an array is no output of its own.
"""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Any

from portaudit.mach.calls import Reply, Value, failed_system_call
from portaudit.mach.constants import MACH_MSGH_BITS_COMPLEX, MACH_PORT_NULL, KernReturn, MsgOption, TaskFlavor
from portaudit.mach.messages import HEADER, pack, unpack
from portaudit.simulator import kernel_objects, message_queue, task_routines
from portaudit.simulator.dispatch import as_libsystem
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.routines import ROUTINES

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.simulator.guard import GuardEvent
    from portaudit.simulator.kernel import Kernel
    from portaudit.simulator.task import Task

INPUT_KINDS: dict[str, type] = {"u": int, "i": int, "g": int, "b": bytes, "l": list}

TASK_FOR_PID = {
    "task_for_pid": TaskFlavor.CONTROL,
    "task_read_for_pid": TaskFlavor.READ,
    "task_inspect_for_pid": TaskFlavor.INSPECT,
    "task_name_for_pid": TaskFlavor.NAME,
}
SYSTEM_CALLS = frozenset({"task_read_for_pid", "task_inspect_for_pid"})

SELF_TRAPS: dict[str, Callable[[Task], int]] = {
    "mach_task_self": task_routines.task_self,
    "mach_thread_self": task_routines.thread_self,
    "mach_host_self": task_routines.host_self,
    "mach_reply_port": task_routines.reply_port,
    "thread_get_special_reply_port": task_routines.special_reply_port,
}


class WouldBlockError(Exception):
    """The call waits for something: a message to receive, or room in a queue.

    Nothing was done that a second attempt would do again: later, call `function` with `inputs` (not
    necessarily those of the first call: a message that was sent is not sent twice). After `timeout`
    milliseconds (None: never) answer with `timed_out` instead; a real kernel would then give a message that
    it could not send back by receiving it, here the sender just keeps what it had.
    """

    def __init__(
        self, function: str, inputs: tuple[Value, ...], timeout: int | None, timed_out: KernReturn
    ) -> None:
        super().__init__(f"{function} waits")
        self.function = function
        self.inputs = inputs
        self.timeout = timeout
        self.timed_out = timed_out


class ProcessKilledError(Exception):
    """A guard exception killed the process in this call: there is nobody left to answer."""

    def __init__(self, event: GuardEvent) -> None:
        super().__init__(f"process {event.pid} was killed by a guard: {event.flavor.name}")
        self.event = event


class TaskCalls:
    """Answers the kernel calls of one task (portaudit.mach.calls.KernelCalls).

    Beside what that promises, a call raises WouldBlockError where a real thread would sleep,
    ProcessKilledError after a fatal guard (the task has been terminated), and TypeError for inputs of the
    wrong number or kind.
    """

    def __init__(self, kernel: Kernel, task: Task) -> None:
        self.kernel = kernel
        self.task = task

    @property
    def task_self_name(self) -> int:
        """The value of the variable mach_task_self_."""
        return self.task.task_self_name

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        """Answer one call."""
        seen = len(self.kernel.guard_events)
        reply = self._answer(function, inputs)
        for event in self.kernel.guard_events[seen:]:
            if event.fatal and event.pid == self.task.pid:
                self.kernel.terminate(event.pid)
                raise ProcessKilledError(event)
        return reply

    def _answer(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        if function in SELF_TRAPS:
            _check(function, inputs, "")
            return Reply(KernReturn.KERN_SUCCESS, (SELF_TRAPS[function](self.task),))
        if function in TASK_FOR_PID:
            name, pid = _check(function, inputs, "ui")
            return self._task_for_pid(function, name, pid)
        if function == "mach_msg":
            return self._mach_msg(inputs)
        if function == "fileport_makeport":
            name = kernel_objects.make_fileport(self.task, *_check(function, inputs, "i"))
            return failed_system_call(errno.EBADF) if name is None else Reply(0, (name,))
        if function == "pid_for_task":
            pid = task_routines.pid_for_task(self.task, *_check(function, inputs, "u"))
            return Reply(KernReturn.KERN_FAILURE, (-1,)) if pid is None else Reply(0, (pid,))
        return self._routine(function, inputs)

    def _routine(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        # The call is gone from the kernel: libsystem makes it from another (libsyscall/mach/mach_port.c:544)
        name = {"mach_port_kernel_object": "mach_port_kobject"}.get(function, function)
        if name not in ROUTINES:
            raise NotImplementedError(f"not simulated: {function}")
        checked = _check(function, inputs, "u" + ROUTINES[name].inputs)
        return self._attempt(lambda: as_libsystem(self.task, name, checked))

    def _attempt(self, action: Callable[[], tuple[Value, ...]]) -> Reply:
        try:
            return Reply(KernReturn.KERN_SUCCESS, self.kernel.attempt(self.task, action))
        except RefusalError as refusal:
            return Reply(refusal.code)

    def _task_for_pid(self, function: str, name: int, pid: int) -> Reply:
        """Give a task port of another process, if that does not refuse (bsd/kern/kern_proc.c:5486).

        Mach's own calls refuse all alike; the two system calls say why in errno (kern_proc.c:5845). For a
        process that is exiting the answer is success and no port.
        """
        flavor, target = TASK_FOR_PID[function], self.kernel.tasks.get(pid)
        reason = self._refusal(name, target, flavor)
        if target is None or reason:
            if function in SYSTEM_CALLS:
                return failed_system_call(reason, (MACH_PORT_NULL,))
            return Reply(KernReturn.KERN_FAILURE, (MACH_PORT_NULL,))
        return Reply(KernReturn.KERN_SUCCESS, (task_routines.give_task_port(self.task, target, flavor),))

    def _refusal(self, name: int, target: Task | None, flavor: TaskFlavor) -> int:
        """Give the errno of a refusal to hand out a task port; 0 for none."""
        try:
            task_routines.check_self(self.task, name)
        except RefusalError:
            return errno.EINVAL
        if target is None:
            return errno.ESRCH
        return errno.EPERM if flavor in target.refuses and target is not self.task else 0

    def _mach_msg(self, inputs: tuple[Value, ...]) -> Reply:
        """Send, receive, or first the one and then the other."""
        if not inputs or not isinstance(inputs[0], bytes | None):
            raise TypeError("mach_msg takes a message's bytes or None")
        option, *rest = _check("mach_msg", inputs[1:], "iuuuuu")
        if option & MsgOption.SEND_MSG:
            reply = self._send(inputs[0], option, *rest)
            if reply.code or not option & MsgOption.RCV_MSG:
                return reply
        if option & MsgOption.RCV_MSG:
            return self._receive(option, *rest)
        return Reply(KernReturn.KERN_SUCCESS, (None,))

    def _send(self, data: bytes | None, option: int, *rest: int) -> Reply:
        timeout = rest[3]
        if data is None or len(data) < HEADER.size or len(data) & 3:
            return Reply(KernReturn.MACH_SEND_MSG_TOO_SMALL, (None,))
        message = unpack(data)
        waits = not option & MsgOption.SEND_TIMEOUT or timeout
        if waits and message_queue.would_wait(self.task.space, message):
            limit = timeout if option & MsgOption.SEND_TIMEOUT else None
            raise WouldBlockError("mach_msg", (data, option, *rest), limit, KernReturn.MACH_SEND_TIMED_OUT)
        notify = bool(option & MsgOption.SEND_NOTIFY)
        try:
            self.kernel.attempt(
                self.task, lambda: message_queue.send(self.task.space, message, notify=notify)
            )
        except message_queue.UndeliveredError as undelivered:
            return Reply(undelivered.code, (pack(undelivered.message),))
        except RefusalError as refusal:
            return Reply(refusal.code, (None,))
        return Reply(KernReturn.KERN_SUCCESS, (None,))

    def _receive(self, option: int, *rest: int) -> Reply:
        _send_size, limit, name, timeout, _notify = rest
        large = bool(option & MsgOption.RCV_LARGE)
        try:
            received = self.kernel.attempt(
                self.task, lambda: message_queue.receive(self.task.space, name, limit, large=large)
            )
        except RefusalError as refusal:
            return Reply(refusal.code, (None,))
        except message_queue.NothingToReceiveError as nothing:
            if option & MsgOption.RCV_TIMEOUT and not timeout:
                return Reply(KernReturn.MACH_RCV_TIMED_OUT, (None,))
            wait = timeout if option & MsgOption.RCV_TIMEOUT else None
            again = (None, option & ~MsgOption.SEND_MSG, *rest)
            raise WouldBlockError("mach_msg", again, wait, KernReturn.MACH_RCV_TIMED_OUT) from nothing
        return Reply(received.code, (_packed(received),))


def _packed(received: message_queue.Received) -> bytes | None:
    """Pack a received message; one that lost its descriptors still says that it had some."""
    if received.message is None:
        return None
    data = bytearray(pack(received.message))
    data[3] |= (MACH_MSGH_BITS_COMPLEX >> 24) * received.complex
    return bytes(data)


def _check(function: str, inputs: tuple[Value, ...], kinds: str) -> tuple[Any, ...]:
    """Hold inputs against their C types, and bring numbers to the width that they have there."""
    if len(inputs) != len(kinds):
        raise TypeError(f"{function} takes {len(kinds)} inputs, not {len(inputs)}")
    for value, kind in zip(inputs, kinds, strict=True):
        if not isinstance(value, INPUT_KINDS[kind]):
            raise TypeError(
                f"{function} was given {value!r:.40} where a {INPUT_KINDS[kind].__name__} belongs"
            )
    return tuple(_fit(value, kind) for value, kind in zip(inputs, kinds, strict=True))


def _fit(value: Value, kind: str) -> Value:
    if isinstance(value, list):
        return [number & 0xFFFFFFFF for number in value]
    if not isinstance(value, int):
        return value
    if kind == "g":
        return value & 0xFFFFFFFFFFFFFFFF
    unsigned = value & 0xFFFFFFFF
    return unsigned - (1 << 32) if kind == "i" and unsigned >> 31 else unsigned
