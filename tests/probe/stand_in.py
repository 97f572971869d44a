"""The probe, compiled for this machine, over a space that the test makes up."""

import ctypes
import json
import os
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from portaudit.mach import c_types as c
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.calls import Reply, Value
from portaudit.mach.constants import KernReturn, PortFlavor, PortType
from portaudit.mach.prototypes import PROTOTYPES

TASK_SELF = 0x203
SEND, RECEIVE, SEND_ONCE = int(PortType.SEND), int(PortType.RECEIVE), int(PortType.SEND_ONCE)
DUMMY = (0xFF, 0, 0, 0)
"""Row 0 of every table that mach_port_space_info gives (XNU osfmk/ipc/mach_debug.c:224-252)."""


@dataclass
class Space:
    """A kernel that shows one space, and counts what it is asked."""

    rows: list[tuple[int, int, int, int]] = field(default_factory=list)
    """name, type bits, user references, object."""
    kinds: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    """Name -> kobject type and description."""
    queues: dict[int, list[int]] = field(default_factory=dict)
    """Name -> the ten words of mach_port_status_t."""
    codes: dict[str, int] = field(default_factory=dict)
    """Function -> what it answers instead."""
    tree: bytes | None = None
    words: int = 17
    """How many words the kernel tells of a receive right at most."""
    asked: Counter[str] = field(default_factory=Counter)

    def call(self, function: str, inputs: tuple[Value, ...]) -> Reply:
        """Answer one call, as KernelCalls promises; what no probe may ask is a fault."""
        self.asked[function] += 1
        if function in self.codes:
            return Reply(self.codes[function])
        answer = getattr(self, f"_{function}", None)
        if answer is None or inputs[0] != TASK_SELF:
            raise AssertionError(f"the probe may not ask {function}{inputs}")
        reply: Reply = answer(*inputs[1:])
        return reply

    def _mach_port_space_basic_info(self) -> Reply:
        return Reply(0, (bytes(ctypes.sizeof(c.ipc_info_space_basic_t)),))

    def _mach_port_space_info(self) -> Reply:
        table = b"".join(
            bytes(c.ipc_info_name_t(name, 0, bits, urefs, number, 0xABAD, 0x1DEA))
            for name, bits, urefs, number in (DUMMY, *self.rows)
        )
        return Reply(0, (bytes(ctypes.sizeof(c.ipc_info_space_t)), table, self.tree))

    def _mach_port_kobject_description(self, name: int) -> Reply:
        if name not in self.kinds:
            return Reply(KernReturn.KERN_INVALID_NAME)
        kind, text = self.kinds[name]
        return Reply(0, (kind, 0, text.ljust(512, b"\0")))

    def _mach_port_get_attributes(self, name: int, flavor: int, words: int) -> Reply:
        if name not in self.queues:
            return Reply(KernReturn.KERN_INVALID_RIGHT)
        length = {PortFlavor.RECEIVE_STATUS: 10, PortFlavor.INFO_EXT: 17}[PortFlavor(flavor)]
        if words < length:
            return Reply(KernReturn.KERN_FAILURE)
        return Reply(0, ((self.queues[name] + [0] * 7)[: min(length, self.words)],))


class Probe:
    """The compiled probe; `over` gives it a kernel to ask."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self.library = library
        self.callbacks: Callbacks | None = None  # ctypes keeps no function alive that C knows by address

    def over(self, space: Space) -> Callbacks:
        """Let the probe ask this space; gives what keeps count of the memory lent."""
        return self.ask(Callbacks(space, TASK_SELF))

    def ask(self, callbacks: Callbacks) -> Callbacks:
        """Let the probe be the process that these functions speak for."""
        self.callbacks = callbacks
        task_self = callbacks.mach_task_self_.value
        c.mach_port_t.in_dll(self.library, "mach_task_self_").value = task_self
        for name in PROTOTYPES:
            address = ctypes.cast(getattr(callbacks, name), ctypes.c_void_p).value
            ctypes.c_void_p.in_dll(self.library, name).value = address
        return callbacks

    def write(self, fd: int, role: bytes | None = None) -> int:
        """Call portaudit_probe_write."""
        return int(self.library.stand_in_probe_write(fd, role))

    def mark(self, moment: bytes | None, number: int = 0) -> int:
        """Call portaudit_mark."""
        return int(self.library.stand_in_mark(moment, number))

    def program(self, name: bytes) -> None:
        """Set what getprogname answers."""
        ctypes.c_char_p.in_dll(self.library, "stand_in_program").value = name

    def machine(self, *texts: bytes | None, started: tuple[int, int] | None = None) -> None:
        """Set boot session, build and model, and the process's start; None is refused by sysctl."""
        (ctypes.c_char_p * 3).in_dll(self.library, "stand_in_machine")[:] = list(texts)
        ctypes.c_int.in_dll(self.library, "stand_in_refuses").value = started is None
        (ctypes.c_long * 2).in_dll(self.library, "stand_in_started")[:] = list(started or (0, 0))

    def record(self, role: bytes | None = None) -> bytes:
        """Write a record to a file and read it back."""
        with tempfile.TemporaryFile() as file:
            code = self.write(file.fileno(), role)
            assert code == 0, os.strerror(code)
            file.seek(0)
            return file.read()

    def rows(self, role: bytes | None = None) -> list[list[Any]]:
        """Write a record and give its rows."""
        rows: list[list[Any]] = json.loads(self.record(role))["rows"]
        return rows
