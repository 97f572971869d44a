"""The rights under one name: looking at them, giving one or all back (osfmk/ipc/ipc_right.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import GuardFlavor, KernReturn, PortType
from portaudit.simulator.guard import PINNED_DEALLOC, PINNED_DESTROY, Guard, RefusalError, is_pinned, pinned
from portaudit.simulator.notification import notify_port_deleted
from portaudit.simulator.release import (
    NOBODY,
    NoSenders,
    destroy_port,
    drop_send,
    release_send_once,
    withdraw,
)

if TYPE_CHECKING:
    from portaudit.simulator.port import Port
    from portaudit.simulator.space import Entry, Space


def invalid_right(name: int) -> RefusalError:
    """Refuse a name that does not carry the right, with the guard that says so."""
    return RefusalError(KernReturn.KERN_INVALID_RIGHT, Guard(GuardFlavor.INVALID_RIGHT, name))


def guarded(entry: Entry, code: KernReturn = KernReturn.KERN_INVALID_RIGHT) -> RefusalError:
    """Refuse to end a guarded receive right without its guard."""
    guard = Guard(GuardFlavor.DESTROY, entry.name, entry.named_port.context)
    return RefusalError(code, guard)


def names_object(entry: Entry) -> bool:
    """Say whether there is a live port or port set behind an entry: many calls see nothing else.

    To them a name whose port died is no name at all (ipc_right_lookup_read, osfmk/ipc/ipc_right.c:188).
    """
    return entry.port_set is not None or (entry.port is not None and entry.port.active)


def translate(space: Space, name: int, right: PortType) -> Entry:
    """Look up a name that must carry a right to something alive (osfmk/ipc/ipc_object.c:262)."""
    entry = space.lookup(name)
    if not names_object(entry):
        raise RefusalError(KernReturn.KERN_INVALID_NAME)
    if not entry.type & right:
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    return entry


def check(space: Space, entry: Entry) -> bool:
    """Look whether the port behind a send or send-once right has died; if so turn the entry into a dead name.

    A port's death does not touch its senders' entries: each is converted when it is next used, here
    (osfmk/ipc/ipc_right.c:651). Returns whether the entry is a dead name now.
    """
    port = entry.named_port
    if port.active:
        return False
    if entry.type & PortType.SEND:
        port.srights -= 1
        space.forget_sender(port)
    else:
        port.sorights -= 1
    entry.become_dead_name(with_request=bool(port.requests.type(entry.request)))
    return True


def is_dead(space: Space, entry: Entry) -> bool:
    """Say whether the entry is a dead name, after looking."""
    if entry.type & PortType.SEND_RIGHTS and not entry.type & PortType.RECEIVE:
        return check(space, entry)
    return bool(entry.type & PortType.DEAD_NAME)


def cancel_request(entry: Entry) -> Port | None:
    """Withdraw the name's dead-name request; whoever asked is told that the name is gone."""
    index, entry.request = entry.request, 0
    return entry.named_port.requests.cancel(index)


def tell_deleted(notify: Port | None, name: int) -> None:
    """Tell the holder of a withdrawn request, if there was one."""
    if notify is not None:
        notify_port_deleted(notify, name)


def info(space: Space, entry: Entry) -> PortType:
    """Give the name's rights and request bits, after looking whether the port died."""
    dead = is_dead(space, entry)
    if dead or entry.port is None:
        return entry.type
    return entry.type | entry.port.requests.type(entry.request)


def deallocate(space: Space, name: int) -> None:
    """Give one reference back (mach_port_deallocate): a send right, a send-once right, a dead name.

    A port set is destroyed at once; of a name with send and receive right only the send right is meant; a
    bare receive right is refused (osfmk/ipc/ipc_right.c:1028).
    """
    entry = space.lookup(name, guard=True)
    if entry.port_set is not None:
        drop_set(space, entry)
    elif is_dead(space, entry):
        deallocate_dead_name(space, entry)
    elif entry.type & PortType.SEND_ONCE:
        drop_send_once(space, entry)
    elif entry.type & PortType.SEND:
        _deallocate_send(space, entry)
    else:
        raise invalid_right(name)


