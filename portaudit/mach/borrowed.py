"""Rights and memory that the kernel lends: each is given back at the end of its `with` block."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, NewType

from portaudit.errors import NotReadable
from portaudit.mach import c_types as c
from portaudit.mach.constants import MACH_PORT_DEAD, MACH_PORT_NULL
from portaudit.mach.library import KernError, Mach

GivesTaskPort = Literal["task_for_pid", "task_read_for_pid", "task_inspect_for_pid"]
"""The functions that give a port of another task, each of its own flavour."""

Lent = NewType("Lent", object)
"""Where a call puts the address of an array of its own."""
Count = NewType("Count", object)
"""Where it puts how many elements the array has."""


class OutOfLine:
    """The out-parameters of one out-of-line array: pass `pointer` and `count` to the call."""

    def __init__(self, c_type: Any) -> None:
        self._size = ctypes.sizeof(c_type)
        self._array = ctypes.POINTER(c_type)()
        self._count = c.mach_msg_type_number_t(0)
        self.pointer = Lent(ctypes.byref(self._array))
        self.count = Count(ctypes.byref(self._count))

    def __len__(self) -> int:
        return self._count.value

    @property
    def raw(self) -> bytes:
        """A copy of the array's bytes."""
        return ctypes.string_at(self._array, len(self) * self._size) if self._array else b""

    def give_back(self, mach: Mach) -> None:
        """Return the kernel's memory, if the call lent any."""
        # Not by ctypes.cast: what that is given refers to itself, and waits for the garbage collector
        if self._array and len(self):
            address = ctypes.addressof(self._array.contents)
            mach.vm_deallocate(mach.task_self, address, len(self) * self._size)


@contextmanager
def out_of_line(mach: Mach, *c_types: Any) -> Iterator[tuple[OutOfLine, ...]]:
    """Lend one OutOfLine for each type; whatever a call puts there goes back to the kernel."""
    arrays = tuple(OutOfLine(c_type) for c_type in c_types)
    try:
        yield arrays
    finally:
        for array in arrays:
            array.give_back(mach)


@contextmanager
def task_port(mach: Mach, function: GivesTaskPort, pid: int) -> Iterator[int]:
    """Lend the port of process `pid` that `function` (task_read_for_pid and the like) gives.

    Raises KernError if the kernel refuses, NotReadable if it answers with no port at all: success
    with MACH_PORT_NULL or MACH_PORT_DEAD is possible (XNU bsd/kern/kern_proc.c:5486-5489).
    """
    port = c.mach_port_name_t(MACH_PORT_NULL)
    getattr(mach, function)(mach.task_self, pid, ctypes.byref(port))
    if port.value in (MACH_PORT_NULL, MACH_PORT_DEAD):
        raise NotReadable(f"{function} gave no port for process {pid}; it is exiting")
    with held(mach, port.value) as name:
        yield name


@contextmanager
def held(mach: Mach, name: int) -> Iterator[int]:
    """Lend a right that the caller has just received; one user reference goes back at the end."""
    try:
        yield name
    finally:
        # The peer's death turns the right into a dead name, which deallocate takes as well; only a
        # kernel that has gone cannot take it back
        with suppress(KernError):
            mach.mach_port_deallocate(mach.task_self, name)
