"""The way `names`: mach_port_names, then mach_port_get_refs for each name that counts references.

Needs the control port (XNU osfmk/mach/mach_port.defs:87, 254) and is racy: a name may go or change between
the calls, and asking turns names of dead ports into dead names. It tells no object ids; only whose task a
send right is of is found out, by taking a copy of it for a moment: the id of that object is then the pid.
"""

import ctypes
from array import array
from contextlib import suppress
from typing import TYPE_CHECKING

from portaudit.collect.space_info import PortQuestions
from portaudit.errors import AuditError, KernelNonsense, KernelUnavailable
from portaudit.mach import c_types as c
from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    KernReturn,
    KobjectType,
    MsgType,
    PortRight,
    PortType,
)
from portaudit.mach.library import KernError, Mach, held, out_of_line
from portaudit.model.snapshot import Entries

if TYPE_CHECKING:
    from portaudit.mach.functions import Place

ATTEMPTS = 5

SEND, SEND_ONCE, DEAD_NAME, ASKABLE = (
    int(bits) for bits in (PortType.SEND, PortType.SEND_ONCE, PortType.DEAD_NAME, PortType.SEND_RECEIVE)
)


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
    urefs = _urefs(mach, task, names, types)
    kobjects = _kobjects(mach, task, names, types)
    pids = [
        _pid_behind(mach, task, name) if kobject == KobjectType.TASK_CONTROL else None
        for name, kobject in zip(names, kobjects, strict=True)
    ]
    return Entries(name=names, type=types, urefs=urefs, object=pids, kobject=kobjects)


def _names_and_types(mach: Mach, task: int) -> tuple[list[int], list[int]]:
    with out_of_line(mach, c.mach_port_name_t, c.mach_port_type_t) as (names, types):
        mach.mach_port_names(task, names.pointer, names.count, types.pointer, types.count)
        columns = []
        for lent in (names, types):
            words = array("I")
            words.frombytes(lent.raw)
            columns.append(words.tolist())
    if len(columns[0]) != len(columns[1]):
        raise KernelNonsense(
            f"mach_port_names gave {len(columns[0])} names and {len(columns[1])} types for them"
        )
    order = sorted(range(len(columns[0])), key=columns[0].__getitem__)
    return [columns[0][row] for row in order], [columns[1][row] for row in order]


def _urefs(mach: Mach, task: int, names: list[int], types: list[int]) -> list[int | None]:
    refs = c.mach_port_urefs_t()
    place = ctypes.byref(refs)
    urefs: list[int | None] = []
    for name, bits in zip(names, types, strict=True):
        right = PortRight.SEND if bits & SEND else PortRight.DEAD_NAME if bits & DEAD_NAME else None
        if right is None:
            urefs.append(1 if bits & SEND_ONCE else 0)
        else:
            _count(mach, task, name, right, place)
            # Success with 0: the name has other rights now (XNU osfmk/ipc/mach_port.c:799-866)
            if refs.value == 0:
                raise ChangedWhileReading(f"the name 0x{name:x} changed its right while the space was read")
            urefs.append(refs.value)
    return urefs


def _kobjects(mach: Mach, task: int, names: list[int], types: list[int]) -> list[int | None]:
    try:
        questions = PortQuestions(mach, task)
        return [
            questions.kobject(name)[0] if bits & ASKABLE else None
            for name, bits in zip(names, types, strict=True)
        ]
    except KernelUnavailable:
        # GNU Mach has no such call: there a right is a task's if it leads to a pid
        return [
            int(KobjectType.TASK_CONTROL)
            if bits & SEND and _pid_behind(mach, task, name) is not None
            else None
            for name, bits in zip(names, types, strict=True)
        ]


def _pid_behind(mach: Mach, task: int, name: int) -> int | None:
    """Say whose control port a send right is; None if it is none, or may not be looked at.

    A copy comes into the auditor's own space and goes back at once; a right that may not be copied
    (XNU osfmk/mach/mach_port.c:1740-1775: KERN_INVALID_CAPABILITY) stays unknown.
    """
    if task == mach.task_self:
        return _pid_of(mach, name)
    copy, kind = c.mach_port_t(), c.mach_msg_type_name_t()
    try:
        mach.mach_port_extract_right(task, name, MsgType.COPY_SEND, ctypes.byref(copy), ctypes.byref(kind))
    except KernError:
        return None
    if copy.value in (MACH_PORT_NULL, MACH_PORT_DEAD):
        return None
    with held(mach, copy.value) as right:
        return _pid_of(mach, right)


def _pid_of(mach: Mach, task: int) -> int | None:
    pid = c.integer_t()
    try:
        mach.pid_for_task(task, ctypes.byref(pid))
    except KernError:
        return None
    return pid.value if pid.value > 0 else None


def _count(mach: Mach, task: int, name: int, right: PortRight, place: "Place") -> None:
    try:
        mach.mach_port_get_refs(task, name, right, place)
    except KernError as error:
        if error.code == KernReturn.KERN_INVALID_NAME:
            raise ChangedWhileReading(f"the name 0x{name:x} went while the space was read") from None
        raise
