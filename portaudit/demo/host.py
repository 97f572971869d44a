"""The host: starts its extension, and hands over its task port when it is told to."""

import subprocess
import sys

from portaudit.demo.extension import GIFT, HELLO, TRANSFER
from portaudit.demo.mail import new_mailbox, receive, send
from portaudit.demo.naming import call_myself
from portaudit.demo.scenarios import SCENARIOS, Scenario
from portaudit.errors import KernelUnavailable
from portaudit.kernels import open_kernel
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType, PortRight
from portaudit.mach.library import Mach
from portaudit.mach.messages import Message, PortDescriptor

PATIENCE_MILLISECONDS = 10_000
"""How long the host waits for its extension."""


def main() -> None:
    """Obey the lines of standard input: `transfer`, `exit`; answer each with a line."""
    scenario, lifeline = SCENARIOS[sys.argv[1]], int(sys.argv[2])
    call_myself("demo-host")
    with open_kernel() as kernel:
        mach = kernel.mach
        service = new_mailbox(mach)
        register(mach, service)
        command = [sys.executable, "-m", "portaudit.demo.extension", scenario.name]
        extension = subprocess.Popen(command, stdin=lifeline, stdout=subprocess.DEVNULL)  # noqa: S603  this very program
        mailbox = _await_hello(mach, service)
        prepare(mach, scenario, mailbox, service)
        _say(f"ready {extension.pid}")
        if _obey(mach, scenario, mailbox, service):
            extension.wait()


def _obey(mach: Mach, scenario: Scenario, mailbox: int, service: int) -> bool:
    """Give whether standard input ended, which ends the extension too; `exit` leaves it behind."""
    for line in sys.stdin:
        if line.strip() == "exit":
            return False
        hand_over(mach, mailbox, service, TRANSFER, scenario.disposition)
        _say("done")
    return True


def register(mach: Mach, service: int) -> None:
    """Register a send right to the service port: children inherit it."""
    mach.mach_port_insert_right(mach.task_self, service, service, MsgType.MAKE_SEND)
    ports = (c.mach_port_t * 1)(service)
    mach.mach_ports_register(mach.task_self, ports, 1)


def _await_hello(mach: Mach, service: int) -> int:
    hello = receive(mach, service, PATIENCE_MILLISECONDS)
    if hello is None or hello.id != HELLO or not isinstance(hello.descriptors[0], PortDescriptor):
        raise KernelUnavailable("the extension did not send its greeting")
    return hello.descriptors[0].name


def prepare(mach: Mach, scenario: Scenario, mailbox: int, service: int) -> None:
    """Bring about what the scenario wants to be there before the first snapshot."""
    if scenario.taken_before:
        mach.mach_port_mod_refs(mach.task_self, mach.task_self, PortRight.SEND, scenario.taken_before)
    for _ in range(scenario.held_before):
        hand_over(mach, mailbox, service, GIFT, MsgType.COPY_SEND)


def hand_over(mach: Mach, mailbox: int, service: int, message_id: int, disposition: MsgType) -> None:
    """Send the own task port to the extension, and wait until it has dealt with it."""
    send(
        mach,
        Message(
            mailbox,
            MsgType.COPY_SEND,
            service,
            MsgType.MAKE_SEND_ONCE,
            message_id,
            (PortDescriptor(mach.task_self, disposition),),
        ),
    )
    if receive(mach, service, PATIENCE_MILLISECONDS) is None:
        raise KernelUnavailable("the extension did not answer a transfer; it may have died")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
