"""The two ways of calling the kernel, and how libsystem goes from the one to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from portaudit.mach.constants import KernReturn, MsgType, PortType, TaskFlavor
from portaudit.simulator.copyin import Allow, take
from portaudit.simulator.copyout import insert_send
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.header import valid
from portaudit.simulator.host import host_named
from portaudit.simulator.message import TRAVELS_AS, KernelMessage, Right
from portaudit.simulator.mig import call_kernel, put_part
from portaudit.simulator.port import Port
from portaudit.simulator.release import release_right
from portaudit.simulator.right import translate
from portaudit.simulator.routines import ROUTINES, SEND_ONCE, On
from portaudit.simulator.task_port import task_behind

if TYPE_CHECKING:
    from portaudit.mach.calls import Value
    from portaudit.mach.messages import PortDescriptor
    from portaudit.simulator.mig import Answer
    from portaudit.simulator.port import Carried
    from portaudit.simulator.task import Task

Inputs = tuple[Any, ...]
ONCE = frozenset({MsgType.MOVE_SEND_ONCE, MsgType.MAKE_SEND_ONCE})


def by_message(caller: Task, function: str, inputs: Inputs) -> tuple[Value, ...]:
    """Make a call through MIG: `inputs` are the name of the port that it goes to, and what follows it."""
    routine = ROUTINES[function]
    plain, rights = routine.split(inputs[1:])

    def carry_out(message: KernelMessage) -> Answer:
        carried = tuple(right for right in message.descriptors if isinstance(right, Right))
        if routine.carried_as is not None and any(right.type != routine.carried_as for right in carried):
            raise RefusalError(KernReturn.MIG_TYPE_ERROR)
        return routine.run(message.remote, caller, plain, carried)

    return call_kernel(caller, inputs[0], carry_out, rights)


def by_trap(caller: Task, function: str, inputs: Inputs) -> tuple[Value, ...]:
    """Make a call through a Mach trap: only on oneself or the host, otherwise MACH_SEND_INVALID_DEST.

    No message is involved, so a wrong right among the arguments is an ordinary error without its guard
    (osfmk/ipc/mach_kernelrpc.c:164-470).
    """
    routine = ROUTINES[function]
    port = _trapped(caller, inputs[0], routine.on)
    plain, rights = routine.split(inputs[1:])
    if not rights:
        return _put_all(caller, routine.run(port, caller, plain, ()))
    if function == "mach_port_insert_right" and _on_itself(plain[0], rights[0]):
        insert_send(caller.space, plain[0], make=rights[0].disposition == MsgType.MAKE_SEND)
        return ()
    right = _take(caller, function, rights[0])
    try:
        answer = routine.run(port, caller, plain, (right,))
    except RefusalError:
        if isinstance(right.port, Port):
            release_right(right.port, right.type)
        raise
    return _put_all(caller, answer)


def _put_all(caller: Task, answer: Answer) -> tuple[Value, ...]:
    return tuple(put_part(caller.space, part) for part in answer)


def _trapped(caller: Task, name: int, on: On) -> Carried:
    if on is On.HOST:
        return host_named(caller.space, name)
    return own_task_port(caller, name, TaskFlavor.READ if on is On.READ else TaskFlavor.CONTROL)


def own_task_port(caller: Task, name: int, flavor: TaskFlavor) -> Carried:
    """Find the caller's own task port under a name, or refuse with MACH_SEND_INVALID_DEST."""
    try:
        port = translate(caller.space, name, PortType.SEND).named_port
    except RefusalError as refusal:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST) from refusal
    if task_behind(port, flavor) is not caller:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST)
    return port


def _on_itself(name: int, right: PortDescriptor) -> bool:
    return name == right.name and right.disposition in {MsgType.MAKE_SEND, MsgType.COPY_SEND}


def _take(caller: Task, function: str, given: PortDescriptor) -> Right:
    if function == "mach_port_insert_right":
        port = take(caller.space, given.name, given.disposition, Allow.IMMOVABLE_SEND)
        return Right(port, TRAVELS_AS[MsgType(given.disposition)])
    # The trap leaves to MIG what it does not understand (osfmk/ipc/mach_kernelrpc.c:436)
    if given.disposition not in ONCE or not valid(given.name):
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST)
    return Right(take(caller.space, given.name, given.disposition), SEND_ONCE)


def as_libsystem(caller: Task, function: str, inputs: Inputs) -> tuple[Value, ...]:
    """Make a call as libsystem makes it: by trap if there is one, and by message if that does not apply."""
    if ROUTINES[function].trap:
        try:
            return by_trap(caller, function, inputs)
        except RefusalError as refusal:
            if refusal.code != KernReturn.MACH_SEND_INVALID_DEST:
                raise
    return by_message(caller, function, inputs)
