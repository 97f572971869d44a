"""Calling the kernel by message, as MIG stubs do: the call goes to a task port, the answer comes back.

A call is a message with a copy of the task port as its destination and a send-once right to the caller's
reply port; rights among the arguments travel as port descriptors, both ways. So what is wrong with a right
among the arguments is a send error, found before the kernel looks at the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from portaudit.mach.constants import GuardFlavor, KernReturn, MsgType, PortRight
from portaudit.mach.messages import Message, PortDescriptor
from portaudit.simulator.body import take_body
from portaudit.simulator.copyout import put
from portaudit.simulator.guard import Guard, RefusalError
from portaudit.simulator.header import take_header
from portaudit.simulator.message import KernelMessage, Right
from portaudit.simulator.port import Port
from portaudit.simulator.port_routines import fill
from portaudit.simulator.release import destroy_message, release_right, release_send
from portaudit.simulator.user_references import modify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from portaudit.mach.calls import Value
    from portaudit.simulator.space import Space
    from portaudit.simulator.task import Task

Part: TypeAlias = "Value | Right | list[Right]"
Answer: TypeAlias = tuple[Part, ...]

PUT_BACK = frozenset({KernReturn.MACH_SEND_INVALID_DEST, KernReturn.MACH_SEND_INVALID_HEADER})
"""After these errors a MIG stub keeps its reply port; after any other it makes a new one."""


def call_kernel(
    caller: Task, dest: int, routine: Callable[[KernelMessage], Answer], rights: Iterable[PortDescriptor] = ()
) -> tuple[Value, ...]:
    """Send a call to the port named `dest`, let `routine` carry it out, and receive its answer."""
    message = Message(
        dest, MsgType.COPY_SEND, caller.mig_reply_name, MsgType.MAKE_SEND_ONCE, descriptors=tuple(rights)
    )
    try:
        taken = _send(caller, message)
    except RefusalError as refusal:
        if refusal.code in PUT_BACK:
            raise
        raise RefusalError(refusal.code, *refusal.guards, *replace_reply_port(caller)) from refusal
    return _receive_answer(caller, taken, _carry_out(taken, routine))


def _send(caller: Task, message: Message) -> KernelMessage:
    """Take the rights of a call; a port that is not the kernel's cannot be called."""
    taken = take_header(caller.space, message)
    if not taken.remote.is_kobject:
        destroy_message(taken)
        guard = Guard(GuardFlavor.INVALID_OPTIONS, 0)
        raise RefusalError(KernReturn.MACH_SEND_INVALID_OPTIONS, guard)
    take_body(caller.space, taken, message.descriptors)
    return taken


def _carry_out(taken: KernelMessage, routine: Callable[[KernelMessage], Answer]) -> Answer:
    """Run the routine. The rights in the call are its own if it succeeds; if not, they are destroyed."""
    try:
        answer = routine(taken)
    except (RefusalError, NotImplementedError):
        release_send(taken.remote)
        for descriptor in taken.descriptors:
            for port in descriptor:
                if isinstance(port, Port):
                    release_right(port, descriptor.type)
        _answered(taken)
        raise
    release_send(taken.remote)
    _answered(taken)
    return answer


def _answered(taken: KernelMessage) -> None:
    if isinstance(taken.local, Port):
        taken.local.sorights -= 1
        taken.local.seqno += 1


def _receive_answer(caller: Task, taken: KernelMessage, answer: Answer) -> tuple[Value, ...]:
    """Put the rights of an answer into the caller's space; without a reply port they are lost."""
    lost = isinstance(taken.local, Port) and not taken.local.in_space(caller.space)
    if lost or not caller.space.active:
        for part in answer:
            _lose(part)
        raise RefusalError(KernReturn.MACH_RCV_INVALID_NAME)
    return tuple(put_part(caller.space, part) for part in answer)


def _lose(part: Part) -> None:
    for right in part if isinstance(part, list) else [part]:
        if isinstance(right, Right) and isinstance(right.port, Port):
            release_right(right.port, right.type)


def put_part(space: Space, part: Part) -> Value:
    """Put the rights of one part of an answer into a space; they come out as names."""
    if isinstance(part, Right):
        return _name(space, part)
    if isinstance(part, list):
        return [item if isinstance(item, int) else _name(space, item) for item in part]
    return part


def _name(space: Space, right: Right) -> int:
    return put(space, right.port, right.type, substitute=right.substitute)


def replace_reply_port(caller: Task) -> tuple[Guard, ...]:
    """End the reply port for the kernel's answers and make a new one, as libsystem does after an error.

    Ending a port that is gone already is an over-release like any other; gives the guards that it raised.
    """
    guards: tuple[Guard, ...] = ()
    if caller.space.active:
        try:
            modify(caller.space, caller.mig_reply_name, PortRight.RECEIVE, -1)
        except RefusalError as refusal:
            guards = refusal.guards
        make_reply_port(caller)
    return guards


def make_reply_port(caller: Task) -> None:
    """Make the reply port: a real one for platform tasks (libsyscall/mach/mig_reply_port.c)."""
    entry = fill(caller.space, caller.space.claim(), PortRight.RECEIVE)
    entry.named_port.reply_port = entry.named_port.immovable_receive = caller.platform
    caller.mig_reply_name = entry.name
