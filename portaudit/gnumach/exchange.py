"""mach_msg on GNU Mach, and its messages: old-style, each part behind a type of its own.

What blocks in a task there must not block the one line to the machine. So each trap is made with no time at
all; where XNU's would sleep, the answer is what to call again.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from portaudit.errors import KernelNonsense
from portaudit.gnumach.driver import Answer
from portaudit.mach.calls import Reply
from portaudit.mach.constants import MACH_MSGH_BITS_COMPLEX, KernReturn, MsgOption, MsgType, PortRight
from portaudit.mach.messages import (
    HEADER,
    TRAILER,
    Descriptor,
    Message,
    PortDescriptor,
    PortsDescriptor,
    pack,
    unpack,
)
from portaudit.mach.serving import Wait

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


Ask = Callable[..., Answer]

KNOWN = MsgOption.SEND_MSG | MsgOption.RCV_MSG | MsgOption.SEND_TIMEOUT | MsgOption.RCV_TIMEOUT
LONGEST = 65536
"""Bytes of the longest message received, in GNU Mach's layout."""

AT_ONCE = 0
NO_NAME = 0


@dataclass(frozen=True, slots=True)
class Exchange:
    """The inputs of mach_msg, in the order of its prototype; `timeout` in milliseconds."""

    message: bytes | None
    option: int
    send_size: int
    rcv_size: int
    rcv_name: int
    timeout: int
    notify: int

    def play(self, ask: Ask) -> Reply | Wait:
        """Send, receive, or first the one and then the other.

        Raises NotImplementedError for options that are not played here.
        """
        if self.option & ~KNOWN:
            raise NotImplementedError(
                f"mach_msg with option {self.option & ~KNOWN:#x}: not played on GNU Mach"
            )
        outcome: Reply | Wait = Reply(KernReturn.KERN_SUCCESS, (None,))
        if self.option & MsgOption.SEND_MSG:
            outcome = self._send(ask)
        if self.option & MsgOption.RCV_MSG and isinstance(outcome, Reply) and not outcome.code:
            outcome = self._receive(ask)
        return outcome

    def _send(self, ask: Ask) -> Reply | Wait:
        if self.message is None or len(self.message) < HEADER.size or len(self.message) % 4:
            return Reply(KernReturn.MACH_SEND_MSG_TOO_SMALL, (None,))
        try:
            words = to_words(unpack(self.message))
        except ValueError:
            return Reply(KernReturn.MACH_SEND_INVALID_TYPE, (None,))
        option = MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
        answer = ask("mach_msg", option, 4 * len(words), 0, NO_NAME, AT_ONCE, NO_NAME, *words)
        if answer.code != KernReturn.MACH_SEND_TIMED_OUT:
            return Reply(answer.code, (None,))
        # The queue is full, and the message came back with its rights: what is sent next is that
        back = pack(from_words(answer.numbers))
        limited = self.option & MsgOption.SEND_TIMEOUT
        if limited and not self.timeout:
            return Reply(answer.code, (back,))
        return self._again(back, self.option, limited, KernReturn.MACH_SEND_TIMED_OUT)

    def _receive(self, ask: Ask) -> Reply | Wait:
        option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
        answer = ask("mach_msg", option, 0, LONGEST, self.rcv_name, AT_ONCE, NO_NAME)
        if answer.code == KernReturn.KERN_SUCCESS:
            return _deliver(ask, from_words(answer.numbers), self.rcv_size)
        limited = self.option & MsgOption.RCV_TIMEOUT
        if answer.code != KernReturn.MACH_RCV_TIMED_OUT or (limited and not self.timeout):
            return Reply(answer.code, (None,))
        option = self.option & ~(MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT)
        return self._again(None, option, limited, KernReturn.MACH_RCV_TIMED_OUT)

    def _again(self, message: bytes | None, option: int, limited: int, timed_out: int) -> Wait:
        rest = (self.rcv_size, self.rcv_name, self.timeout, self.notify)
        inputs = (message, option, len(message or b""), *rest)
        return Wait("mach_msg", inputs, self.timeout if limited else None, timed_out)


def _deliver(ask: Ask, message: Message, size: int) -> Reply:
    data = pack(message)
    if len(data) + TRAILER.size <= size:
        return Reply(KernReturn.KERN_SUCCESS, (data,))
    _destroy(ask, message)
    return Reply(KernReturn.MACH_RCV_TOO_LARGE, (None,))


def _destroy(ask: Ask, message: Message) -> None:
    """Give back what a message brought: it does not fit the receiver's buffer in today's layout."""
    rights = [(message.remote, message.remote_disposition)]
    for descriptor in message.descriptors:
        names = [descriptor.name] if isinstance(descriptor, PortDescriptor) else descriptor.names
        rights += [(name, descriptor.disposition) for name in names]
    task = ask("mach_task_self").numbers[0]
    for name, disposition in rights:
        if disposition == MsgType.MOVE_RECEIVE:
            ask("mach_port_mod_refs", task, name, PortRight.RECEIVE, -1)
        elif disposition in (MsgType.MOVE_SEND, MsgType.MOVE_SEND_ONCE):
            ask("mach_port_deallocate", task, name)
    ask("mach_port_deallocate", task, task)
