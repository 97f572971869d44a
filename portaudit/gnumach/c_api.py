"""One GNU Mach task as KernelCalls: each call is made by a thread of that task, in its own port space.

Return codes, dispositions, rights and notification ids are the same numbers in both systems (gnumach-dev's
mach/kern_return.h, message.h, port.h, notify.h). What differs is translated here: two type bits, the
options of mach_msg, the layout of messages, the fields of a port's status.
"""

import time
from collections.abc import Callable, Iterator
from typing import Protocol

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.driver import TYPE_BITS, Answer, Machine, Space, read_space
from portaudit.gnumach.exchange import Exchange
from portaudit.mach.calls import Reply, Value
from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    TASK_PORT_REGISTER_MAX,
    KernReturn,
    PortFlavor,
    TaskSpecialPort,
)
from portaudit.mach.serving import Wait

PAUSE = 0.002
"""Seconds between two attempts of a call that waits."""


SAME = frozenset(
    {
        "mach_port_get_refs",
        "mach_port_allocate",
        "mach_port_allocate_name",
        "mach_port_destroy",
        "mach_port_deallocate",
        "mach_port_mod_refs",
        "mach_port_set_mscount",
        "mach_port_move_member",
        "mach_port_request_notification",
        "mach_port_insert_right",
        "mach_port_extract_right",
        "mach_task_self",
        "mach_thread_self",
        "mach_host_self",
        "mach_reply_port",
    }
)
"""Calls whose numbers go in and come out as they are."""


class Tasks(Protocol):
    """What a task's calls must know of the other tasks."""

    def with_pid(self, pid: int) -> "TaskCalls | None":
        """Give the task of that pid."""

    def in_slot(self, slot: int) -> "TaskCalls | None":
        """Give the task in that slot of the bootstrap task."""

    def ended(self, task: "TaskCalls") -> None:
        """Hear that a task was seen to have ended."""


