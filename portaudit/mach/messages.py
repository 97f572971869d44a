"""A Mach message as a value, and as the bytes that XNU's 64-bit mach_msg takes and gives.

Layouts: mach/message.h (mach_msg_header_t, mach_msg_body_t, the descriptors), packed to 4 bytes.
"""

import struct
from dataclasses import dataclass

from portaudit.errors import KernelNonsense
from portaudit.mach.constants import (
    MACH_MSG_OOL_PORTS_DESCRIPTOR,
    MACH_MSG_PORT_DESCRIPTOR,
    MACH_MSGH_BITS_COMPLEX,
)

HEADER = struct.Struct("<IIIIIi")
COUNT = struct.Struct("<I")
PORT = struct.Struct("<IIHBB")  # name, pad1, pad2, disposition, type
PORTS = struct.Struct("<QBBBBI")  # address, deallocate, copy, disposition, type, count
TRAILER = struct.Struct("<II")  # mach_msg_trailer_t: type 0, size 8


@dataclass(frozen=True, slots=True)
class PortDescriptor:
    """One right: a name in the space of whoever holds the message, and its disposition."""

    name: int
    disposition: int


@dataclass(frozen=True, slots=True)
class PortsDescriptor:
    """An out-of-line array of rights of one disposition."""

    names: tuple[int, ...]
    disposition: int


Descriptor = PortDescriptor | PortsDescriptor


@dataclass(frozen=True, slots=True)
class Message:
    """A message: where to, how, where the answer goes, the rights that it carries, and its bytes."""

    remote: int
    remote_disposition: int
    local: int = 0
    local_disposition: int = 0
    id: int = 0
    descriptors: tuple[Descriptor, ...] = ()
    body: bytes = b""


def pack(message: Message) -> bytes:
    """Give the message's bytes; arrays of rights stand behind the message, addressed by offset.

    A real address would mean nothing outside its own process, and these bytes cross processes.
    """
    bits = message.remote_disposition | message.local_disposition << 8
    descriptors = _pack_descriptors(message) if message.descriptors else b""
    if message.descriptors:
        bits |= MACH_MSGH_BITS_COMPLEX
    size = HEADER.size + len(descriptors) + len(message.body)
    header = HEADER.pack(bits, size, message.remote, message.local, 0, message.id)
    arrays = b"".join(
        struct.pack(f"<{len(d.names)}I", *d.names)
        for d in message.descriptors
        if isinstance(d, PortsDescriptor)
    )
    return header + descriptors + message.body + arrays


def _pack_descriptors(message: Message) -> bytes:
    sizes = [PORTS.size if isinstance(d, PortsDescriptor) else PORT.size for d in message.descriptors]
    array = HEADER.size + COUNT.size + sum(sizes) + len(message.body)
    packed = [COUNT.pack(len(message.descriptors))]
    for descriptor in message.descriptors:
        if isinstance(descriptor, PortDescriptor):
            packed.append(PORT.pack(descriptor.name, 0, 0, descriptor.disposition, MACH_MSG_PORT_DESCRIPTOR))
            continue
        count = len(descriptor.names)
        packed.append(PORTS.pack(array, 0, 0, descriptor.disposition, MACH_MSG_OOL_PORTS_DESCRIPTOR, count))
        array += 4 * count
    return b"".join(packed)


def unpack(data: bytes) -> Message:
    """Read what pack wrote, or what a process gave to mach_msg.

    Raises KernelNonsense if the bytes are no message of these kinds.
    """
    try:
        return _unpack(data)
    except (struct.error, OverflowError) as error:
        message = f"a Mach message of {len(data)} bytes is cut off, or points outside itself: {error}"
        raise KernelNonsense(message) from error


def _unpack(data: bytes) -> Message:
    bits, size, remote, local, _voucher, message_id = HEADER.unpack_from(data)
    offset = HEADER.size
    descriptors: list[Descriptor] = []
    if bits & MACH_MSGH_BITS_COMPLEX:
        (count,) = COUNT.unpack_from(data, offset)
        offset += COUNT.size
        for _ in range(count):
            descriptor, offset = _unpack_descriptor(data, offset)
            descriptors.append(descriptor)
    return Message(
        remote=remote,
        remote_disposition=bits & 0x1F,
        local=local,
        local_disposition=bits >> 8 & 0x1F,
        id=message_id,
        descriptors=tuple(descriptors),
        body=data[offset:size],
    )


def _unpack_descriptor(data: bytes, offset: int) -> tuple[Descriptor, int]:
    kind = data[offset + PORT.size - 1] if offset + PORT.size <= len(data) else -1
    if kind == MACH_MSG_PORT_DESCRIPTOR:
        name, _, _, disposition, _ = PORT.unpack_from(data, offset)
        return PortDescriptor(name, disposition), offset + PORT.size
    if kind == MACH_MSG_OOL_PORTS_DESCRIPTOR:
        address, _, _, disposition, _, count = PORTS.unpack_from(data, offset)
        names = struct.unpack_from(f"<{count}I", data, address)
        return PortsDescriptor(names, disposition), offset + PORTS.size
    raise KernelNonsense(f"a Mach message has a descriptor of kind {kind} that this library does not carry")
