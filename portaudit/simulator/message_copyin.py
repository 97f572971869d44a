"""Taking the rights that a message carries: where it goes, where the answer goes, and those of its body.

XNU takes the header's in ipc_kmsg_copyin_header, osfmk/ipc/ipc_kmsg.c:1715-2260. Of the body all are taken,
or the message is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_RECEIVE,
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    GuardFlavor,
    KernReturn,
    MsgType,
    PortType,
)
from portaudit.mach.messages import PortDescriptor
from portaudit.simulator.copyin import Allow, Taken, immovable, take, take_entry
from portaudit.simulator.guard import Guard, RefusalError, is_immovable
from portaudit.simulator.message import TRAVELS_AS, Descriptor, KernelMessage, Right, Rights
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.release import destroy_message, put_in_transit, release_right

if TYPE_CHECKING:
    from portaudit.mach.messages import Descriptor as UserDescriptor
    from portaudit.mach.messages import Message
    from portaudit.simulator.space import Entry, Space

SENDING = frozenset(TRAVELS_AS) - {MsgType.MOVE_RECEIVE}
MAKING = frozenset({MsgType.MAKE_SEND, MsgType.MAKE_SEND_ONCE})
DEST_ALLOWS = (
    Allow.REPLY_MAKE_SEND_ONCE | Allow.REPLY_MOVE_SEND_ONCE | Allow.IMMOVABLE_SEND | Allow.DEAD_SEND_ONCE
)
REPLY_ALLOWS = Allow.REPLY_MAKE_SEND_ONCE | Allow.DEAD


def valid(name: int) -> bool:
    """Say whether a name is one at all (MACH_PORT_VALID)."""
    return name not in {MACH_PORT_NULL, MACH_PORT_DEAD}


def invalid_reply(name: int, *guards: Guard) -> RefusalError:
    """Refuse the reply port."""
    guard = Guard(GuardFlavor.SEND_INVALID_REPLY, name)
    return RefusalError(KernReturn.MACH_SEND_INVALID_REPLY, *guards, guard)


def _invalid_dest() -> RefusalError:
    return RefusalError(KernReturn.MACH_SEND_INVALID_DEST)


def take_header(space: Space, message: Message) -> KernelMessage:
    """Take the header's rights, both or none; refuses with MACH_SEND_INVALID_HEADER, _DEST or _REPLY."""
    _check_form(message)
    if not space.active:
        raise _invalid_dest()
    dest = space.find(message.remote)
    if dest is None or not dest.type & PortType.PORT_RIGHTS:
        raise _invalid_dest()
    reply = _reply_entry(space, message, dest) if valid(message.local) else None
    disposition, allow = _dest_disposition(message)
    try:
        taken = take_entry(space, dest, disposition, DEST_ALLOWS | allow)
    except RefusalError as refusal:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST, *refusal.guards) from refusal
    answer = _take_reply(space, message, reply, taken if allow else None)
    header = KernelMessage(
        _port(taken.finish()),
        TRAVELS_AS[MsgType(message.remote_disposition)],
        answer.finish() if answer else message.local,
        TRAVELS_AS.get(MsgType(message.local_disposition), MsgType.NONE),
        message.id,
    )
    header.to_kernel = not header.remote.active or header.remote.is_kobject
    return header


def _port(right: Port | int) -> Port:
    if not isinstance(right, Port):
        raise _invalid_dest()
    return right


def _check_form(message: Message) -> None:
    """Refuse what is no header, before any right is touched (osfmk/ipc/ipc_kmsg.c:1715)."""
    if message.local_disposition == MsgType.NONE:
        if message.local != MACH_PORT_NULL:
            raise RefusalError(KernReturn.MACH_SEND_INVALID_HEADER)
    elif message.local_disposition not in SENDING:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_HEADER)
    if message.remote_disposition not in SENDING:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_HEADER)
    if not valid(message.remote):
        raise _invalid_dest()
    # One send-once right cannot be two (osfmk/ipc/ipc_kmsg.c:1795)
    dispositions = (message.remote_disposition, message.local_disposition)
    if message.remote == message.local and MsgType.MOVE_SEND_ONCE in dispositions:
        raise _invalid_dest()


def _reply_entry(space: Space, message: Message, dest: Entry) -> Entry:
    """Look the reply port up and check that its right can be taken: by then nothing may fail.

    A name that is known to be dead is refused; one whose port died unseen is not (osfmk/ipc/ipc_kmsg.c:2029).
    """
    name = message.local
    reply = dest if name == message.remote else space.find(name)
    if reply is None or not reply.type & PortType.PORT_RIGHTS:
        raise invalid_reply(name)
    if message.local_disposition in MAKING:
        usable = bool(reply.type & PortType.RECEIVE)
    else:
        usable = _can_send(space, reply, message.local_disposition)
    port = reply.named_port
    if not usable or (
        port.active and port.reply_port and message.local_disposition != MsgType.MAKE_SEND_ONCE
    ):
        raise invalid_reply(name)
    _check_reply_semantics(space, reply, dest)
    return reply


