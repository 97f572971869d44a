"""The way `names`: mach_port_names, then mach_port_get_refs for each name that counts references.

Needs the control port (XNU osfmk/mach/mach_port.defs:87, 254), tells no object ids, and is racy: a name
may go or change between the calls, and asking turns names of dead ports into dead names.
"""

import ctypes
from array import array
from contextlib import suppress

from portaudit.errors import AuditError
from portaudit.mach import c_types as c
from portaudit.mach.borrowed import out_of_line
from portaudit.mach.constants import KernReturn, PortRight, PortType
from portaudit.mach.library import KernError, Mach
from portaudit.model.snapshot import Entries

ATTEMPTS = 5

COUNTED = {int(PortType.SEND): PortRight.SEND, int(PortType.DEAD_NAME): PortRight.DEAD_NAME}


class ChangedWhileReading(AuditError):  # noqa: N818  a state of the task, not of us
    """A name went or changed between mach_port_names and mach_port_get_refs; read again."""


def read_names(mach: Mach, task: int) -> Entries:
    """Read every name of a task's space; `task` names a control port of it.

    Raises KernError if the kernel refuses, ChangedWhileReading if the space moved underneath each time.
    """
    for _ in range(ATTEMPTS - 1):
        with suppress(ChangedWhileReading):
            return _read_once(mach, task)
    return _read_once(mach, task)


def _read_once(mach: Mach, task: int) -> Entries:
    names, types = _names_and_types(mach, task)
    unknown: list[int | None] = [None] * len(names)
    return Entries(
        name=names,
        type=types,
        urefs=[_urefs(mach, task, name, bits) for name, bits in zip(names, types, strict=True)],
        object=unknown,
        kobject=unknown.copy(),
    )


def _names_and_types(mach: Mach, task: int) -> tuple[list[int], list[int]]:
    with out_of_line(mach, c.mach_port_name_t, c.mach_port_type_t) as (names, types):
        mach.mach_port_names(task, names.pointer, names.count, types.pointer, types.count)
        columns = []
        for lent in (names, types):
            words = array("I")
            words.frombytes(lent.raw)
            columns.append(words.tolist())
    order = sorted(range(len(columns[0])), key=columns[0].__getitem__)
    return [columns[0][row] for row in order], [columns[1][row] for row in order]


def _urefs(mach: Mach, task: int, name: int, bits: int) -> int:
    for bit, right in COUNTED.items():
        if bits & bit:
            return _references(mach, task, name, right)
    return 1 if bits & PortType.SEND_ONCE else 0


def _references(mach: Mach, task: int, name: int, right: PortRight) -> int:
    refs = c.mach_port_urefs_t()
    try:
        mach.mach_port_get_refs(task, name, right, ctypes.byref(refs))
    except KernError as error:
        if error.code == KernReturn.KERN_INVALID_NAME:
            raise ChangedWhileReading(f"the name 0x{name:x} went while the space was read") from None
        raise
    # Success with 0: the name has other rights now (XNU osfmk/ipc/mach_port.c:799-866)
    if refs.value == 0:
        raise ChangedWhileReading(f"the name 0x{name:x} changed its right while the space was read")
    return refs.value
