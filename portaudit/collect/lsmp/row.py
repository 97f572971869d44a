"""One row of lsmp's table as a value, however it was printed."""

from typing import NamedTuple

from portaudit.model.kobject import NUMBERS, TASK_CONTROL, UNKNOWN_KOBJECT
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Peer, Receive

TYPES: dict[str, int] = {
    "recv,send": TYPE_BIT[Right.RECEIVE] | TYPE_BIT[Right.SEND],
    "recv": TYPE_BIT[Right.RECEIVE],
    "send": TYPE_BIT[Right.SEND],
    "send-once": TYPE_BIT[Right.SEND_ONCE],
    "dead-name": TYPE_BIT[Right.DEAD_NAME],
    "port-set": TYPE_BIT[Right.PORT_SET],
}
"""The rights column, and the type bits that it stands for."""

UNLABELLED = "UNKNOWN"
"""What lsmp prints for a kobject type beyond its table."""

COUNT_MAX = 0xFFFF_FFFF

_OLD_LABELS = {"TASK": "TASK-CONTROL", "THREAD": "THREAD-CONTROL"}
_OLD_LABELS |= {"MASTER-DEVICE": "MAIN-DEVICE", "IOKIT-SPARE": "IOKIT-IDENT"}
"""Labels of lsmp up to system_cmds-880 (2020), and what they are called today."""


class Row(NamedTuple):
    """A name of a space, as one row of lsmp's output tells of it."""

    name: int
    type: int
    object: int | None
    urefs: int | None
    kobject: int | None = None
    description: str | None = None
    peer: Peer | None = None
    receive: Receive | None = None
    members: int | None = None
    """How many members a port set says it has."""
    own: bool = False
    """lsmp calls it the process's own task port (which release kernels make it say of all of them)."""
    unlabelled: bool = False
    """lsmp had no label for what is behind it, no address and no description: a queue, it may be."""
    elided: bool = False
    """Columns were left out by whoever pasted the row."""
    text_at: int | None = None
    """Where in the line the free text (description or process name) begins."""


def kobject_of(label: str) -> int:
    """Give the kobject type's number for a label of any lsmp; UNKNOWN_KOBJECT if no lsmp had it."""
    return NUMBERS.get(_OLD_LABELS.get(label, label), UNKNOWN_KOBJECT)


def is_unlabelled(label: str, address: int) -> bool:
    """Whether lsmp says no more of a right than that it has no label: of a plain port of macOS 26, too.

    There the kernel answers IPC_OTYPE_UNKNOWN of it, and address 0 (lsmp tests `kotype != 0`,
    lsmp/port_details.c:664).
    """
    return label == UNLABELLED and not address


def object_of(printed: int, row_type: int) -> int | None:
    """Give the object id; None where the kernel kept a port's id to itself (it says 0 then)."""
    return printed if printed or row_type & TYPE_BIT[Right.DEAD_NAME] else None


def count_of(number: int) -> int | None:
    """Give a count that a kernel can have; None for the garbage that lsmp prints after a failed call."""
    return number if 0 <= number <= COUNT_MAX else None


def is_own_control_port(row: Row) -> bool:
    """Whether lsmp calls this the control port of the task that it prints."""
    return row.own and row.kobject == TASK_CONTROL
