"""mach_msg on GNU Mach: what blocks in a task there must not block the one line to the machine.

So each trap is made with no time at all; where XNU's would sleep, the answer is what to call again.
"""

from collections.abc import Callable
from dataclasses import dataclass

from portaudit.gnumach.driver import Answer
from portaudit.gnumach.typed import from_words, to_words
from portaudit.mach.calls import Reply
from portaudit.mach.constants import KernReturn, MsgOption, MsgType, PortRight
from portaudit.mach.messages import HEADER, TRAILER, Message, PortDescriptor, pack, unpack
from portaudit.mach.serving import Wait

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
