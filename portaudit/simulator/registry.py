"""IOKit's objects and their ports (iokit/Kernel/IOUserClient.cpp): services, iterators, connections."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from portaudit.mach.constants import KobjectType
from portaudit.simulator.kernel_objects import end_port, make_port
from portaudit.simulator.port import Carried, Ipc, Port
from portaudit.simulator.release import release_send

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FIRST_ENTRY_ID = (1 << 32) + 256  # kIORegistryIDReserved + 1, iokit/Kernel/IORegistryEntry.cpp:91


class ServiceClass(NamedTuple):
    """A class of services: its name, what it derives from, and the class of connections to it, if any."""

    name: str
    parents: tuple[str, ...] = ("IOService",)
    user_client: str | None = None


SERVICES = (
    ServiceClass("IOPlatformExpertDevice"),
    ServiceClass("IOSurfaceRoot", user_client="IOSurfaceRootUserClient"),
    ServiceClass("IOUSBHostDevice", ("IOUSBNub", "IOService"), "AppleUSBHostDeviceUserClient"),
    ServiceClass("IOUSBHostDevice", ("IOUSBNub", "IOService"), "AppleUSBHostDeviceUserClient"),
)
"""The services of the simulated machine: two USB devices, so that there is more than one of a class."""


class IoObject:
    """An object of IOKit, and its one port.

    The port dies with its last send right. The object may live on, and then gets another port when it is next
    given to somebody (iokit_port_for_object, IOUserClient.cpp:696).
    """

    kotype: ClassVar = KobjectType.IOKIT_OBJECT

    def __init__(self, ipc: Ipc, class_name: str) -> None:
        self.ipc = ipc
        self.class_name = class_name
        self.port: Port | None = None

    @property
    def description(self) -> str:
        """What mach_port_kobject_description says: the class (IOUserClient.cpp:537, a release kernel)."""
        return self.class_name

    def make_send(self) -> Port:
        """Make a send right; with the port, if there is none."""
        if self.port is None:
            self.port = make_port(self.ipc, self.kotype, self, ended=self._unused)
            self.port.immovable_send = self.kotype is KobjectType.IOKIT_CONNECT
        return self.port.make_send()

    def end(self) -> None:
        """End the object's port, whoever holds rights to it."""
        if self.port is not None:
            end_port(self.port)
            self.port = None

    def _unused(self) -> None:
        self.port = None
        self.client_died()

    def client_died(self) -> None:
        """Hear that no task has a right to the object any more (iokit_client_died, IOUserClient.cpp:730)."""


class RegistryEntry(IoObject):
    """An entry of the registry: it has an id, which its description shows."""

    def __init__(self, ipc: Ipc, class_name: str, entry_id: int) -> None:
        super().__init__(ipc, class_name)
        self.entry_id = entry_id

    @property
    def description(self) -> str:
        """The class, and the registry's id of the entry."""
        return f"{self.class_name}(0x{self.entry_id:x})"


class Service(RegistryEntry):
    """A service that can be looked up by its class."""

    def __init__(self, registry: Registry, of: ServiceClass) -> None:
        super().__init__(registry.ipc, of.name, next(registry.ids))
        self.registry = registry
        self.classes = (of.name, *of.parents)
        self.user_client = of.user_client


class Connection(RegistryEntry):
    """A connection to a service; its send right cannot leave the task (osfmk/device/iokit_rpc.c:310)."""

    kotype: ClassVar = KobjectType.IOKIT_CONNECT


class IteratorObject(IoObject):
    """An iterator over what was found: a new object for each search (IOUserClient.cpp:443)."""

    def __init__(self, ipc: Ipc, found: Iterable[Service], class_name: str = "IOUserIterator") -> None:
        super().__init__(ipc, class_name)
        self.left = list(found)

    def next(self) -> Service | None:
        """Give the next service."""
        return self.left.pop(0) if self.left else None


class Notification(IteratorObject):
    """A matching notification: an iterator over what matches already, and a send right to wake its maker.

    Services neither come nor go on the simulated machine, so none is ever sent.
    """

    def __init__(self, ipc: Ipc, found: Iterable[Service], wake: Carried) -> None:
        super().__init__(ipc, found, "IOServiceUserNotification")
        self.wake = wake

    def next(self) -> Service | None:
        """Give one of the services, the last one first (IOUserClient.cpp:1084)."""
        return self.left.pop() if self.left else None

    def client_died(self) -> None:
        """Withdraw the notification, and give the right to wake its maker back (IOUserClient.cpp:983)."""
        if isinstance(self.wake, Port):
            release_send(self.wake)


class Registry:
    """The registry of a machine's services, behind the port that host_get_io_main gives."""

    def __init__(self, ipc: Ipc, services: Iterable[ServiceClass] = SERVICES) -> None:
        self.ipc = ipc
        self.ids: Iterator[int] = count(FIRST_ENTRY_ID)
        self.services = tuple(Service(self, of) for of in services)

    def matching(self, class_name: str) -> list[Service]:
        """Find the services of a class, and of those that derive from it."""
        return [service for service in self.services if class_name in service.classes]
