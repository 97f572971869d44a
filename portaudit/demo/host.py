"""The host: starts its extension, and hands over its task port when it is told to."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portaudit.demo.extension import GIFT, HELLO, LOOK_MILLISECONDS, TRANSFER
from portaudit.demo.player import CHURN, READ, Churn, new_mailbox, perform, read_own, receive, send
from portaudit.demo.scenarios import SCENARIOS, Scenario
from portaudit.errors import NotReadable
from portaudit.kernels import open_kernel
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType, PortRight
from portaudit.mach.library import Mach
from portaudit.mach.messages import Message, PortDescriptor

PLATFORM = "platform"
"""The argument that makes the host a platform binary."""

PATIENCE_SECONDS = 10.0
"""How long the host waits for its extension."""


def main() -> None:
    """Obey the lines of standard input: `transfer`, answered by a line; `read FILE`; `exit`."""
    scenario, lifeline, churn = SCENARIOS[sys.argv[1]], int(sys.argv[2]), CHURN in sys.argv
    with on_stage(scenario, lifeline, churn=churn) as (host, mailbox):
        _say(f"ready {host.extension.pid}")
        if _obey(host, scenario, mailbox):
            host.extension.wait()


@contextmanager
def on_stage(scenario: Scenario, lifeline: int, *, churn: bool = False) -> Iterator[tuple["Host", int]]:
    """Give a host with its extension, and the name of the extension's mailbox, ready to transfer.

    The extension ends when the other end of `lifeline`, a pipe's descriptor, is closed.
    """
    with open_kernel(platform=PLATFORM in sys.argv) as kernel:
        mach = kernel.mach
        service = new_mailbox(mach)
        register(mach, service)
        command = [sys.executable, "-P", "-m", "portaudit.demo.extension", scenario.name, *[CHURN] * churn]
        extension = subprocess.Popen(command, stdin=lifeline, stdout=subprocess.DEVNULL)  # noqa: S603  this very program
        host = Host(mach, service, extension, Churn(mach, going_on=churn))
        mailbox = host.await_hello()
        host.prepare(scenario, mailbox)
        yield host, mailbox


def _obey(host: "Host", scenario: Scenario, mailbox: int) -> bool:
    """Give whether standard input ended, which ends the extension too; `exit` leaves it behind."""
    for line in sys.stdin:
        if line.strip() == "exit":
            return False
        if line.startswith(READ):
            read_own(line.removeprefix(READ).rstrip("\n"), host=True)
            continue
        host.churn.stir()
        host.hand_over(mailbox, TRANSFER, scenario.disposition)
        _say("done")
    return True


def register(mach: Mach, service: int) -> None:
    """Register a send right to the service port: children inherit it."""
    mach.mach_port_insert_right(mach.task_self, service, service, MsgType.MAKE_SEND)
    ports = (c.mach_port_t * 1)(service)
    mach.mach_ports_register(mach.task_self, ports, 1)


@dataclass(frozen=True, slots=True)
class Host:
    """A host with its service port and its extension."""

    mach: Mach
    service: int
    extension: "subprocess.Popen[bytes]"
    churn: Churn

    def await_hello(self) -> int:
        """Wait for the extension's greeting, and give the name of its mailbox."""
        hello = self._await("greet")
        (mailbox,) = hello.descriptors
        if hello.id != HELLO or not isinstance(mailbox, PortDescriptor):
            raise NotReadable("the extension greeted with something else than its mailbox")
        return mailbox.name

    def prepare(self, scenario: Scenario, mailbox: int) -> None:
        """Bring about what the scenario wants to be there before the first snapshot."""
        mach = self.mach
        if scenario.taken_before:
            mach.mach_port_mod_refs(mach.task_self, mach.task_self, PortRight.SEND, scenario.taken_before)
        for _ in range(scenario.held_before):
            self.hand_over(mailbox, GIFT, MsgType.COPY_SEND)

    def hand_over(self, mailbox: int, message_id: int, disposition: MsgType) -> None:
        """Send the own task port to the extension, and wait until it has dealt with it."""
        port = PortDescriptor(self.mach.task_self, disposition)
        make_once = MsgType.MAKE_SEND_ONCE
        send(self.mach, Message(mailbox, MsgType.COPY_SEND, self.service, make_once, message_id, (port,)))
        self._await("answer a transfer")

    def _await(self, what: str) -> Message:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            message = receive(self.mach, self.service, LOOK_MILLISECONDS)
            if message is not None:
                return message
            if self.extension.poll() is not None:
                raise NotReadable(f"the extension died before it could {what}")
        raise NotReadable(f"the extension did not {what} within {PATIENCE_SECONDS:g} seconds")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    perform("demo-host", main)
