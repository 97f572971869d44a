"""A whole space at a glance: mach_port_space_info and mach_port_space_basic_info (osfmk/ipc/mach_debug.c)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from portaudit.mach.constants import KernReturn
from portaudit.simulator.entry import GENERATION_NEVER_USED
from portaudit.simulator.guard import RefusalError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.mach.calls import Value
    from portaudit.simulator.entry import Entry
    from portaudit.simulator.space import Space

GENERATION_MASK = 0xFF
ROW_WORDS = 7  # ipc_info_name_t: name, collision, type, urefs, object, next, hash


def space_info(space: Space) -> tuple[Value, ...]:
    """mach_port_space_info: one row for every slot, used or free, and no tree.

    Row 0 is a dummy with the name 0xff; free slots have type 0. Nothing is converted: a right to a port that
    died still shows as a right, with its object (osfmk/ipc/mach_debug.c:224).
    """
    _check_active(space)
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
    _check_active(space)
    size = len(space.table)
    in_use = size - len(space.free) - 1
    return (struct.pack("<6I", GENERATION_MASK, size, 0, in_use, 0, 0),)


def _check_active(space: Space) -> None:
    if not space.active:
        raise RefusalError(KernReturn.KERN_INVALID_TASK)
