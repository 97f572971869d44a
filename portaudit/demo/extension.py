"""The extension: finds its host, receives its task port, and does with it what the scenario says."""

import ctypes
import os
import select
import sys
from contextlib import suppress

from portaudit.demo.player import CHURN, READ, Churn, answer, new_mailbox, perform, read_own, receive, send
from portaudit.demo.scenarios import SCENARIOS, Scenario, keep
from portaudit.kernels import open_kernel
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType
from portaudit.mach.library import KernError, Mach, out_of_line
from portaudit.mach.messages import Message, PortDescriptor

HELLO, TRANSFER, GIFT = 1, 2, 3
"""Message ids: here is my mailbox; here is my task port; here is one to keep before we start."""

SAID_MAX = 4096

LOOK_MILLISECONDS = 100
"""How often the extension looks whether whoever started it is still there."""


def main() -> None:
    """Serve transfers until standard input, the lifeline, ends."""
    scenario = SCENARIOS[sys.argv[1]]
    with open_kernel() as kernel:
        mach = kernel.mach
        mailbox = new_mailbox(mach)
        _greet(mach, mailbox)
        _serve(mach, mailbox, scenario, Churn(mach, going_on=CHURN in sys.argv))


def _greet(mach: Mach, mailbox: int) -> None:
    service = registered_port(mach)
    send(
        mach,
        Message(
            service, MsgType.COPY_SEND, id=HELLO, descriptors=(PortDescriptor(mailbox, MsgType.MAKE_SEND),)
        ),
    )
    mach.mach_port_deallocate(mach.task_self, service)


def registered_port(mach: Mach) -> int:
    """Look up the port that the parent registered before it started this process."""
    with out_of_line(mach, c.mach_port_t) as (ports,):
        mach.mach_ports_lookup(mach.task_self, ports.pointer, ports.count)
        names = (c.mach_port_t * len(ports)).from_buffer_copy(ports.raw)
    return next(name for name in names if name)


def _serve(mach: Mach, mailbox: int, scenario: Scenario, churn: Churn) -> None:
    if scenario.holds_thread:
        mach.mach_thread_self()
    number = 0
    received: set[int] = set()
    lifeline = Lifeline()
    while lifeline.holds():
        for path in lifeline.readings():
            read_own(path, host=False)
        message = receive(mach, mailbox, LOOK_MILLISECONDS)
        churn.stir()
        if message is None:
            look_after(mach, received)
            continue
        (port,) = message.descriptors
        if not isinstance(port, PortDescriptor):
            continue
        received.add(port.name)
        number += message.id == TRANSFER
        treat = scenario.extension if message.id == TRANSFER else keep
        treat(mach, port.name, number)
        answer(mach, message)


def look_after(mach: Mach, names: set[int]) -> None:
    """Ask what the received names are by now: a name turns dead only when it is touched."""
    kind = c.mach_port_type_t()
    for name in names:
        with suppress(KernError):
            mach.mach_port_type(mach.task_self, name, ctypes.byref(kind))


class Lifeline:
    """Standard input: its end says that whoever started this process has gone, its lines what to read."""

    def __init__(self) -> None:
        self._said = b""

    def holds(self) -> bool:
        """Whether the other end is open; takes in what it says."""
        readable, _, _ = select.select([sys.stdin], [], [], 0)
        said = os.read(sys.stdin.fileno(), SAID_MAX) if readable else b""
        self._said += said
        return not readable or bool(said)

    def readings(self) -> list[str]:
        """Give the files that are asked for, each once."""
        *lines, self._said = self._said.split(b"\n")
        return [os.fsdecode(line).removeprefix(READ) for line in lines]


if __name__ == "__main__":
    perform("demo-extension", main)
