"""The calls of IOKit's MIG subsystem, 2800 (osfmk/device/device.defs; iokit/Kernel/IOUserClient.cpp).

IOKit.framework makes them; a task has no other way to the registry.
"""

from __future__ import annotations

import re
from enum import IntEnum
from typing import TYPE_CHECKING, TypeVar

from portaudit.mach.constants import MACH_MSG_TYPE_PORT_SEND, MACH_PORT_NULL, KernReturn, TaskFlavor
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.kernel_objects import behind
from portaudit.simulator.message import Right
from portaudit.simulator.port import Port
from portaudit.simulator.registry import Connection, IoObject, IteratorObject, Notification, Registry, Service
from portaudit.simulator.release import release_send
from portaudit.simulator.task_port import task_behind

if TYPE_CHECKING:
    from portaudit.simulator.port import Carried
    from portaudit.simulator.task import Task

T = TypeVar("T", bound=IoObject)


def _error(number: int) -> int:
    return (0xE0000000 | number) - (1 << 32)


class IoReturn(IntEnum):
    """kIOReturn*: what IOKit's calls return, iokit/IOKit/IOReturn.h."""

    NO_DEVICE = _error(0x2C0)
    NOT_PRIVILEGED = _error(0x2C1)
    BAD_ARGUMENT = _error(0x2C2)
    UNSUPPORTED = _error(0x2C7)
    NOT_FOUND = _error(0x2F0)


BY_CLASS = re.compile(
    rb"\xd3\0\0\0"  # kOSSerializeBinarySignature
    rb"\x01\0\0\x81"  # a dictionary of one key, the last of its collection
    rb"\x10\0\0\x08IOProviderClass\0"  # a symbol of 16 bytes
    rb"(?P<length>.)\0\0\x89(?P<name>.*)",  # a string, the last of its collection, padded
    re.DOTALL,
)
"""A matching dictionary of one provider class, as IOKit.framework writes it (OSSerializeBinary.cpp)."""

INBAND_MAX = 4096  # io_struct_inband_t, bytes
REFERENCE_MAX = 8  # io_async_ref64_t, numbers

FINDS_WHAT_IS_THERE = frozenset(
    {b"IOServicePublish", b"IOServiceFirstPublish", b"IOServiceMatched", b"IOServiceFirstMatch"}
)
"""Notifications that begin with what matches already; the others begin with nothing."""

FINDS_NOTHING_YET = frozenset({b"IOServiceTerminate", b"IOServiceWillTerminate"})


def _registry(port: Carried) -> Registry:
    registry = behind(port, Registry)
    if registry is None:
        raise RefusalError(IoReturn.NOT_PRIVILEGED)
    return registry


def _object(port: Carried, kind: type[T]) -> T:
    found = behind(port, kind)
    if found is None:
        raise RefusalError(IoReturn.BAD_ARGUMENT)
    return found


def _found(registry: Registry, matching: list[int]) -> list[Service]:
    """Find what a matching dictionary describes; only one that names a provider class is simulated."""
    _check_length(matching, INBAND_MAX)
    given = BY_CLASS.fullmatch(bytes(number & 0xFF for number in matching))
    if given is None:
        raise NotImplementedError("not simulated: a matching dictionary of more than an IOProviderClass")
    return registry.matching(given["name"][: given["length"][0]].decode("utf-8", "replace"))


def _check_length(array: list[int], most: int) -> None:
    """Refuse an array that a message of this kind does not hold, as MIG does."""
    if len(array) > most:
        raise RefusalError(KernReturn.MIG_ARRAY_TOO_LARGE)


def _give(found: IoObject | None) -> Right:
    return Right(found.make_send() if found is not None else MACH_PORT_NULL, MACH_MSG_TYPE_PORT_SEND)


def get_matching_service(port: Carried, matching: list[int]) -> tuple[Right]:
    """io_service_get_matching_service_bin: the first service that matches.

    Each call adds a send right to the service's one port (IOUserClient.cpp:2796).
    """
    found = _found(_registry(port), matching)
    if not found:
        raise RefusalError(IoReturn.NOT_FOUND)
    return (_give(found[0]),)


def get_matching_services(port: Carried, matching: list[int]) -> tuple[Right]:
    """io_service_get_matching_services_bin: a new iterator; if nothing matches none, successfully.

    (IOUserClient.cpp:2713)
    """
    registry = _registry(port)
    found = _found(registry, matching)
    return (_give(IteratorObject(registry.ipc, found) if found else None),)


def iterator_next(port: Carried) -> tuple[Right]:
    """io_iterator_next: a send right to the next object, or kIOReturnNoDevice (IOUserClient.cpp:2576)."""
    following = _object(port, IteratorObject).next()
    if following is None:
        raise RefusalError(IoReturn.NO_DEVICE)
    return (_give(following),)


def service_open(
    port: Carried,
    caller: Task,
    connect_type: int,  # noqa: ARG001  the driver's business
    ndr: int,  # noqa: ARG001  how the caller writes numbers
    properties: list[int],
    owner: Right,
) -> tuple[int, Right]:
    """io_service_open_extended: a new connection each time, for the calling task only.

    Whether there is one is told by the result, beside the return code (IOUserClient.cpp:4344). Entitlements
    and the driver's own mind are not simulated: every type of connection is given.
    """
    service = _object(port, Service)
    if not isinstance(owner.port, Port) or task_behind(owner.port, TaskFlavor.CONTROL) is not caller:
        raise RefusalError(IoReturn.BAD_ARGUMENT)
    if properties:
        raise RefusalError(IoReturn.UNSUPPORTED)
    release_send(owner.port)
    if service.user_client is None:
        return IoReturn.UNSUPPORTED, _give(None)
    registry = service.registry
    return KernReturn.KERN_SUCCESS, _give(Connection(registry.ipc, service.user_client, next(registry.ids)))


def service_close(port: Carried) -> tuple[()]:
    """io_service_close: the connection ends, and with it its port.

    So do drivers whose clientClose terminates the connection, as nearly all do, soon after; here at once
    (IOUserClient.cpp:4580).
    """
    _object(port, Connection).end()
    return ()


def add_notification(
    port: Carried,
    kind: bytes,
    matching: list[int],
    reference: list[int],
    wake: Right,
) -> tuple[Right]:
    """io_service_add_notification_bin: a new notification, which keeps a send right to the wake port.

    (IOUserClient.cpp:2878)
    """
    _check_length(reference, REFERENCE_MAX)
    registry = _registry(port)
    found = _found(registry, matching)
    name = kind.partition(b"\0")[0]
    if name not in FINDS_WHAT_IS_THERE | FINDS_NOTHING_YET:
        raise RefusalError(IoReturn.UNSUPPORTED)
    there = found if name in FINDS_WHAT_IS_THERE else []
    return (_give(Notification(registry.ipc, there, wake.port)),)
