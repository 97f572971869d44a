"""Asking to be told: mach_port_request_notification (osfmk/ipc/mach_port.c:1555)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    GuardFlavor,
    KernReturn,
    Notification,
    PortType,
)
from portaudit.simulator.guard import Guard, RefusalError
from portaudit.simulator.message import Right
from portaudit.simulator.message_copyin import valid
from portaudit.simulator.notification import (
    Request,
    notify_dead_name,
    notify_no_senders,
    notify_send_possible,
)
from portaudit.simulator.port import Port
from portaudit.simulator.port_routines import receive_port
from portaudit.simulator.right import cancel_request, invalid_right, is_dead

if TYPE_CHECKING:
    from portaudit.simulator.space import Entry, Space


def request_notification(space: Space, name: int, identity: int, sync: int, notify: Right) -> tuple[Right]:
    """Arm a request, and give back the notify right of the one that it replaces.

    MACH_PORT_NULL as notify right only withdraws. `sync` is a make-send count for no-senders; for
    send-possible it says whether to answer at once if there is room.
    """
    if notify.port == MACH_PORT_DEAD:
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    port = notify.port if isinstance(notify.port, Port) else None
    previous = _arm(space, name, identity, sync, port)
    given_back = previous if previous is not None else MACH_PORT_NULL
    return (Right(given_back, MACH_MSG_TYPE_PORT_SEND_ONCE),)


def _arm(space: Space, name: int, identity: int, sync: int, notify: Port | None) -> Port | None:
    if identity == Notification.PORT_DESTROYED:
        _arm_port_destroyed(space, name, sync, notify)
        return None
    if identity == Notification.NO_SENDERS:
        return _arm_no_senders(space, name, sync, notify)
    if identity not in {Notification.DEAD_NAME, Notification.SEND_POSSIBLE}:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    send_possible = identity == Notification.SEND_POSSIBLE
    request = Request(name, notify, send_possible, armed=send_possible and bool(sync))
    return _arm_dead_name(space, request)


def _arm_port_destroyed(space: Space, name: int, sync: int, notify: Port | None) -> None:
    """Have the receive right sent to the notify port instead of dying; only one can ask for it."""
    if sync:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)
    port = _receive_port(space, name)
    if port.reply_port or port.special_reply:
        raise invalid_right(name)
    if port.port_destroyed_request is not None:
        raise RefusalError(KernReturn.KERN_FAILURE, Guard(GuardFlavor.KERN_FAILURE, name))
    port.port_destroyed_request = notify


def _arm_no_senders(space: Space, name: int, sync: int, notify: Port | None) -> Port | None:
    """Have the receiver told when the last send right goes; at once if there is none and enough were made."""
    port = _receive_port(space, name)
    if port.reply_port:
        raise invalid_right(name)
    previous, port.no_senders_request = port.no_senders_request, None
    if notify is not None and not port.srights and sync <= port.mscount:
        notify_no_senders(notify, port.mscount)
    else:
        port.no_senders_request = notify
    return previous


def _receive_port(space: Space, name: int) -> Port:
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    return receive_port(space, name)


def _arm_dead_name(space: Space, request: Request) -> Port | None:
    """Have the holder of a name told when its port dies, or has room (osfmk/ipc/ipc_right.c:458)."""
    entry = space.lookup(request.name)
    if request.notify is None and not entry.request:
        return None
    if entry.type & PortType.PORT_RIGHTS and not is_dead(space, entry):
        return _arm_live(entry, request)
    if request.send_possible and request.notify is not None and entry.type & PortType.DEAD_NAME:
        # Sending to a dead name is always possible: told at once, with the reference that goes with it
        entry.add_reference()
        notify_dead_name(request.notify, request.name)
        return None
    dead = entry.type & PortType.PORT_OR_DEAD
    raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT if dead else KernReturn.KERN_INVALID_RIGHT)


def _arm_live(entry: Entry, request: Request) -> Port | None:
    previous = cancel_request(entry)
    if request.notify is None:
        return previous
    port = entry.named_port
    has_room = bool(entry.type & PortType.SEND_ONCE) or port.is_kobject or not port.full
    if request.armed and has_room:
        notify_send_possible(request.notify, request.name)
    else:
        entry.request = port.requests.add(request)
    return previous
