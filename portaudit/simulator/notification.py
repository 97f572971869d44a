"""Being told about rights: what a port's senders have asked to hear, and the messages that tell it.

Each notification uses up a send-once right.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_MSG_TYPE_PORT_SEND_ONCE, Notification, PortType
from portaudit.simulator.message import KernelMessage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.simulator.port import Port

SIZES = (0, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
"""How the table grows: the allocation classes of 16-byte slots (osfmk/ipc/ipc_port.c:409)."""


@dataclass(slots=True)
class Request:
    """One request: the name that it is about, and the send-once right that the answer goes to.

    A dead-name request has no options; a send-possible request is armed once a send has met a full queue.
    """

    name: int
    notify: Port | None
    send_possible: bool = False
    armed: bool = False

    @property
    def type(self) -> PortType:
        """The request bits that the name shows."""
        if self.notify is None:
            return PortType.NONE
        bits = PortType.DNREQUEST
        if self.send_possible:
            bits |= PortType.SPREQUEST if self.armed else PortType.SPREQUEST | PortType.SPREQUEST_DELAYED
        return bits


@dataclass(slots=True)
class RequestTable:
    """A port's requests by slot. Slot 0 is never used; free slots are used last freed first."""

    slots: list[Request | None] = field(default_factory=list)
    _free: list[int] = field(default_factory=list)

    def add(self, request: Request) -> int:
        """Enter a request; the slot goes into the entry of the name."""
        if not self._free:
            self._grow()
        index = self._free.pop()
        self.slots[index] = request
        return index

    def _grow(self) -> None:
        count = len(self.slots)
        size = next((size for size in SIZES if size > count), count * 2)
        self.slots.extend([None] * (size - count))
        self._free.extend(range(max(count, 1), size))

    def cancel(self, index: int) -> Port | None:
        """Drop the request in a slot, if any, and give its notify right back."""
        request = self.slots[index] if index else None
        if request is None:
            return None
        self.slots[index] = None
        self._free.append(index)
        return request.notify

    def type(self, index: int) -> PortType:
        """Give the request bits of the name whose request is in that slot."""
        request = self.slots[index] if index else None
        return PortType.NONE if request is None else request.type

    def outstanding(self) -> Iterator[Request]:
        """Give the requests that still have somebody to tell, by slot."""
        return (request for request in self.slots if request is not None and request.notify is not None)

    def take_armed(self) -> Iterator[tuple[Port, int]]:
        """Give and use up the armed send-possible requests: the notify right and the name of each."""
        for request in self.outstanding():
            notify = request.notify
            if request.armed and notify is not None:
                request.notify = None
                yield notify, request.name


NDR_RECORD = b"\0\0\0\0\1\0\0\0"  # little-endian integers, ASCII, IEEE floats: mach/ndr.h


def _send(notify: Port, identity: Notification, *words: int) -> None:
    """Queue a notification. It needs no room: a send-once right always fits. A dead port hears nothing."""
    if notify.active:
        body = NDR_RECORD + struct.pack(f"<{len(words)}I", *words) if words else b""
        notify.post(KernelMessage(notify, MACH_MSG_TYPE_PORT_SEND_ONCE, id=identity, body=body))


def notify_dead_name(notify: Port, name: int) -> None:
    """Tell that the port behind `name` died; the message carries one reference to the dead name."""
    _send(notify, Notification.DEAD_NAME, name)


def notify_port_deleted(notify: Port, name: int) -> None:
    """Tell that `name` was freed while a dead-name request was armed on it."""
    _send(notify, Notification.PORT_DELETED, name)


def notify_send_possible(notify: Port, name: int) -> None:
    """Tell that a message can be sent to `name` again."""
    _send(notify, Notification.SEND_POSSIBLE, name)


def notify_no_senders(notify: Port, mscount: int) -> None:
    """Tell a receiver that no send right is left, and how many were made until then."""
    _send(notify, Notification.NO_SENDERS, mscount)


def notify_send_once(notify: Port) -> None:
    """Tell a receiver that a send-once right was thrown away unused."""
    _send(notify, Notification.SEND_ONCE)
