"""A message in the kernel: ports where user space has names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_RECEIVE,
    MACH_MSG_TYPE_PORT_SEND,
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    MACH_PORT_NULL,
    MsgType,
)
from portaudit.mach.messages import COUNT, HEADER, PORT, PORTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.simulator.port import Carried, Port

TRAVELS_AS = {
    MsgType.MOVE_RECEIVE: MACH_MSG_TYPE_PORT_RECEIVE,
    MsgType.MOVE_SEND: MACH_MSG_TYPE_PORT_SEND,
    MsgType.COPY_SEND: MACH_MSG_TYPE_PORT_SEND,
    MsgType.MAKE_SEND: MACH_MSG_TYPE_PORT_SEND,
    MsgType.MOVE_SEND_ONCE: MACH_MSG_TYPE_PORT_SEND_ONCE,
    MsgType.MAKE_SEND_ONCE: MACH_MSG_TYPE_PORT_SEND_ONCE,
}
"""Which right a disposition puts into a message (ipc_object_copyin_type, osfmk/ipc/ipc_object.c:547)."""


@dataclass(frozen=True, slots=True)
class Right:
    """A port descriptor: one right, or a name that travels as such.

    `substitute` is off for a control port that its own task is to get as it is.
    """

    port: Carried
    type: int
    substitute: bool = True

    def __iter__(self) -> Iterator[Carried]:
        return iter((self.port,))


@dataclass(frozen=True, slots=True)
class Rights:
    """An out-of-line array of rights of one type."""

    ports: tuple[Carried, ...]
    type: int

    def __iter__(self) -> Iterator[Carried]:
        return iter(self.ports)


Descriptor: TypeAlias = Right | Rights


@dataclass(eq=False, slots=True, repr=False)
class KernelMessage:
    """A message between copy-in and copy-out. Each right in it is counted by its port, and in no space."""

    remote: Port
    remote_type: int
    local: Carried = MACH_PORT_NULL
    local_type: int = MsgType.NONE
    id: int = 0
    descriptors: tuple[Descriptor, ...] = ()
    body: bytes = b""
    circular: bool = False
    to_kernel: bool = False

    @property
    def size(self) -> int:
        """How many bytes the receiver's copy has, without its trailer and its out-of-line arrays."""
        sizes = [
            PORT.size if isinstance(descriptor, Right) else PORTS.size for descriptor in self.descriptors
        ]
        return HEADER.size + (COUNT.size if sizes else 0) + sum(sizes) + len(self.body)
