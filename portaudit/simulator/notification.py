"""What the kernel tells tasks about their rights; each notification uses up a send-once right."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from portaudit.mach.constants import MACH_MSG_TYPE_PORT_SEND_ONCE, Notification
from portaudit.simulator.message import KernelMessage

if TYPE_CHECKING:
    from portaudit.simulator.port import Port

NDR_RECORD = b"\0\0\0\0\1\0\0\0"  # little-endian integers, ASCII, IEEE floats: mach/ndr.h


def _send(notify: Port, identity: Notification, *words: int) -> None:
    """Queue a notification. It needs no room: a send-once right always fits. A dead port hears nothing."""
    if notify.active:
        body = NDR_RECORD + struct.pack(f"<{len(words)}I", *words) if words else b""
        notify.post(KernelMessage(notify, MACH_MSG_TYPE_PORT_SEND_ONCE, id=identity, body=body))


def dead_name(notify: Port, name: int) -> None:
    """Tell that the port behind `name` died; the message carries one reference to the dead name."""
    _send(notify, Notification.DEAD_NAME, name)


def port_deleted(notify: Port, name: int) -> None:
    """Tell that `name` was freed while a dead-name request was armed on it."""
    _send(notify, Notification.PORT_DELETED, name)


def send_possible(notify: Port, name: int) -> None:
    """Tell that a message can be sent to `name` again."""
    _send(notify, Notification.SEND_POSSIBLE, name)


def no_senders(notify: Port, mscount: int) -> None:
    """Tell a receiver that no send right is left, and how many were made until then."""
    _send(notify, Notification.NO_SENDERS, mscount)


def send_once(notify: Port) -> None:
    """Tell a receiver that a send-once right was thrown away unused."""
    _send(notify, Notification.SEND_ONCE)
