"""Handing a right from one task to another, as processes do: by a message with a port descriptor."""

import ctypes

from portaudit.demo.player import new_mailbox, receive, send
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType
from portaudit.mach.library import task_port
from portaudit.mach.messages import Message, PortDescriptor
from tests.kernels import pid_of


def post(giver, taker, port, disposition):
    """Send a right to `taker` and give the name under which it arrived there; nothing else stays behind."""
    mailbox = new_mailbox(taker)
    address = _send_right(giver, taker, mailbox)
    send(giver, Message(address, MsgType.MOVE_SEND, descriptors=(PortDescriptor(port, disposition),)))
    message = receive(taker, mailbox, 0)
    assert message is not None
    taker.mach_port_destroy(taker.task_self, mailbox)
    (descriptor,) = message.descriptors
    assert isinstance(descriptor, PortDescriptor)
    return descriptor.name


def _send_right(giver, taker, mailbox):
    name, kind = c.mach_port_t(), c.mach_msg_type_name_t()
    with task_port(giver, "task_for_pid", pid_of(taker)) as task:
        giver.mach_port_extract_right(
            task, mailbox, MsgType.MAKE_SEND, ctypes.byref(name), ctypes.byref(kind)
        )
    return name.value