def drop_set(space: Space, entry: Entry) -> None:
    """Destroy a port set; its members stay."""
    port_set = entry.port_set
    space.release(entry)
    if port_set is not None:
        port_set.destroy()


def deallocate_dead_name(space: Space, entry: Entry, count: int = 1) -> None:
    """Give references to a dead name back; without any left the name is free."""
    if entry.urefs == count:
        space.release(entry)
    else:
        entry.drop_references(count)


def drop_send_once(space: Space, entry: Entry) -> None:
    """Throw a send-once right away: its receiver gets a SEND_ONCE notification instead of a message."""
    port, name, notify = entry.named_port, entry.name, cancel_request(entry)
    space.release(entry)
    release_send_once(port)
    tell_deleted(notify, name)


def _deallocate_send(space: Space, entry: Entry) -> None:
    if entry.urefs > 1:
        entry.drop_references()
        return
    if is_pinned(space, entry.named_port):
        raise pinned(space, entry.name, PINNED_DEALLOC)
    drop_last_send(space, entry)


def drop_last_send(space: Space, entry: Entry) -> None:
    """End the name's send right; a receive right under the same name stays."""
    name, notify = entry.name, None
    no_senders = drop_send(entry.named_port)
    if entry.type & PortType.RECEIVE:
        entry.type, entry.urefs = PortType.RECEIVE, 0
    else:
        notify = forget_send(space, entry)
    no_senders.emit()
    tell_deleted(notify, name)


def forget_send(space: Space, entry: Entry) -> Port | None:
    """Free the name of a pure send right; gives back the notify right of its request."""
    notify = cancel_request(entry)
    space.forget_sender(entry.named_port)
    space.release(entry)
    return notify


def destroy(space: Space, name: int) -> None:
    """Give back all rights under a name, with all references, in one go (mach_port_destroy)."""
    entry = space.lookup(name, guard=True)
    if entry.port_set is not None:
        drop_set(space, entry)
    elif entry.type & PortType.DEAD_NAME:
        space.release(entry)
    else:
        _destroy_port_right(space, entry)


def _destroy_port_right(space: Space, entry: Entry) -> None:
    port = entry.named_port
    if entry.type == PortType.SEND and is_pinned(space, port):
        raise pinned(space, entry.name, PINNED_DESTROY)
    # The guard that mach_port_destroy shows is 0 (osfmk/ipc/ipc_right.c:953)
    if port.active and entry.type & PortType.RECEIVE and port.guarded and port.context:
        raise guarded(entry)
    if entry.type == PortType.SEND:
        space.forget_sender(port)
    rights, name = entry.type, entry.name
    notify = cancel_request(entry) if port.active else None
    space.release(entry)
    if port.active:
        give_back(port, rights).emit()
        tell_deleted(notify, name)


def give_back(port: Port, rights: PortType) -> NoSenders:
    """Give back everything that one name stood for: first the send right, then the rest."""
    due = drop_send(port) if rights & PortType.SEND else NOBODY
    if rights & PortType.RECEIVE:
        destroy_port(port)
    elif rights & PortType.SEND_ONCE:
        release_send_once(port)
    return due


def terminate(entry: Entry) -> None:
    """Give back what one name stood for, in a space that has ended (osfmk/ipc/ipc_right.c:744)."""
    port, port_set, rights, name = entry.port, entry.port_set, entry.type, entry.name
    notify = port.requests.cancel(entry.request) if port is not None and port.active else None
    entry.clear()
    if port_set is not None:
        port_set.destroy()
    elif port is not None and port.active:
        due = give_back(port, rights)
        for told in (due.notify, notify):
            withdraw(told)
        due.emit()
        tell_deleted(notify, name)
