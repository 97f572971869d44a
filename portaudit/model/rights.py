"""The five kinds of right, and how a name's type bits say which it has (mach/port.h)."""

from enum import StrEnum
from functools import cache

UREFS_MAX = 65535
"""Where user references stick: XNU osfmk/ipc/port.h:80. A count that stands here says nothing."""


class Right(StrEnum):
    """A kind of right, spelled as every output of portaudit spells it."""

    SEND = "send"
    RECEIVE = "recv"
    SEND_ONCE = "send-once"
    PORT_SET = "port-set"
    DEAD_NAME = "dead-name"

    __hash__ = str.__hash__  # an Enum's own is a function of Python, and a right is a key for each row


SEND, RECEIVE, SEND_ONCE, DEAD_NAME = Right.SEND, Right.RECEIVE, Right.SEND_ONCE, Right.DEAD_NAME
"""For what asks of each row: Python 3.11 takes as long for `Right.SEND` as for calling a function."""

TYPE_BIT: dict[Right, int] = {
    Right.SEND: 0x0001_0000,
    Right.RECEIVE: 0x0002_0000,
    Right.SEND_ONCE: 0x0004_0000,
    Right.PORT_SET: 0x0008_0000,
    Right.DEAD_NAME: 0x0010_0000,
}
"""MACH_PORT_TYPE_* of each right."""

RECEIVE_BIT = TYPE_BIT[Right.RECEIVE]

RIGHTS_MASK = 0x001F_0000
"""The bits that are rights; the others are requests that come and go."""

DEAD_NAME_REQUEST_BIT = 0x8000_0000
"""MACH_PORT_TYPE_DNREQUEST: somebody wants to hear of the port's death under this name."""


@cache
def rights_of(type_bits: int) -> tuple[Right, ...]:
    """Name the rights in a name's type bits, receive first, as lsmp writes `recv,send`."""
    order = (Right.RECEIVE, Right.SEND, Right.SEND_ONCE, Right.PORT_SET, Right.DEAD_NAME)
    return tuple(right for right in order if type_bits & TYPE_BIT[right])
