"""File ports: rights to open files (bsd/kern/kern_descrip.c:5846, osfmk/kern/ipc_misc.c:53)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_MSG_TYPE_PORT_SEND, KobjectType
from portaudit.simulator.copyout import put
from portaudit.simulator.header import valid
from portaudit.simulator.kobject import make_port

if TYPE_CHECKING:
    from portaudit.simulator.task import Task

OPEN_FILES = range(3)
"""The descriptors of a simulated process: standard input, output and error. It can open no other file."""


def makeport(caller: Task, descriptor: int) -> int | None:
    """fileport_makeport: a new port each time, also for the same file; None if there is no such file."""
    if descriptor not in OPEN_FILES:
        return None
    port = make_port(caller.space.ipc, KobjectType.FILEPORT).make_send()
    name = put(caller.space, port, MACH_MSG_TYPE_PORT_SEND)
    return name if valid(name) else None
