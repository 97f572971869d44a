"""The mach_port_* calls that tell of a port or of a whole space (osfmk/ipc/mach_port.c, mach_debug.c)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from portaudit.mach.constants import (
    MACH_PORT_QLIMIT_MAX,
    KernReturn,
    KobjectType,
    PortFlavor,
    PortStatusFlag,
    PortType,
)
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.kernel_objects import behind
from portaudit.simulator.message_copyin import valid
from portaudit.simulator.port_routines import receive_port
from portaudit.simulator.registry import IoObject
from portaudit.simulator.right import translate
from portaudit.simulator.space import GENERATION_NEVER_USED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.mach.calls import Value
    from portaudit.simulator.port import Port
    from portaudit.simulator.space import Entry, Space

STATUS_WORDS = 10  # MACH_PORT_RECEIVE_STATUS_COUNT
UNKNOWN_SINCE = 26
"""The macOS from which on a plain port's type is IPC_OTYPE_UNKNOWN (osfmk/ipc/mach_debug.c there)."""
INFO_EXT_WORDS = 17  # MACH_PORT_INFO_EXT_COUNT


def status(port: Port) -> list[int]:
    """Give the ten words of mach_port_status_t."""
    flags = PortStatusFlag(0)
    if port.guarded:
        flags |= PortStatusFlag.GUARDED
        flags |= PortStatusFlag.STRICT_GUARD if port.strict_guard else PortStatusFlag(0)
        flags |= PortStatusFlag.GUARD_IMMOVABLE_RECEIVE if port.immovable_receive else PortStatusFlag(0)
    return [
        int(bool(port.sets)),
        port.seqno,
        port.mscount,
        port.qlimit,
        len(port.queue),
        port.sorights,
        int(port.srights > 0),
        int(port.port_destroyed_request is not None),
        int(port.no_senders_request is not None),
        int(flags),
    ]


def get_attributes(space: Space, name: int, flavor: int, count: int) -> tuple[list[int]]:
    """mach_port_get_attributes: what there is to know about a receive right, in 32-bit words.

    The null and the dead name have no limits and no requests, successfully (osfmk/ipc/mach_port.c:1851).
    """
    if flavor not in WORDS:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    if count < WORDS[flavor]:
        raise RefusalError(KernReturn.KERN_FAILURE)
    if not valid(name):
        return (_of_no_port(flavor),)
    port = receive_port(space, name)
    if flavor == PortFlavor.LIMITS_INFO:
        return ([port.qlimit],)
    if flavor == PortFlavor.DNREQUESTS_SIZE:
        return ([len(port.requests.slots)],)
    if flavor == PortFlavor.SERVICE_THROTTLED:
        raise RefusalError(KernReturn.KERN_INVALID_CAPABILITY)
    words = status(port)
    return (words + [0] * (WORDS[flavor] - len(words)),)


def _of_no_port(flavor: int) -> list[int]:
    if flavor == PortFlavor.LIMITS_INFO:
        return []
    if flavor == PortFlavor.DNREQUESTS_SIZE:
        return [0]
    raise RefusalError(KernReturn.KERN_INVALID_RIGHT)


WORDS: dict[int, int] = {
    PortFlavor.LIMITS_INFO: 1,
    PortFlavor.RECEIVE_STATUS: STATUS_WORDS,
    PortFlavor.DNREQUESTS_SIZE: 1,
    PortFlavor.INFO_EXT: INFO_EXT_WORDS,
    PortFlavor.SERVICE_THROTTLED: 0,
}


def set_attributes(space: Space, name: int, flavor: int, words: list[int]) -> tuple[()]:
    """mach_port_set_attributes: the queue limit, LIMITS_INFO; the rest is not simulated."""
    if flavor not in {PortFlavor.LIMITS_INFO, PortFlavor.DNREQUESTS_SIZE}:
        raise NotImplementedError(f"not simulated: mach_port_set_attributes of flavour {flavor}")
    if not words:
        raise RefusalError(KernReturn.KERN_FAILURE)
    if flavor == PortFlavor.LIMITS_INFO and not 0 <= words[0] <= MACH_PORT_QLIMIT_MAX:
        raise RefusalError(KernReturn.KERN_INVALID_VALUE)
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    port = receive_port(space, name)
    if flavor == PortFlavor.LIMITS_INFO:
        port.qlimit = words[0]
    return ()


