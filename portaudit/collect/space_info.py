"""The way `space-info`: the whole space in one mach_port_space_info call, and what it leaves open.

A read port serves (XNU osfmk/mach/mach_port.defs:440-451). Every row costs nothing more; each distinct
object costs one mach_port_kobject_description, each receive right one mach_port_get_attributes.
"""

import ctypes
from array import array
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from portaudit.errors import KernelNonsense
from portaudit.mach import c_types as c
from portaudit.mach.borrowed import out_of_line
from portaudit.mach.constants import PortFlavor, PortType
from portaudit.mach.library import KernError, Mach
from portaudit.model.kobject import as_read
from portaudit.model.snapshot import Entries, Receive, ReceiveColumns

ROW_WORDS = ctypes.sizeof(c.ipc_info_name_t) // 4
NAME, TYPE, UREFS, OBJECT = 0, 2, 3, 4  # words of ipc_info_name_t: mach_debug/ipc_info.h
RIGHTS = int(PortType.ALL_RIGHTS)
Told = tuple[int | None, str | None]
"""The kobject type's number and the description of a port."""
UNKNOWN: Told = (None, None)
EXT_WORDS = ctypes.sizeof(c.mach_port_info_ext_t) // 4


def read_space(mach: Mach, task: int) -> Entries:
    """Read every entry of a task's space; `task` names a read or control port of it.

    Free slots and the dummy row 0 carry no right and are left out (XNU osfmk/ipc/mach_debug.c:224-252).
    Raises KernError if the kernel refuses.
    """
    entries = read_rows(mach, task, {})
    return replace(entries, receive=_receive(mach, task, entries.name, entries.type))


def read_rows(mach: Mach, task: int, known: dict[tuple[int, int], Told]) -> Entries:
    """Read every entry as read_space does, without the state of receive rights.

    `known`, (name, object) -> what stands behind it, spares the questions that it answers, and is kept up
    to date for the next reading. Raises KernError if the kernel refuses.
    """
    words = _table(mach, task)
    kept = [row for row, bits in enumerate(words[TYPE::ROW_WORDS]) if bits & RIGHTS]
    names, types, urefs, objects = (
        [column[row] for row in kept]
        for column in (words[offset::ROW_WORDS] for offset in (NAME, TYPE, UREFS, OBJECT))
    )
    told = _told(mach, task, zip(names, types, objects, strict=True), known)
    known.clear()
    known.update(zip(zip(names, objects, strict=True), told, strict=True))
    return Entries(
        name=names,
        type=types,
        urefs=list(urefs),
        object=list(objects),
        kobject=[kobject for kobject, _ in told],
        description={row: text for row, (_, text) in enumerate(told) if text},
    )


def _table(mach: Mach, task: int) -> "array[int]":
    space = c.ipc_info_space_t()
    with out_of_line(mach, c.ipc_info_name_t, c.ipc_info_tree_name_t) as (table, tree):
        mach.mach_port_space_info(
            task, ctypes.byref(space), table.pointer, table.count, tree.pointer, tree.count
        )
        words = array("I")
        words.frombytes(table.raw)
    return words


def _told(
    mach: Mach, task: int, rows: Iterable[tuple[int, int, int]], known: dict[tuple[int, int], Told]
) -> list[Told]:
    askable, ports = int(PortType.SEND_RECEIVE), int(PortType.PORT_RIGHTS)
    seen: dict[int, Told] = {}
    asked = []
    for name, bits, number in rows:
        if bits & askable and number not in seen:
            before = known.get((name, number), UNKNOWN)
            seen[number] = kobject_of(mach, task, name) if before is UNKNOWN else before
        asked.append((bits & ports, number))
    return [seen.get(number, UNKNOWN) if port else UNKNOWN for port, number in asked]


def kobject_of(mach: Mach, task: int, name: int) -> Told:
    """Ask what the kernel keeps behind a name: the type's number (0: a queue, on every macOS), and its text.

    Both are None if the name went away meanwhile.
    """
    kind, address = c.natural_t(), c.vm_address_t()
    text = c.kobject_description_t()
    try:
        mach.mach_port_kobject_description(task, name, ctypes.byref(kind), ctypes.byref(address), text)
    except KernError:
        return None, None
    return as_read(kind.value), text.value.decode("utf-8", "replace") or None


def _receive(mach: Mach, task: int, names: list[int], types: list[int]) -> ReceiveColumns:
    rows = [row for row, bits in enumerate(types) if bits & PortType.RECEIVE]
    return receive_columns(rows, (status_of(mach, task, names[row]) for row in rows))


def receive_columns(rows: list[int], known: Iterable[Receive]) -> ReceiveColumns:
    """Put what is known of receive rights, one value a row, into columns."""
    values = list(known)
    columns: dict[str, Any] = {
        column: [getattr(value, column) for value in values] for column in Receive.__slots__
    }
    return ReceiveColumns(row=rows, **columns)


def status_of(mach: Mach, task: int, name: int) -> Receive:
    """Ask for the state of a receive right; all unknown if it went away meanwhile."""
    info = c.mach_port_info_ext_t()
    count = c.mach_msg_type_number_t(EXT_WORDS)
    words = ctypes.cast(ctypes.byref(info), ctypes.POINTER(c.integer_t))
    try:
        mach.mach_port_get_attributes(task, name, PortFlavor.INFO_EXT, words, ctypes.byref(count))
    except KernError:
        return Receive()
    if count.value < EXT_WORDS:
        raise KernelNonsense(f"mach_port_get_attributes gave {count.value} words where {EXT_WORDS} were due")
    status = info.mpie_status
    return Receive(
        queued=status.mps_msgcount,
        queue_limit=status.mps_qlimit,
        make_send=status.mps_mscount,
        send_once=status.mps_sorights,
        has_senders=bool(status.mps_srights),
        no_senders_request=bool(status.mps_nsrequest),
        port_destroyed_request=bool(status.mps_pdrequest),
        in_set=bool(status.mps_pset),
        flags=status.mps_flags,
    )
