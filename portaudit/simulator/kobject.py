"""Ports of kernel objects: how long they live, and how to find the object behind one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from portaudit.simulator.port import Carried, Port
from portaudit.simulator.release import destroy_port

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.mach.constants import KobjectType
    from portaudit.simulator.port import Ipc

T = TypeVar("T")


def make_port(
    ipc: Ipc, kotype: KobjectType, kobject: object = None, *, ended: Callable[[], None] | None = None
) -> Port:
    """Make the port of a kernel object that nobody but its senders keeps alive.

    With its last send right the port dies, and `ended` hears of it (IPC_KOBJECT_ALLOC_NSREQUEST,
    osfmk/kern/ipc_kobject.c:1095).
    """

    def end(port: Port) -> None:
        if port.srights == 0:
            end_port(port)
            if ended is not None:
                ended()

    return Port(ipc, kotype=kotype, kobject=kobject, on_no_senders=end)


def end_port(port: Port) -> None:
    """End the port of a kernel object: it leads nowhere, and what is left of its senders are dead names."""
    port.kobject = None
    destroy_port(port)


def behind(port: Carried, kind: type[T]) -> T | None:
    """Find the object of one kind behind a port; None if there is another one, or none any more."""
    if isinstance(port, Port) and port.active and isinstance(port.kobject, kind):
        return port.kobject
    return None
