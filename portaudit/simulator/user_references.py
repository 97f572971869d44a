"""Counting references up and down: mach_port_mod_refs and mach_port_destruct."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_PORT_UREFS_MAX, GuardFlavor, KernReturn, PortRight, PortType
from portaudit.simulator.guard import PINNED_DEALLOC, Guard, RefusalError, is_pinned, pinned
from portaudit.simulator.release import NOBODY, NoSenders, destroy_port, drop_send
from portaudit.simulator.right import (
    cancel_request,
    check,
    drop_last_send,
    drop_send_once,
    drop_set,
    guarded,
    invalid_right,
    is_dead,
    tell_deleted,
)

if TYPE_CHECKING:
    from portaudit.simulator.space import Entry, Space


def modify(space: Space, name: int, right: int, delta: int) -> None:
    """Change a name's references of one kind of right by `delta` (osfmk/ipc/ipc_right.c:1241).

    Send rights and dead names count; receive, send-once and port set rights are there once, so only 0 and -1
    make sense. What ends below zero is refused and changes nothing; what ends above 65535 sticks there.
    """
    entry = space.lookup(name, guard=True)
    if right == PortRight.LABELH:
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    MODIFY[PortRight(right)](space, entry, delta)


def _invalid_value(entry: Entry) -> RefusalError:
    return RefusalError(KernReturn.KERN_INVALID_VALUE, Guard(GuardFlavor.INVALID_VALUE, entry.name))


def _once(entry: Entry, delta: int) -> bool:
    """Say whether the one reference goes; refuse anything but 0 and -1."""
    if delta not in {0, -1}:
        raise _invalid_value(entry)
    return delta == -1


def _modify_set(space: Space, entry: Entry, delta: int) -> None:
    if entry.port_set is None:
        raise invalid_right(entry.name)
    if _once(entry, delta):
        drop_set(space, entry)


def _modify_receive(space: Space, entry: Entry, delta: int) -> None:
    if not entry.type & PortType.RECEIVE:
        raise not_receive(entry)
    if _once(entry, delta):
        if entry.named_port.guarded:
            raise guarded(entry)
        end_receive(space, entry)


def not_receive(entry: Entry) -> RefusalError:
    """Refuse a name without receive right: with a guard, unless it had one before."""
    return RefusalError(KernReturn.KERN_INVALID_RIGHT) if entry.had_receive else invalid_right(entry.name)


def end_receive(space: Space, entry: Entry, due: NoSenders = NOBODY) -> None:
    """End a receive right, after telling what is due.

    The port dies, and send rights under the same name become a dead name.

    If somebody asked for the port's death to be told, the port moves there and the send rights stay
    (osfmk/ipc/ipc_right.c:1364).
    """
    port, name, notify = entry.named_port, entry.name, None
    if not entry.type & PortType.SEND:
        notify = cancel_request(entry)
        space.release(entry)
    else:
        entry.had_receive = True
        if port.port_destroyed_request is not None:
            entry.type = PortType.SEND
            space.remember_sender(port, entry)
        else:
            entry.become_dead_name(with_request=bool(entry.request))
    due.emit()
    destroy_port(port)
    tell_deleted(notify, name)


def _modify_send_once(space: Space, entry: Entry, delta: int) -> None:
    if not entry.type & PortType.SEND_ONCE:
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    if check(space, entry):
        raise invalid_right(entry.name)
    if _once(entry, delta):
        drop_send_once(space, entry)


def _modify_dead_name(space: Space, entry: Entry, delta: int) -> None:
    if not is_dead(space, entry):
        raise invalid_right(entry.name)
    urefs = counted(entry, delta)
    if urefs:
        entry.urefs = urefs
    else:
        space.release(entry)


def _modify_send(space: Space, entry: Entry, delta: int) -> None:
    if not entry.type & PortType.SEND:
        raise _not_send(entry, delta)
    if not entry.type & PortType.RECEIVE and check(space, entry):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    urefs = counted(entry, delta)
    if urefs:
        entry.urefs = urefs
    elif is_pinned(space, entry.named_port):
        raise pinned(space, entry.name, PINNED_DEALLOC)
    else:
        drop_last_send(space, entry)


def _not_send(entry: Entry, delta: int) -> RefusalError:
    """Refuse without a guard for a dead name, and for +1 on a receive right (osfmk/ipc/ipc_right.c:1535)."""
    if entry.type & PortType.DEAD_NAME or (entry.type & PortType.RECEIVE and delta == 1):
        return RefusalError(KernReturn.KERN_INVALID_RIGHT)
    return invalid_right(entry.name)


def counted(entry: Entry, delta: int) -> int:
    """Say how many references are left. A count that has stuck goes only all at once."""
    if not -MACH_PORT_UREFS_MAX <= delta <= MACH_PORT_UREFS_MAX:
        raise _invalid_value(entry)
    if entry.urefs == MACH_PORT_UREFS_MAX and delta != -MACH_PORT_UREFS_MAX:
        return entry.urefs
    if entry.urefs + delta < 0:
        raise _invalid_value(entry)
    return min(entry.urefs + delta, MACH_PORT_UREFS_MAX)


MODIFY = {
    PortRight.SEND: _modify_send,
    PortRight.RECEIVE: _modify_receive,
    PortRight.SEND_ONCE: _modify_send_once,
    PortRight.PORT_SET: _modify_set,
    PortRight.DEAD_NAME: _modify_dead_name,
}


def destruct(space: Space, name: int, delta: int, guard: int) -> None:
    """End a receive right and change its send references in one go (osfmk/ipc/ipc_right.c:1697)."""
    entry = space.lookup(name, guard=True)
    if not entry.type & PortType.RECEIVE:
        raise not_receive(entry)
    if delta and not entry.type & PortType.SEND:
        raise invalid_right(name)
    if delta > 0:
        raise _invalid_value(entry)
    port = entry.named_port
    if port.guarded and guard != port.context:
        raise guarded(entry, KernReturn.KERN_INVALID_ARGUMENT)
    due = NOBODY
    if delta:
        entry.urefs = _after_destruct(entry, delta)
        if not entry.urefs:
            entry.type = PortType.RECEIVE
            due = drop_send(port)
    end_receive(space, entry, due)


def _after_destruct(entry: Entry, delta: int) -> int:
    if entry.urefs + delta < 0:
        raise _invalid_value(entry)
    return counted(entry, delta)
