"""Sending and receiving: mach_msg between a space and a port's queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND,
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    GuardFlavor,
    KernReturn,
    MsgType,
    PortType,
)
from portaudit.mach.messages import HEADER, TRAILER, Message, PortDescriptor, PortsDescriptor
from portaudit.simulator.copyout import put
from portaudit.simulator.guard import Guard, RefusalError
from portaudit.simulator.message import Descriptor, KernelMessage, Right
from portaudit.simulator.message_copyin import take_body, take_header
from portaudit.simulator.notification import notify_send_possible
from portaudit.simulator.port import QLIMIT_KERNEL, Port
from portaudit.simulator.release import deliver, destroy_message, drop_send
from portaudit.simulator.right import names_object

if TYPE_CHECKING:
    from portaudit.mach.messages import Descriptor as UserDescriptor
    from portaudit.simulator.space import Space


ONCE = frozenset({MsgType.MOVE_SEND_ONCE, MsgType.MAKE_SEND_ONCE})


class UndeliveredError(RefusalError):
    """A send that failed after the rights were taken; `message` is what the sender finds in its buffer."""

    def __init__(self, code: KernReturn, message: Message) -> None:
        super().__init__(code)
        self.message = message


class NothingToReceiveError(Exception):
    """No message is there; a real thread would sleep here."""


@dataclass(frozen=True, slots=True)
class Received:
    """What a receive gives: the message as its receiver sees it, its number, and how the receive ended.

    `complex`: whether the message was sent with descriptors, even if they were lost for want of room.
    """

    message: Message | None
    size: int
    seqno: int
    complex: bool = False
    code: KernReturn = KernReturn.KERN_SUCCESS


def send(space: Space, message: Message, *, notify: bool = False) -> None:
    """Send a message without waiting.

    A queue that is full takes no ordinary message: the rights go back to the sender, and what was moved may
    come back under another name (MACH_SEND_TIMED_OUT). A plain message to the kernel is refused, after its
    header has been taken (osfmk/ipc/ipc_policy.c:622). `notify` arms a send-possible request that the
    destination's name has (MACH_SEND_NOTIFY).
    """
    request = _request_of(space, message) if notify else 0
    taken = take_header(space, message)
    if taken.remote.is_kobject:
        destroy_message(taken)
        guard = Guard(GuardFlavor.INVALID_OPTIONS, 0)
        raise RefusalError(KernReturn.MACH_SEND_INVALID_OPTIONS, guard)
    port = taken.remote
    always = bool(request) and port.active and not port.full
    if request and port.active and port.full:
        _arm(port, request)
    taken.body = message.body
    take_body(space, taken, message.descriptors)
    if not taken.circular and port.active and not _has_room(taken, always=always):
        raise UndeliveredError(KernReturn.MACH_SEND_TIMED_OUT, _give_back(space, taken))
    deliver(taken)


def would_wait(space: Space, message: Message) -> bool:
    """Say whether sending would have to wait for room in the destination's queue."""
    entry = space.find(message.remote) if space.active else None
    if entry is None or entry.port is None or message.remote_disposition in ONCE:
        return False
    return entry.port.active and not entry.port.is_kobject and entry.port.full


def _request_of(space: Space, message: Message) -> int:
    entry = space.find(message.remote) if space.active else None
    return entry.request if entry is not None and message.remote_disposition not in ONCE else 0


def _arm(port: Port, index: int) -> None:
    request = port.requests.slots[index]
    if request is not None and request.send_possible:
        request.armed = True


def _has_room(message: KernelMessage, *, always: bool) -> bool:
    if message.remote_type == MACH_MSG_TYPE_PORT_SEND_ONCE or always:
        return len(message.remote.queue) < QLIMIT_KERNEL
    return not message.remote.full


def _give_back(space: Space, message: KernelMessage) -> Message:
    """Receive a message back that could not be sent (ipc_kmsg_copyout_pseudo, osfmk/ipc/ipc_kmsg.c:4420)."""
    remote = put(space, message.remote, message.remote_type)
    local, local_type = _give_reply_back(space, message)
    return Message(
        remote,
        message.remote_type,
        local,
        local_type,
        message.id,
        tuple(_put_descriptor(space, descriptor) for descriptor in message.descriptors),
        message.body,
    )