class TaskCalls:
    """Answers the kernel calls of one task; `task_self_name` is what its mach_task_self_ holds."""

    def __init__(self, machine: Machine, tasks: Tasks, pid: int, slot: int, task_self_name: int) -> None:
        self.pid = pid
        self.slot = slot
        self.task_self_name = task_self_name
        self._machine = machine
        self._tasks = tasks
        self._ended = False
        self._own: dict[str, Callable[..., Reply | Wait]] = {
            "mach_msg": self._mach_msg,
            "mach_port_get_attributes": self._get_attributes,
            "mach_port_get_set_status": self._get_set_status,
            "mach_port_names": self._names,
            "mach_port_type": self._type,
            "mach_ports_lookup": self._ports_lookup,
            "mach_ports_register": self._ports_register,
            "pid_for_task": self._pid_for_task,
            "task_for_pid": self._task_for_pid,
            "task_get_special_port": self._get_special_port,
            "task_terminate": self._terminate,
        }

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        """Answer one call, inputs in the order of the prototype's in-parameters.

        Raises KernelUnavailable if the kernel or this task has ended, and NotImplementedError, naming the
        call, for what GNU Mach does not have.
        """
        start = time.monotonic()
        outcome = self.attempt(function, inputs)
        limit = outcome.timeout if isinstance(outcome, Wait) else None
        while isinstance(outcome, Wait):
            if limit is not None and time.monotonic() - start >= limit / 1000:
                # What was sent is back in the caller's buffer; what was to be received is not there
                return Reply(outcome.timed_out, outcome.inputs[:1])
            time.sleep(PAUSE)
            outcome = self.attempt(outcome.function, outcome.inputs)
        return outcome

    def attempt(self, function: str, inputs: tuple[Value, ...]) -> Reply | Wait:
        """Answer one call, or say that the caller has to wait and what to call then."""
        if function in self._own:
            return self._own[function](*inputs)
        if function not in SAME:
            raise NotImplementedError(f"{function}: GNU Mach has no such call")
        answer = self.ask(function, *_numbers(inputs))
        return Reply(answer.code, answer.numbers)

    def ask(self, command: str, *numbers: int) -> Answer:
        """Put one request about this task to the bootstrap task.

        Raises KernelUnavailable if the task has ended.
        """
        answer = self._ask(command, *numbers)
        if answer is None:
            self.end()
            raise self._gone()
        return answer

    def _ask(self, command: str, *numbers: int) -> Answer | None:
        if self._ended:
            raise self._gone()
        return self._machine.ask(command, self.slot, *numbers)

    def _gone(self) -> KernelUnavailable:
        return KernelUnavailable(f"the GNU Mach task of pid {self.pid} has ended")

    def end(self) -> None:
        """End the task, if it has not ended of itself: no more calls are answered."""
        if not self._ended:
            self._ended = True
            self._tasks.ended(self)

    def space(self) -> Space:
        """Give the whole space in one request: as mach_port_names and mach_port_get_refs tell it.

        Seen from outside, so it works when the task has lost its own task port.
        """
        return read_space(self.ask("space"))

    def _names(self, task: int) -> Reply:
        answer = self.ask("mach_port_names", task)
        if answer.code != KernReturn.KERN_SUCCESS:
            return Reply(answer.code)
        half = len(answer.numbers) // 2
        types = [int(number & TYPE_BITS) for number in answer.numbers[half:]]
        return Reply(answer.code, (list(answer.numbers[:half]), types))

    def _type(self, task: int, name: int) -> Reply:
        answer = self.ask("mach_port_type", task, name)
        return Reply(answer.code, tuple(number & TYPE_BITS for number in answer.numbers))

    def _get_set_status(self, task: int, name: int) -> Reply:
        return _array(self.ask("mach_port_get_set_status", task, name))

    def _get_attributes(self, task: int, name: int, flavor: int, count: int) -> Reply:
        if flavor not in (PortFlavor.LIMITS_INFO, PortFlavor.RECEIVE_STATUS):
            raise NotImplementedError(
                f"mach_port_get_attributes of flavour {flavor}: GNU Mach has no such thing"
            )
        answer = self.ask("mach_port_get_receive_status", task, name)
        if answer.code != KernReturn.KERN_SUCCESS:
            return Reply(answer.code)
        in_set, *rest = answer.numbers
        # XNU tells that there is a set where GNU Mach names it; mps_flags, the last field, is XNU's own
        status = [int(in_set != MACH_PORT_NULL), *rest, 0]
        words = status if flavor == PortFlavor.RECEIVE_STATUS else [status[3]]
        return (
            Reply(KernReturn.KERN_SUCCESS, (words,))
            if count >= len(words)
            else Reply(KernReturn.KERN_FAILURE)
        )

    def _ports_register(self, task: int, ports: list[int]) -> Reply:
        # GNU Mach would take four
        if len(ports) > TASK_PORT_REGISTER_MAX:
            return Reply(KernReturn.KERN_INVALID_ARGUMENT)
        return Reply(self.ask("mach_ports_register", task, *ports).code)

    def _ports_lookup(self, task: int) -> Reply:
        answer = self.ask("mach_ports_lookup", task)
        return _array(Answer(answer.code, answer.numbers[:TASK_PORT_REGISTER_MAX]))

    def _get_special_port(self, task: int, which: int) -> Reply:
        if which not in (TaskSpecialPort.KERNEL, TaskSpecialPort.BOOTSTRAP):
            raise NotImplementedError(f"task_get_special_port {which}: GNU Mach has no such port")
        answer = self.ask("task_get_special_port", task, which)
        return Reply(answer.code, answer.numbers)

    def _terminate(self, task: int) -> Reply:
        victim = self._behind(task)
        if victim is self:
            # Nobody is left inside to answer
            self._ask("task_terminate", task)
            self.end()
            return Reply(KernReturn.KERN_SUCCESS)
        answer = self.ask("task_terminate", task)
        if victim is not None and answer.code == KernReturn.KERN_SUCCESS:
            victim.end()
        return Reply(answer.code)

    def _task_for_pid(self, task: int, pid: int) -> Reply:
        refused = Reply(KernReturn.KERN_FAILURE, (MACH_PORT_NULL,))
        wanted = self._tasks.with_pid(pid)
        if wanted is None or self._behind(task) is None:
            return refused
        answer = self.ask("give", wanted.slot)
        # The task died without our knowledge: its port goes out as a dead one
        return refused if answer.numbers == (MACH_PORT_DEAD,) else Reply(answer.code, answer.numbers)

    def _pid_for_task(self, name: int) -> Reply:
        found = self._behind(name)
        if found is None:
            return Reply(KernReturn.KERN_FAILURE, (-1,))
        return Reply(KernReturn.KERN_SUCCESS, (found.pid,))

    def _behind(self, name: int) -> "TaskCalls | None":
        answer = self.ask("behind", name)
        return self._tasks.in_slot(answer.numbers[0]) if answer.code == KernReturn.KERN_SUCCESS else None

    def _mach_msg(self, message: bytes | None, *numbers: int) -> Reply | Wait:
        return Exchange(message, *numbers).play(self.ask)


def _numbers(inputs: tuple[Value, ...]) -> Iterator[int]:
    for value in inputs:
        if not isinstance(value, int):
            raise TypeError(f"{value!r:.40} is no number")
        yield value


def _array(answer: Answer) -> Reply:
    success = answer.code == KernReturn.KERN_SUCCESS
    return Reply(answer.code, (list(answer.numbers),) if success else ())
