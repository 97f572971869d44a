"""From a call to its routine and back: by message, as MIG stubs do, by trap, and as libsystem chooses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from portaudit.mach.constants import GuardFlavor, KernReturn, MsgType, PortRight, PortType, TaskFlavor
from portaudit.mach.messages import Message, PortDescriptor
from portaudit.simulator.copyin import Allow, take
from portaudit.simulator.copyout import insert_send, put
from portaudit.simulator.guard import Guard, RefusalError
from portaudit.simulator.host import host_named
from portaudit.simulator.message import TRAVELS_AS, KernelMessage, Right
from portaudit.simulator.message_copyin import take_body, take_header, valid
from portaudit.simulator.port import Port
from portaudit.simulator.port_routines import fill
from portaudit.simulator.release import destroy_message, release_carried, release_right, release_send
from portaudit.simulator.right import translate
from portaudit.simulator.routines import ROUTINES, SEND_ONCE, On
from portaudit.simulator.task_port import task_behind
from portaudit.simulator.user_references import modify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from portaudit.mach.calls import Value
    from portaudit.simulator.port import Carried
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
        release_carried(taken)
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
