"""The host: what its port gives to any task (osfmk/kern/host.c, osfmk/kern/clock_oldops.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from portaudit.mach.constants import MACH_MSG_TYPE_PORT_SEND, KernReturn, KobjectType, PortType
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.kobject import behind
from portaudit.simulator.message import Right
from portaudit.simulator.port import Carried, Port
from portaudit.simulator.registry import Registry
from portaudit.simulator.right import translate

if TYPE_CHECKING:
    from portaudit.simulator.port import Ipc
    from portaudit.simulator.space import Space

Attributes: TypeAlias = frozenset[tuple[int, bytes]]
"""What a voucher is of: the values of its keys; a key that is not there has its default."""

CLOCKS = 2  # SYSTEM_CLOCK and CALENDAR_CLOCK, mach/clock_types.h


class Host:
    """What there is once on a machine: its clocks, its registry of devices, its table of vouchers.

    XNU makes the ports of clocks and registry at boot; here each is made when it is first asked for.
    """

    def __init__(self, ipc: Ipc) -> None:
        # The kernel task and the host itself keep a send right each (recorded: 2 before any task)
        self.port = Port(ipc, kotype=KobjectType.HOST, kobject=self).make_send().copy_send()
        self.clocks: dict[int, Port] = {}
        self.main_device: Port | None = None
        self.vouchers: dict[Attributes, Port] = {}

    def forget_voucher(self, attributes: Attributes) -> None:
        """Hear that a voucher has died."""
        del self.vouchers[attributes]


def host_behind(port: Carried) -> Host:
    """Find the host behind its port, or refuse with KERN_INVALID_ARGUMENT."""
    host = behind(port, Host)
    if host is None:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    return host


def host_named(space: Space, name: int) -> Port:
    """Find the host port under a name, or refuse with MACH_SEND_INVALID_DEST (osfmk/kern/ipc_host.c)."""
    try:
        port = translate(space, name, PortType.SEND).named_port
    except RefusalError as refusal:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST) from refusal
    if behind(port, Host) is None:
        raise RefusalError(KernReturn.MACH_SEND_INVALID_DEST)
    return port


def clock_service(host: Host, clock: int) -> tuple[Right]:
    """host_get_clock_service: a clock has one port, which nothing ends (osfmk/kern/ipc_clock.c:59,95)."""
    if not 0 <= clock < CLOCKS:
        raise RefusalError(KernReturn.KERN_INVALID_ARGUMENT)
    if clock not in host.clocks:
        host.clocks[clock] = Port(host.port.ipc, kotype=KobjectType.CLOCK)
    return (Right(host.clocks[clock].make_send(), MACH_MSG_TYPE_PORT_SEND),)


def io_main(host: Host) -> tuple[Right]:
    """host_get_io_main: a copy of the one send right to the device registry (osfmk/kern/host.c:1416)."""
    if host.main_device is None:
        ipc = host.port.ipc
        host.main_device = Port(ipc, kotype=KobjectType.MAIN_DEVICE, kobject=Registry(ipc)).make_send()
    return (Right(host.main_device.copy_send(), MACH_MSG_TYPE_PORT_SEND),)
