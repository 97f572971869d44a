"""GNU Mach's messages: old-style, each part behind a type of its own; to and from today's layout.

From gnumach-dev's mach/message.h. An array of rights is sent in line and in the long form, one right in
the short form; the kernel keeps the form, so that the receiver can tell them apart.
"""

import struct
from itertools import chain

from portaudit.errors import KernelNonsense
from portaudit.mach.constants import MACH_MSGH_BITS_COMPLEX, MsgType
from portaudit.mach.messages import Descriptor, Message, PortDescriptor, PortsDescriptor

HEADER_WORDS = 6
PORT_NAME = 15  # MACH_MSG_TYPE_PORT_NAME
INTEGER_32 = 2  # MACH_MSG_TYPE_INTEGER_32
BYTE = 9  # MACH_MSG_TYPE_BYTE
INLINE = 1 << 28
LONG_FORM = 1 << 29
RIGHTS = range(MsgType.MOVE_RECEIVE, MsgType.MAKE_SEND_ONCE + 1)

NDR_RECORD = bytes([0, 0, 0, 0, 1, 0, 0, 0])
"""What stands before the number in XNU's notifications (mach/ndr.h): little-endian, ASCII, IEEE."""


def to_words(message: Message) -> tuple[int, ...]:
    """Write a message as GNU Mach's mach_msg takes it, in 32-bit words.

    Raises ValueError for a disposition that no right can have: GNU Mach would take the name for plain data.
    """
    parts = [_from_descriptor(descriptor) for descriptor in message.descriptors]
    if message.body:
        padded = message.body + bytes(-len(message.body) % 4)
        parts.append(_long(BYTE, 8, len(message.body), struct.unpack(f"<{len(padded) // 4}I", padded)))
    body = tuple(chain.from_iterable(parts))
    bits = message.remote_disposition | message.local_disposition << 8
    bits |= MACH_MSGH_BITS_COMPLEX if message.descriptors else 0
    size = 4 * (HEADER_WORDS + len(body))
    return bits, size, message.remote, message.local, 0, message.id & 0xFFFFFFFF, *body


def _from_descriptor(descriptor: Descriptor) -> tuple[int, ...]:
    if descriptor.disposition not in RIGHTS:
        raise ValueError(descriptor.disposition)
    if isinstance(descriptor, PortDescriptor):
        return descriptor.disposition | 32 << 8 | 1 << 16 | INLINE, descriptor.name
    return _long(descriptor.disposition, 32, len(descriptor.names), descriptor.names)


def _long(name: int, bits: int, count: int, words: tuple[int, ...]) -> tuple[int, ...]:
    return INLINE | LONG_FORM, name | bits << 16, count, *words


def from_words(words: tuple[int, ...]) -> Message:
    """Read a message that GNU Mach's mach_msg gave.

    Raises KernelNonsense if it is cut off, or has parts that to_words does not write and that are no
    notification's.
    """
    try:
        bits, size, remote, local, _seqno, message_id = words[:HEADER_WORDS]
        descriptors, body = _parts(words[HEADER_WORDS : size // 4])
    except (ValueError, IndexError, struct.error) as error:
        raise KernelNonsense(f"GNU Mach gave a message that makes no sense: {words[:12]}") from error
    return Message(
        remote=remote,
        remote_disposition=bits & 0xFF,
        local=local,
        local_disposition=bits >> 8 & 0xFF,
        id=message_id,
        descriptors=tuple(descriptors),
        body=body,
    )


def _parts(words: tuple[int, ...]) -> tuple[list[Descriptor], bytes]:
    descriptors: list[Descriptor] = []
    body = b""
    while words:
        long = bool(words[0] & LONG_FORM)
        name, count, words = _type(words, long=long)
        length = (count + 3) // 4 if name == BYTE else count
        if length > len(words):
            raise ValueError(length)
        data, words = words[:length], words[length:]
        if name in RIGHTS:
            descriptors.append(PortsDescriptor(data, name) if long else PortDescriptor(data[0], name))
        elif name == BYTE:
            body += struct.pack(f"<{length}I", *data)[:count]
        elif name in (PORT_NAME, INTEGER_32):  # only notifications have these
            body += NDR_RECORD + struct.pack(f"<{length}I", *data)
        else:
            raise ValueError(name)
    return descriptors, body


def _type(words: tuple[int, ...], *, long: bool) -> tuple[int, int, tuple[int, ...]]:
    if long:
        return words[1] & 0xFFFF, words[2], words[3:]
    return words[0] & 0xFF, words[0] >> 16 & 0xFFF, words[1:]
