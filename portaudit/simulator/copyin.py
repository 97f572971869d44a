"""Taking rights out of a space, as a message or a call names them: one function for each disposition.

XNU does all of this in ipc_right_copyin, osfmk/ipc/ipc_right.c:2163-2630.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag, auto
from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_PORT_DEAD, GuardFlavor, KernReturn, MsgType, PortType
from portaudit.simulator.guard import PINNED_COPYIN, Guard, RefusalError, is_immovable, is_pinned, pinned
from portaudit.simulator.right import (
    cancel_request,
    check,
    deallocate_dead_name,
    forget_send,
    tell_deleted,
)

if TYPE_CHECKING:
    from portaudit.simulator.port import Carried, Port
    from portaudit.simulator.space import Entry, Space


class Allow(IntFlag):
    """What the place where a right is used allows (IPC_OBJECT_COPYIN_FLAGS_*, osfmk/ipc/ipc_object.h:98)."""

    NOTHING = 0
    IMMOVABLE_SEND = auto()
    DEAD_SEND_ONCE = auto()
    DEAD = auto()
    REPLY_MAKE_SEND_ONCE = auto()
    REPLY_MOVE_SEND_ONCE = auto()
    EXTRA_COPY = auto()
    EXTRA_MOVE = auto()


@dataclass(frozen=True, slots=True)
class Taken:
    """A right out of a space, and who must be told that its name is gone."""

    port: Carried
    name: int
    notify: Port | None = None

    def finish(self) -> Carried:
        """Tell it, and give the right."""
        tell_deleted(self.notify, self.name)
        return self.port


def take(space: Space, name: int, disposition: int, allow: Allow = Allow.NOTHING) -> Carried:
    """Take a right out of a space by name. A dead name gives MACH_PORT_DEAD."""
    entry = space.lookup(name)
    return take_entry(space, entry, disposition, allow & Allow.IMMOVABLE_SEND | Allow.DEAD).finish()


def take_entry(space: Space, entry: Entry, disposition: int, allow: Allow) -> Taken:
    """Take a right out of an entry, as the disposition says; refuses with KERN_INVALID_RIGHT."""
    if disposition not in TAKE:
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    return TAKE[MsgType(disposition)](space, entry, allow)


def _refuse() -> RefusalError:
    return RefusalError(KernReturn.KERN_INVALID_RIGHT)


def _capability(flavor: GuardFlavor, name: int, space: Space | None = None) -> RefusalError:
    return RefusalError(KernReturn.KERN_INVALID_CAPABILITY, Guard(flavor, name, space=space))


def immovable(space: Space, name: int) -> Guard:
    """Build the guard of a send right that may not leave its task, for the task itself."""
    return Guard(GuardFlavor.IMMOVABLE, name, space=space)


def _receive_port(entry: Entry) -> Port:
    if not entry.type & PortType.RECEIVE:
        raise _refuse()
    return entry.named_port


def _make_send(space: Space, entry: Entry, allow: Allow) -> Taken:  # noqa: ARG001  all of TAKE have the same arguments
    """MAKE_SEND: a new send right from the receive right; the entry does not change."""
    port = _receive_port(entry)
    if port.reply_port:
        raise _capability(GuardFlavor.INVALID_RIGHT, entry.name)
    return Taken(port.make_send(), entry.name)


def _make_send_once(space: Space, entry: Entry, allow: Allow) -> Taken:  # noqa: ARG001  all of TAKE have the same arguments
    """MAKE_SEND_ONCE: a new send-once right from the receive right; the entry does not change."""
    port = _receive_port(entry)
    if port.reply_port and not allow & Allow.REPLY_MAKE_SEND_ONCE:
        raise _capability(GuardFlavor.INVALID_RIGHT, entry.name)
    return Taken(port.make_send_once(), entry.name)


def _move_receive(space: Space, entry: Entry, allow: Allow) -> Taken:  # noqa: ARG001  all of TAKE have the same arguments
    """MOVE_RECEIVE: the receive right goes; send rights under the same name stay under it."""
    port, name, notify = _receive_port(entry), entry.name, None
    if port.is_kobject or port.immovable_receive or port.reply_port or port.special_reply:
        raise _capability(GuardFlavor.IMMOVABLE, name)
    if entry.type & PortType.SEND:
        entry.type, entry.had_receive = PortType.SEND, True
        space.remember_sender(port, entry)
    else:
        notify = cancel_request(entry)
        space.release(entry)
    port.clear_receiver()
    port.immovable_receive = False
    return Taken(port, name, notify)


def _sender_died(space: Space, entry: Entry) -> bool:
    """Look whether a name that should carry a send or send-once right is a dead name by now."""
    if entry.type & PortType.DEAD_NAME:
        return True
    if not entry.type & PortType.SEND_RIGHTS:
        raise _refuse()
    return not entry.type & PortType.RECEIVE and check(space, entry)


def _check_movable(space: Space, entry: Entry, allow: Allow) -> None:
    port = entry.named_port
    if port.reply_port:
        raise _capability(GuardFlavor.INVALID_RIGHT, entry.name)
    if is_immovable(space, port) and not allow & Allow.IMMOVABLE_SEND:
        raise _capability(GuardFlavor.IMMOVABLE, entry.name, space)


def _copy_send(space: Space, entry: Entry, allow: Allow) -> Taken:
    """COPY_SEND: one more send right to the port; the entry and its references do not change."""
    if _sender_died(space, entry):
        if not allow & Allow.DEAD:
            raise _refuse()
        return Taken(MACH_PORT_DEAD, entry.name)
    if not entry.type & PortType.SEND:
        raise _refuse()
    _check_movable(space, entry, allow)
    port = entry.named_port.copy_send()
    if allow & Allow.EXTRA_COPY:
        port.copy_send()
    return Taken(port, entry.name)


def _move_send(space: Space, entry: Entry, allow: Allow) -> Taken:
    """MOVE_SEND: one of the task's references goes along; with the last one the send right itself goes.

    Where two fields of one header move the same name, two references go.
    """
    moves = 2 if allow & Allow.EXTRA_MOVE else 1
    if _sender_died(space, entry):
        return _move_dead_name(space, entry, allow, moves)
    if not entry.type & PortType.SEND or entry.urefs < moves:
        raise _refuse()
    port, name, notify = entry.named_port, entry.name, None
    if is_pinned(space, port) and entry.urefs == moves:
        raise pinned(space, name, PINNED_COPYIN)
    _check_movable(space, entry, allow)
    if entry.urefs > moves:
        port.copy_send()
        entry.drop_references(moves)
    elif entry.type & PortType.RECEIVE:
        entry.type, entry.urefs = PortType.RECEIVE, 0
    else:
        notify = forget_send(space, entry)
    if allow & (Allow.EXTRA_COPY | Allow.EXTRA_MOVE):
        port.copy_send()
    return Taken(port, name, notify)


def _move_dead_name(space: Space, entry: Entry, allow: Allow, moves: int = 1) -> Taken:
    """Move a dead name: a reference to it goes, and MACH_PORT_DEAD travels."""
    name = entry.name
    if not allow & Allow.DEAD or entry.urefs < moves:
        raise _refuse()
    deallocate_dead_name(space, entry, moves)
    return Taken(MACH_PORT_DEAD, name)


def _move_send_once(space: Space, entry: Entry, allow: Allow) -> Taken:
    """MOVE_SEND_ONCE: the right goes, and its name with it."""
    unaware = allow & Allow.DEAD_SEND_ONCE and entry.type & PortType.SEND_ONCE and not entry.request
    if not unaware and _sender_died(space, entry):
        return _move_dead_name(space, entry, allow)
    if not entry.type & PortType.SEND_ONCE:
        raise _refuse()
    port, name = entry.named_port, entry.name
    if port.reply_port and not allow & Allow.REPLY_MOVE_SEND_ONCE:
        raise _capability(GuardFlavor.INVALID_RIGHT, name)
    notify = cancel_request(entry)
    space.release(entry)
    return Taken(port, name, notify)


TAKE = {
    MsgType.MAKE_SEND: _make_send,
    MsgType.MAKE_SEND_ONCE: _make_send_once,
    MsgType.MOVE_RECEIVE: _move_receive,
    MsgType.COPY_SEND: _copy_send,
    MsgType.MOVE_SEND: _move_send,
    MsgType.MOVE_SEND_ONCE: _move_send_once,
}