def _can_send(space: Space, reply: Entry, disposition: int) -> bool:
    if not reply.type & PortType.SEND_RIGHTS:
        return False
    port = reply.named_port
    if not port.active:
        return True
    if is_immovable(space, port):
        raise invalid_reply(reply.name, immovable(space, reply.name))
    wanted = PortType.SEND_ONCE if disposition == MsgType.MOVE_SEND_ONCE else PortType.SEND
    return bool(reply.type & wanted)


def _check_reply_semantics(space: Space, reply: Entry, dest: Entry) -> None:
    """Hold platform tasks to real reply ports in what they send to the kernel (osfmk/ipc/ipc_port.c:3503)."""
    kernel = dest.port is not None and dest.port.active and dest.port.is_kobject
    port = reply.named_port
    if kernel and port.active and space.task.platform and not port.reply_port:
        guard = Guard(GuardFlavor.REQUIRE_REPLY_PORT_SEMANTICS, reply.name)
        raise invalid_reply(reply.name, guard)


def _dest_disposition(message: Message) -> tuple[int, Allow]:
    """Say how to take the destination; both rights at once if both are sent from the same name.

    So the last reference can be moved to the one place and copied to the other (osfmk/ipc/ipc_kmsg.c:1848).
    """
    pair = {message.remote_disposition, message.local_disposition}
    if message.remote != message.local or pair & MAKING:
        return message.remote_disposition, Allow.NOTHING
    if pair == {MsgType.MOVE_SEND}:
        return MsgType.MOVE_SEND, Allow.EXTRA_MOVE
    return max(pair - {MsgType.COPY_SEND}, default=MsgType.COPY_SEND), Allow.EXTRA_COPY


def _take_reply(space: Space, message: Message, reply: Entry | None, joint: Taken | None) -> Taken | None:
    if reply is None:
        return None
    if joint is not None:
        return Taken(joint.port, message.local)
    return take_entry(space, reply, message.local_disposition, REPLY_ALLOWS)


def take_body(space: Space, message: KernelMessage, descriptors: tuple[UserDescriptor, ...]) -> None:
    """Take the rights of a message's descriptors into the kernel message.

    On a wrong right everything that was taken before, the header's rights too, is not given back to the
    sender: it is destroyed, as if the message had arrived nowhere (osfmk/ipc/ipc_kmsg.c:2984).
    """
    for descriptor in descriptors:
        try:
            message.descriptors += (_take_descriptor(space, message, descriptor),)
        except RefusalError:
            destroy_message(message)
            raise


def _take_descriptor(space: Space, message: KernelMessage, descriptor: UserDescriptor) -> Descriptor:
    travels_as = _travels_as(descriptor.disposition)
    if isinstance(descriptor, PortDescriptor):
        return Right(_take_right(space, message, descriptor.name, descriptor.disposition), travels_as)
    taken: list[Carried] = []
    try:
        for name in descriptor.names:
            taken.append(_take_right(space, message, name, descriptor.disposition))  # noqa: PERF401  kept on error
    except RefusalError:
        _release_all(taken, travels_as)
        raise
    return Rights(tuple(taken), travels_as)


def _travels_as(disposition: int) -> int:
    return next((kind for given, kind in TRAVELS_AS.items() if given == disposition), MsgType.NONE)


def _release_all(rights: list[Carried], travels_as: int) -> None:
    for right in rights:
        if isinstance(right, Port):
            release_right(right, travels_as)


def _take_right(space: Space, message: KernelMessage, name: int, disposition: int) -> Carried:
    """Take one right; null and dead names travel as such."""
    if not valid(name):
        return name
    allow = Allow.IMMOVABLE_SEND if message.to_kernel else Allow.NOTHING
    try:
        right = take(space, name, disposition, allow)
    except RefusalError as refusal:
        wrong = refusal.code == KernReturn.KERN_INVALID_RIGHT
        guards = (Guard(GuardFlavor.SEND_INVALID_RIGHT, name),) if wrong else ()
        raise RefusalError(KernReturn.MACH_SEND_INVALID_RIGHT, *refusal.guards, *guards) from refusal
    if isinstance(right, Port) and disposition == MACH_MSG_TYPE_PORT_RECEIVE:
        message.circular |= put_in_transit(right, message.remote)
    return right