def _give_reply_back(space: Space, message: KernelMessage) -> tuple[int, int]:
    """Give the reply port back; a real reply port's send-once right may not have a name: it is unmade."""
    reply = message.local
    if not isinstance(reply, Port) or not reply.reply_port:
        return put(space, reply, message.local_type), message.local_type
    reply.sorights -= 1
    if not reply.active:
        return MACH_PORT_DEAD, message.local_type
    entry = space.reverse(reply)
    if entry is None:
        return MACH_PORT_NULL, message.local_type
    return entry.name, MsgType.MAKE_SEND_ONCE


def _put_descriptor(space: Space, descriptor: Descriptor) -> UserDescriptor:
    names = tuple(put(space, port, descriptor.type) for port in descriptor)
    if isinstance(descriptor, Right):
        return PortDescriptor(names[0], descriptor.type)
    return PortsDescriptor(names, descriptor.type)


def receive(space: Space, name: int, limit: int, *, large: bool = False) -> Received:
    """Receive from a receive right or a port set, into `limit` bytes.

    A message that does not fit is lost, but for its header, unless `large` asks to leave it where it is.
    """
    port = _receive_from(space, name)
    message = port.queue[0]
    is_complex = bool(message.descriptors)
    too_large = message.size + TRAILER.size > limit
    if too_large and large:
        return Received(None, message.size, 0, code=KernReturn.MACH_RCV_TOO_LARGE)
    port.queue.popleft()
    seqno, port.seqno = port.seqno, port.seqno + 1
    if too_large:
        bare = _strip(message)
        return Received(bare, HEADER.size, seqno, is_complex, KernReturn.MACH_RCV_TOO_LARGE)
    return Received(_deliver_to(space, message), message.size, seqno, is_complex)


def _receive_from(space: Space, name: int) -> Port:
    """Find the port to receive from (ipc_mqueue_copyin, osfmk/ipc/ipc_mqueue.c:1566)."""
    entry = space.find(name) if space.active else None
    if entry is None or not names_object(entry):
        raise RefusalError(KernReturn.MACH_RCV_INVALID_NAME)
    if not entry.type & (PortType.RECEIVE | PortType.PORT_SET):
        guards = () if entry.had_receive else (Guard(GuardFlavor.RCV_INVALID_NAME, name),)
        raise RefusalError(KernReturn.MACH_RCV_INVALID_NAME, *guards)
    port = entry.port_set.next_ready() if entry.port_set is not None else entry.port
    if port is None or not port.queue:
        raise NothingToReceiveError
    return port


def _deliver_to(space: Space, message: KernelMessage) -> Message:
    """Put a message's rights into the receiver's space; the header's two ports change places."""
    for notify, name in message.remote.requests.take_armed():
        notify_send_possible(notify, name)
    reply_name = put(space, message.local, message.local_type)
    local_name = _use_up(message.remote, message.remote_type)
    return Message(
        reply_name,
        message.local_type,
        local_name,
        message.remote_type,
        message.id,
        tuple(_put_descriptor(space, descriptor) for descriptor in message.descriptors),
        message.body,
    )


def _use_up(port: Port, msg_type: int) -> int:
    """Use up the right that the message was sent with, and name the port for its receiver."""
    if msg_type == MACH_MSG_TYPE_PORT_SEND:
        drop_send(port).emit()
    else:
        port.sorights -= 1
    return port.receiver_name


def _strip(message: KernelMessage) -> Message:
    """Destroy all rights of a message but its destination (osfmk/ipc/ipc_kmsg.c:4520)."""
    local_name = _use_up(message.remote, message.remote_type)
    reply: int = message.local if isinstance(message.local, int) else MACH_PORT_NULL
    destroy_message(message, remote=False)
    return Message(reply, message.local_type, local_name, message.remote_type, message.id)
