"""The mach_port_* calls that make, move and count rights (osfmk/ipc/mach_port.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_RECEIVE,
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    MACH_PORT_DEAD,
    GuardFlavor,
    KernReturn,
    MsgType,
    PortRight,
    PortType,
)
from portaudit.simulator import right as rights
from portaudit.simulator.copyin import Allow, take
from portaudit.simulator.copyout import put_under
from portaudit.simulator.guard import Guard, RefusalError
from portaudit.simulator.message import TRAVELS_AS, Right
from portaudit.simulator.message_copyin import valid
from portaudit.simulator.port import Port, PortSet
from portaudit.simulator.user_references import destruct, modify, not_receive

if TYPE_CHECKING:
    from portaudit.simulator.space import Entry, Space
    from portaudit.simulator.task import Task

HIDDEN_REQUESTS = PortType.SPREQUEST | PortType.SPREQUEST_DELAYED


def names(space: Space) -> tuple[list[int], list[int]]:
    """mach_port_names: every name with its type bits; what died shows as a dead name and is not converted."""
    space.check_active()
    entries = list(space.names())
    return [entry.name for entry in entries], [int(_seen_type(entry)) for entry in entries]


def _seen_type(entry: Entry) -> PortType:
    port = entry.port
    if port is None:
        return entry.type
    if not port.active:
        return PortType.DEAD_NAME
    return entry.type | port.requests.type(entry.request)


def port_type(space: Space, name: int) -> tuple[int]:
    """mach_port_type: a name's rights and whether a dead-name request is armed; converts what died."""
    if name == MACH_PORT_DEAD:
        return (int(PortType.DEAD_NAME),)
    return (int(rights.info(space, space.lookup(name)) & ~HIDDEN_REQUESTS),)


def allocate(space: Space, kind: int) -> tuple[int]:
    """mach_port_allocate: a new receive right, port set or dead name, under a name of the kernel's choice."""
    _check_kind(kind)
    return (fill(space, space.claim(), kind).name,)


def allocate_name(space: Space, kind: int, name: int) -> tuple[()]:
    """mach_port_allocate_name: the same under a chosen name.

    A dead name does not get the name that was chosen, and nobody is told which (osfmk/ipc/mach_port.c:665).
    """
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)
    _check_kind(kind)
    entry = space.claim() if kind == PortRight.DEAD_NAME else space.claim_name(name)
    if entry.type:
        raise RefusalError(KernReturn.KERN_NAME_EXISTS)
    fill(space, entry, kind)
    return ()


def _check_kind(kind: int) -> None:
    if kind not in {PortRight.RECEIVE, PortRight.PORT_SET, PortRight.DEAD_NAME}:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)


def fill(space: Space, entry: Entry, kind: int) -> Entry:
    """Put a new object of its kind into an entry that has just been claimed."""
    ipc = space.ipc
    if kind == PortRight.RECEIVE:
        entry.type = PortType.RECEIVE
        entry.port = Port(ipc, space, entry.name)
    elif kind == PortRight.PORT_SET:
        entry.type = PortType.PORT_SET
        entry.port_set = PortSet(ipc.next_object_id())
    else:
        entry.type, entry.urefs = PortType.DEAD_NAME, 1
    return entry


def destroy(space: Space, name: int) -> tuple[()]:
    """mach_port_destroy: give back everything under a name."""
    if valid(name):
        rights.destroy(space, name)
    return ()


def deallocate(space: Space, name: int) -> tuple[()]:
    """mach_port_deallocate: give one reference back."""
    if valid(name):
        rights.deallocate(space, name)
    return ()


def _check_right(right: int) -> None:
    if not 0 <= right < PortRight.NUMBER:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)


def get_refs(space: Space, name: int, right: int) -> tuple[int]:
    """mach_port_get_refs: how many references the name has of one kind of right; converts what died."""
    _check_right(right)
    if not valid(name):
        return (_refs_of_nothing(right),)
    entry = space.lookup(name)
    if not rights.info(space, entry) & 1 << right + 16:
        return (0,)
    return (entry.urefs if right in {PortRight.SEND, PortRight.DEAD_NAME} else 1,)