def get_srights(space: Space, name: int) -> tuple[int]:
    """mach_port_get_srights: how many send rights there are, in spaces, in messages and in the kernel."""
    return (receive_port(space, name).srights,)


def dnrequest_info(space: Space, name: int) -> tuple[int, int]:
    """mach_port_dnrequest_info: how many slots the port's request table has, and how many are used."""
    requests = receive_port(space, name).requests
    return len(requests.slots), len(list(requests.outstanding()))


def set_mscount(space: Space, name: int, mscount: int) -> tuple[()]:
    """mach_port_set_mscount: set the make-send count."""
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    receive_port(space, name).mscount = mscount
    return ()


def kobject(space: Space, name: int) -> tuple[int, int]:
    """mach_port_kobject: what the kernel keeps behind a port; the address is 0 in release kernels."""
    port = translate(space, name, PortType.SEND_RECEIVE).named_port
    return int(port.kotype if port.is_kobject or space.ipc.macos < UNKNOWN_SINCE else KobjectType.UNKNOWN), 0


def kobject_description(space: Space, name: int) -> tuple[int, int, bytes]:
    """mach_port_kobject_description: the same with a text, which only IOKit's objects have.

    So do identity tokens, which are not simulated (osfmk/ipc/mach_debug.c:464).
    """
    kotype, address = kobject(space, name)
    found = behind(translate(space, name, PortType.SEND_RECEIVE).named_port, IoObject)
    return kotype, address, (found.description if found is not None else "").encode() + b"\0"


def get_set_status(space: Space, name: int) -> tuple[list[int]]:
    """mach_port_get_set_status: the names of a port set's members, in order."""
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    port_set = translate(space, name, PortType.PORT_SET).port_set
    members = port_set.members if port_set is not None else []
    return (sorted(port.receiver_name for port in members),)


def peek(space: Space, name: int, trailer_type: int, seqno: int) -> tuple[int, int, int, bytes]:
    """mach_port_peek: number, size and id of a queued message; only the shortest trailer is simulated."""
    if not valid(name):
        raise RefusalError(KernReturn.KERN_INVALID_RIGHT)
    if trailer_type >> 24 & 0xF:
        raise NotImplementedError(f"not simulated: mach_port_peek with the trailer 0x{trailer_type:x}")
    port = receive_port(space, name, guard=True)
    offset = seqno - port.seqno if seqno else 0
    if not 0 <= offset < len(port.queue):
        raise RefusalError(KernReturn.KERN_FAILURE)
    message = port.queue[offset]
    return port.seqno + offset, message.size, message.id, b"\0\0\0\0\x08\0\0\0"


GENERATION_MASK = 0xFF
ROW_WORDS = 7  # ipc_info_name_t: name, collision, type, urefs, object, next, hash


def space_info(space: Space) -> tuple[Value, ...]:
    """mach_port_space_info: one row for every slot, used or free, and no tree.

    Row 0 is a dummy with the name 0xff; free slots have type 0. Nothing is converted: a right to a port that
    died still shows as a right, with its object (osfmk/ipc/mach_debug.c:224).
    """
    space.check_active()
    words = list(_rows(space))
    header = struct.pack("<6I", GENERATION_MASK, len(space.table), 0, 0, 0, 0)
    return header, struct.pack(f"<{len(words)}I", *words), []


def _rows(space: Space) -> Iterator[int]:
    free = list(space.free)
    next_free = dict(zip(free, [*free[1:], 0], strict=False))  # a full table has no free slot
    yield from (GENERATION_NEVER_USED, 0, 0, 0, 0, free[0] if free else 0, 0)
    for entry in space.table[1:]:
        if entry.type:
            yield from _row(entry)
        else:
            yield from (entry.name, 0, 0, 0, 0, next_free.get(entry.index, 0), 0)


def _row(entry: Entry) -> tuple[int, ...]:
    port = entry.port
    bits, target = int(entry.type), 0
    if port is not None:
        target = port.object_id
        if entry.request:
            bits |= port.requests.type(entry.request)
    elif entry.port_set is not None:
        target = entry.port_set.object_id
    return entry.name, 0, bits, entry.urefs, target, entry.request, 0


def basic_info(space: Space) -> tuple[Value, ...]:
    """mach_port_space_basic_info: how large the table is, and how many slots are in use."""
    space.check_active()
    size = len(space.table)
    in_use = size - len(space.free) - 1
    return (struct.pack("<6I", GENERATION_MASK, size, 0, in_use, 0, 0),)
