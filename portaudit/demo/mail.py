"""Sending and receiving messages with port rights, as a C program does with mach_msg."""

import ctypes
from typing import TYPE_CHECKING

from portaudit.mach import c_types as c
from portaudit.mach.constants import KernReturn, MsgOption, MsgType, PortRight
from portaudit.mach.library import KernError, Mach
from portaudit.mach.messages import Message, pack, unpack

if TYPE_CHECKING:
    from portaudit.mach.functions import Place

BUFFER_SIZE = 512
"""Bytes: every message of the demo fits, with its trailer."""


def new_mailbox(mach: Mach) -> int:
    """Allocate a receive right and give its name."""
    name = c.mach_port_name_t()
    mach.mach_port_allocate(mach.task_self, PortRight.RECEIVE, ctypes.byref(name))
    return name.value


def send(mach: Mach, message: Message) -> None:
    """Send a message; waits while the queue is full."""
    data = pack(message)
    buffer = ctypes.create_string_buffer(data, len(data))
    mach.mach_msg(_header(buffer), MsgOption.SEND_MSG, len(data), 0, 0, 0, 0)


def receive(mach: Mach, name: int, milliseconds: int) -> Message | None:
    """Receive a message within a time; None if none came."""
    buffer = ctypes.create_string_buffer(BUFFER_SIZE)
    option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
    try:
        mach.mach_msg(_header(buffer), option, 0, BUFFER_SIZE, name, milliseconds, 0)
    except KernError as error:
        if error.code == KernReturn.MACH_RCV_TIMED_OUT:
            return None
        raise
    return unpack(buffer.raw)


def answer(mach: Mach, request: Message) -> None:
    """Answer a received request: the send-once right that came with it is used up."""
    send(mach, Message(request.remote, MsgType.MOVE_SEND_ONCE, id=request.id + 100))


def _header(buffer: ctypes.Array[ctypes.c_char]) -> "Place":
    return ctypes.byref(c.mach_msg_header_t.from_buffer(buffer))