def _refs_of_nothing(right: int) -> int:
    """MACH_PORT_NULL and MACH_PORT_DEAD count as one send and one send-once right each."""
    if right not in {PortRight.SEND, PortRight.SEND_ONCE}:
        raise RefusalError(KernReturn.KERN_INVALID_NAME)
    return 1


def mod_refs(space: Space, name: int, right: int, delta: int) -> tuple[()]:
    """mach_port_mod_refs: change a name's references of one kind of right."""
    _check_right(right)
    if valid(name):
        modify(space, name, right, delta)
    else:
        _refs_of_nothing(right)
    return ()


def insert_right(space: Space, name: int, right: Right) -> tuple[()]:
    """mach_port_insert_right: give a right to a space under a chosen name."""
    if not valid(name) or not MACH_MSG_TYPE_PORT_RECEIVE <= right.type <= MACH_MSG_TYPE_PORT_SEND_ONCE:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)
    if not isinstance(right.port, Port):
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    put_under(space, right.port, right.type, name)
    return ()


def extract_right(space: Space, caller: Task, name: int, disposition: int) -> tuple[Right, int]:
    """mach_port_extract_right: take a right out of a space, as if it was sent.

    A task may so copy even its own immovable ports: they come back to itself (osfmk/ipc/mach_port.c:1740).
    """
    if disposition not in TRAVELS_AS:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    own = space is caller.space and disposition == MsgType.COPY_SEND
    port = take(space, name, disposition, Allow.IMMOVABLE_SEND if own else Allow.NOTHING)
    kind = TRAVELS_AS[MsgType(disposition)]
    return Right(port, kind), int(kind)


def _member(space: Space, member: int, set_name: int) -> tuple[Port, PortSet]:
    """Look up a receive right and a port set; both names are looked up before their rights are."""
    entry = space.lookup(member, guard=True)
    set_entry = space.lookup(set_name, guard=True)
    if not entry.type & PortType.RECEIVE:
        raise not_receive(entry)
    if set_entry.port_set is None:
        raise rights.invalid_right(set_name)
    return entry.named_port, set_entry.port_set


def _check_names(*given: int) -> None:
    if not all(valid(name) for name in given):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)


def insert_member(space: Space, member: int, set_name: int) -> tuple[()]:
    """mach_port_insert_member: add a receive right to a port set."""
    _check_names(member, set_name)
    port, port_set = _member(space, member, set_name)
    port_set.add(port)
    return ()


def extract_member(space: Space, member: int, set_name: int) -> tuple[()]:
    """mach_port_extract_member: take a receive right out of a port set."""
    _check_names(member, set_name)
    port, port_set = _member(space, member, set_name)
    port_set.remove(port)
    return ()


def move_member(space: Space, member: int, after: int) -> tuple[()]:
    """mach_port_move_member: out of all sets and into one; MACH_PORT_NULL for none."""
    _check_names(member)
    if after == MACH_PORT_DEAD:
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    if not after:
        port = rights.translate(space, member, PortType.RECEIVE).named_port
        if not port.sets:
            raise RefusalError(KernReturn.KERN_NOT_IN_SET)
        port.leave_sets()
        return ()
    port, port_set = _member(space, member, after)
    if port_set not in port.sets:
        port_set.add(port)
    port.leave_sets(keep=port_set)
    return ()


def destruct_port(space: Space, name: int, delta: int, guard: int) -> tuple[()]:
    """mach_port_destruct: end a receive right, and change its send references on the way."""
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_NAME)
    destruct(space, name, delta, guard)
    return ()


def receive_port(space: Space, name: int, *, guard: bool = False) -> Port:
    """Look up a live receive right; with `guard`, a wrong name or right raises one."""
    try:
        return rights.translate(space, name, PortType.RECEIVE).named_port
    except RefusalError as refusal:
        if not guard or refusal.code == KernReturn.KERN_INVALID_TASK:
            raise
        wrong_name = refusal.code == KernReturn.KERN_INVALID_NAME
        flavor = GuardFlavor.INVALID_NAME if wrong_name else GuardFlavor.INVALID_RIGHT
        raise RefusalError(refusal.code, Guard(flavor, name)) from refusal
