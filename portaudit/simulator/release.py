"""Giving rights back: what happens to a port, and to a message, when nobody holds it any more."""

from __future__ import annotations

from dataclasses import dataclass

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_RECEIVE,
    MACH_MSG_TYPE_PORT_SEND,
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    Notification,
)
from portaudit.simulator.message import KernelMessage, Right
from portaudit.simulator.notification import notify_dead_name, notify_no_senders, notify_send_once
from portaudit.simulator.port import Port


@dataclass(frozen=True, slots=True)
class NoSenders:
    """A no-senders notification that is due: it is decided with the count, and told after the deed."""

    notify: Port | None = None
    mscount: int = 0
    kobject: Port | None = None

    def emit(self) -> None:
        """Tell it: to whoever asked, or to the kernel if the port is its own."""
        if self.kobject is not None and self.kobject.active and self.kobject.on_no_senders is not None:
            self.kobject.on_no_senders(self.kobject)
        if self.notify is not None:
            notify_no_senders(self.notify, self.mscount)


NOBODY = NoSenders()
"""Nobody is to be told."""


def drop_send(port: Port) -> NoSenders:
    """Take away one send right. The last one leaves the receiver's no-senders notification due."""
    port.srights -= 1
    if port.srights:
        return NOBODY
    notify, port.no_senders_request = port.no_senders_request, None
    return NoSenders(notify, port.mscount, port if port.on_no_senders is not None else None)


def withdraw(notify: Port | None) -> None:
    """Give the notify right of a request back; one to a dead port is just forgotten."""
    if notify is not None and not notify.active:
        notify.sorights -= 1


def release_send(port: Port) -> None:
    """Give one send right back."""
    if port.active:
        drop_send(port).emit()
    else:
        port.srights -= 1


def release_send_once(port: Port) -> None:
    """Throw a send-once right away unused: its receiver is told with a message, which takes its place."""
    if not port.active or port.is_kobject:
        port.sorights -= 1
    else:
        notify_send_once(port)


def release_right(port: Port, msg_type: int) -> None:
    """Give back a right of the type that it had in a message (osfmk/ipc/ipc_object.c:752)."""
    if msg_type == MACH_MSG_TYPE_PORT_SEND:
        release_send(port)
    elif msg_type == MACH_MSG_TYPE_PORT_SEND_ONCE:
        release_send_once(port)
    elif msg_type == MACH_MSG_TYPE_PORT_RECEIVE:
        destroy_port(port)


def destroy_port(port: Port) -> None:
    """End a receive right: the port dies, unless somebody asked to have it (osfmk/ipc/ipc_port.c:1113).

    The entries of its senders change later, when each is next looked at; their notifications go out now.
    """
    notify, port.port_destroyed_request = port.port_destroyed_request, None
    port.clear_receiver()
    if notify is not None:
        port.immovable_receive = False
        _hand_over(port, notify)
        return
    port.active, port.on_no_senders = False, None
    _flush_queue(port)
    if port.no_senders_request is not None:
        unused, port.no_senders_request = port.no_senders_request, None
        release_send_once(unused)
    for request in list(port.requests.outstanding()):
        if request.notify is not None:
            notify_dead_name(request.notify, request.name)


def _hand_over(port: Port, notify: Port) -> None:
    """Send the receive right itself to whoever made a port-destroyed request."""
    message = KernelMessage(
        notify,
        MACH_MSG_TYPE_PORT_SEND_ONCE,
        id=Notification.PORT_DESTROYED,
        descriptors=(Right(port, MACH_MSG_TYPE_PORT_RECEIVE),),
        circular=put_in_transit(port, notify),
    )
    deliver(message)


def put_in_transit(port: Port, dest: Port) -> bool:
    """Let a receive right travel to `dest`; True if that is on its way to the port itself.

    Such a message could never be received, so it is destroyed (osfmk/ipc/ipc_port.c:1346).
    """
    base: Port | None = dest
    while base is not None and base.active:
        if base is port:
            return True
        base = base.destination
    port.destination = dest
    return False


def deliver(message: KernelMessage) -> None:
    """Queue a message at its destination, or destroy it where it can never be received."""
    if message.circular:
        destroy_message(message)
    elif message.remote.active:
        message.remote.post(message)
    else:
        destroy_message(message, remote=False)


def destroy_message(message: KernelMessage, *, remote: bool = True) -> None:
    """Give back all rights of a message, as an exiting task would (osfmk/ipc/ipc_kmsg.c:1184)."""
    if remote:
        release_right(message.remote, message.remote_type)
    if isinstance(message.local, Port):
        release_right(message.local, message.local_type)
    release_carried(message)


def release_carried(message: KernelMessage) -> None:
    """Give back the rights that the descriptors of a message carry."""
    for descriptor in message.descriptors:
        for port in descriptor:
            if isinstance(port, Port):
                release_right(port, descriptor.type)


def _flush_queue(port: Port) -> None:
    """Destroy the queued messages; those of ports that die in turn wait for their turn."""
    ipc = port.ipc
    ipc.dying.extend(port.queue)
    port.queue.clear()
    if ipc.reaping:
        return
    ipc.reaping = True
    try:
        while ipc.dying:
            destroy_message(ipc.dying.popleft())
    finally:
        ipc.reaping = False
