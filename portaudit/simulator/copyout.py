"""Putting rights into a space: under which name they arrive, and how they add up with what is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_RECEIVE,
    MACH_MSG_TYPE_PORT_SEND,
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    KernReturn,
    PortType,
)
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.release import release_right, release_send
from portaudit.simulator.task import KernelObject

if TYPE_CHECKING:
    from portaudit.simulator.space import Entry, Space


def put(space: Space, right: Carried, msg_type: int, *, substitute: bool = True) -> int:
    """Give a right to a space and return the name that it has there.

    Send and receive rights for one port share one name; each send-once right gets a name of its own. A port
    that has died arrives as MACH_PORT_DEAD, without an entry; a right that finds no room is given back, and
    arrives as MACH_PORT_NULL (osfmk/ipc/ipc_kmsg.c:3772).
    """
    if not isinstance(right, Port):
        return right
    try:
        return put_port(space, right, msg_type, substitute=substitute)
    except RefusalError as refusal:
        dead = refusal.code == KernReturn.KERN_INVALID_CAPABILITY
        return MACH_PORT_DEAD if dead else MACH_PORT_NULL


def put_port(space: Space, port: Port, msg_type: int, *, substitute: bool = True) -> int:
    """Give a right to a space, or give it back and refuse (osfmk/ipc/ipc_object.c:924)."""
    try:
        space.hold()
        _check_port(port, msg_type, substitute=substitute)
    except RefusalError:
        release_right(port, msg_type)
        raise
    if substitute:
        port = own_port(space, port)
    entry = space.reverse(port) if msg_type != MACH_MSG_TYPE_PORT_SEND_ONCE else None
    if entry is None:
        entry = space.claim()
        entry.port = port
    add_right(space, entry, msg_type)
    return entry.name


def _check_port(port: Port, msg_type: int, *, substitute: bool) -> None:
    if not port.active or (substitute and port.labelled and msg_type != MACH_MSG_TYPE_PORT_SEND):
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)


def own_port(space: Space, port: Port) -> Port:
    """Swap a task's own control port, when it comes back to that very task, for the one that cannot leave it.

    Only tasks with immovable control ports have two of them (osfmk/kern/ipc_kobject.c:1745,1873).
    """
    kobject = port.kobject
    if port.substitute is None or not isinstance(kobject, KernelObject) or kobject.task is not space.task:
        return port
    own = port.substitute
    release_send(port)
    return own.make_send()


def add_right(space: Space, entry: Entry, msg_type: int) -> None:
    """Add a right to the entry that has its port, and make the entry's counts right."""
    ADD[msg_type](space, entry)


def _add_send_once(space: Space, entry: Entry) -> None:  # noqa: ARG001  all of ADD have the same arguments
    entry.type, entry.urefs = PortType.SEND_ONCE, 1


def _add_send(space: Space, entry: Entry) -> None:
    """Add a send right: where the name has one already, only the references grow."""
    port = entry.named_port
    if entry.type & PortType.SEND:
        port.srights -= 1
    elif not entry.type & PortType.RECEIVE:
        space.remember_sender(port, entry)
    entry.type |= PortType.SEND
    entry.add_reference()


def _add_receive(space: Space, entry: Entry) -> None:
    port = entry.named_port
    port.receiver, port.receiver_name, port.destination = space, entry.name, None
    if entry.type & PortType.SEND:
        space.forget_sender(port)
    entry.type |= PortType.RECEIVE


ADD = {
    int(MACH_MSG_TYPE_PORT_SEND): _add_send,
    int(MACH_MSG_TYPE_PORT_SEND_ONCE): _add_send_once,
    int(MACH_MSG_TYPE_PORT_RECEIVE): _add_receive,
}


def put_under(space: Space, port: Port, msg_type: int, name: int) -> None:
    """Give a right to a space under a chosen name (mach_port_insert_right, osfmk/ipc/ipc_object.c:1049).

    Refuses, and leaves the right with the caller: KERN_RIGHT_EXISTS if the task has the port under another
    name, KERN_NAME_EXISTS if the name is taken, KERN_INVALID_CAPABILITY if the port has died or is one that
    its own task gets swapped. The slot of a name that was free is the next to be used, even then.
    """
    entry = space.claim_name(name)
    try:
        _check_name(space, port, msg_type, entry)
    except RefusalError:
        if not entry.type:
            space.release(entry)
        raise
    entry.port = port
    add_right(space, entry, msg_type)


def _check_name(space: Space, port: Port, msg_type: int, entry: Entry) -> None:
    if not port.active or port.labelled:
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    existing = space.reverse(port) if msg_type != MACH_MSG_TYPE_PORT_SEND_ONCE else None
    if existing is not None and existing is not entry:
        raise RefusalError(KernReturn.KERN_RIGHT_EXISTS)
    if existing is None and entry.type:
        raise RefusalError(KernReturn.KERN_NAME_EXISTS)


def insert_send(space: Space, name: int, *, make: bool) -> None:
    """Add a send right to the very name that it is made or copied from (osfmk/ipc/ipc_object.c:834).

    The short way of mach_port_insert_right on oneself, where name and right are the same: no guards.
    """
    entry = space.lookup(name)
    if entry.port is None and entry.port_set is None:
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    if not entry.type & PortType.PORT_RIGHTS:
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    port = entry.named_port
    if not port.active:
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    if not entry.type & (PortType.RECEIVE if make else PortType.SEND):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    if make:
        port.mscount += 1
        if not entry.type & PortType.SEND:
            port.srights += 1
            entry.type |= PortType.SEND
    entry.add_reference()
