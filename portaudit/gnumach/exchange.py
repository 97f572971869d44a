"""mach_msg on GNU Mach: what blocks in a task there must not block the machine's one line here.

So each trap is made with no time-out at all, and repeated from here until it is done or the time is up.
"""

import time
from collections.abc import Callable

from portaudit.gnumach.driver import Answer
from portaudit.gnumach.typed import from_words, to_words
from portaudit.mach.calls import Reply
from portaudit.mach.constants import KernReturn, MsgOption, MsgType, PortRight
from portaudit.mach.messages import TRAILER, Message, PortDescriptor, pack, unpack

Ask = Callable[..., Answer]

KNOWN = MsgOption.SEND_MSG | MsgOption.RCV_MSG | MsgOption.SEND_TIMEOUT | MsgOption.RCV_TIMEOUT
LONGEST = 65536
"""Bytes of the longest message received, in GNU Mach's layout."""
PAUSE = 0.002
"""Seconds between two traps of a call that waits."""

AT_ONCE = 0
NO_NAME = 0


def exchange(
    ask: Ask, message: bytes | None, option: int, rcv_size: int, rcv_name: int, timeout: int
) -> Reply:
    """Send, receive, or both, as mach_msg does; `timeout` in milliseconds.

    Raises NotImplementedError for options that are not played here.
    """
    if option & ~KNOWN:
        raise NotImplementedError(f"mach_msg with option {option & ~KNOWN:#x}: not played on GNU Mach")
    reply = Reply(KernReturn.KERN_SUCCESS, (None,))
    if option & MsgOption.SEND_MSG and message is not None:
        reply = _send(ask, message, _deadline(option & MsgOption.SEND_TIMEOUT, timeout))
    if option & MsgOption.RCV_MSG and reply.code == KernReturn.KERN_SUCCESS:
        reply = _receive(ask, rcv_name, rcv_size, _deadline(option & MsgOption.RCV_TIMEOUT, timeout))
    return reply


def _deadline(limited: int, timeout: int) -> float:
    return time.monotonic() + timeout / 1000 if limited else float("inf")


def _send(ask: Ask, message: bytes, deadline: float) -> Reply:
    try:
        words = to_words(unpack(message))
    except ValueError:
        return Reply(KernReturn.MACH_SEND_INVALID_TYPE, (None,))
    option = MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
    while True:
        answer = ask("mach_msg", option, 4 * len(words), 0, NO_NAME, AT_ONCE, NO_NAME, *words)
        if answer.code != KernReturn.MACH_SEND_TIMED_OUT:
            return Reply(answer.code, (None,))
        # The queue is full, and the message came back with its rights: what is sent next is that
        words = answer.numbers
        if time.monotonic() >= deadline:
            return Reply(answer.code, (pack(from_words(words)),))
        time.sleep(PAUSE)


def _receive(ask: Ask, name: int, size: int, deadline: float) -> Reply:
    option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
    while True:
        answer = ask("mach_msg", option, 0, LONGEST, name, AT_ONCE, NO_NAME)
        if answer.code == KernReturn.KERN_SUCCESS:
            return _deliver(ask, from_words(answer.numbers), size)
        if answer.code != KernReturn.MACH_RCV_TIMED_OUT or time.monotonic() >= deadline:
            return Reply(answer.code, (None,))
        time.sleep(PAUSE)


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
