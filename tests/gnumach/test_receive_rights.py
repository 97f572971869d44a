"""What a receive right tells on GNU Mach: its status, its port set, the requests armed on it."""

import pytest

from portaudit.mach.calls import Reply
from portaudit.mach.constants import KernReturn, MsgType, Notification, PortFlavor, PortRight, PortType

pytestmark = pytest.mark.gnumach


def _receive_right(task):
    return task.call("mach_port_allocate", (task.task_self_name, PortRight.RECEIVE)).outputs[0]


def test_the_status_of_a_receive_right_has_xnus_fields(new_task):
    """mach_port_status_t of XNU: ten words, the last (flags) 0; LIMITS_INFO is one of them."""
    task = new_task()
    own, name = task.task_self_name, _receive_right(task)
    task.call("mach_port_set_mscount", (own, name, 7))
    inputs = (own, name, PortFlavor.RECEIVE_STATUS)
    assert task.call("mach_port_get_attributes", (*inputs, 10)).outputs == ([0, 0, 7, 5, 0, 0, 0, 0, 0, 0],)
    assert task.call("mach_port_get_attributes", (*inputs, 9)) == Reply(KernReturn.KERN_FAILURE)
    assert task.call("mach_port_get_attributes", (own, name, PortFlavor.LIMITS_INFO, 1)).outputs == ([5],)


def test_a_port_set_tells_its_members(new_task):
    """A receive right moves into a set, which its status shows, and out of it."""
    task = new_task()
    own, name = task.task_self_name, _receive_right(task)
    (port_set,) = task.call("mach_port_allocate", (own, PortRight.PORT_SET)).outputs
    assert task.call("mach_port_move_member", (own, name, port_set)).code == KernReturn.KERN_SUCCESS
    assert task.call("mach_port_get_set_status", (own, port_set)).outputs == ([name],)
    inputs = (own, name, PortFlavor.RECEIVE_STATUS, 10)
    assert task.call("mach_port_get_attributes", inputs).outputs[0][0] == 1
    assert task.call("mach_port_move_member", (own, name, 0)).code == KernReturn.KERN_SUCCESS
    assert task.call("mach_port_get_set_status", (own, port_set)).outputs == ([],)


def test_an_armed_request_shows_in_the_type(new_task):
    """DNREQUEST stands in the type, and arming again gives the old send-once right back."""
    task = new_task()
    own, name, notify = task.task_self_name, _receive_right(task), _receive_right(task)
    task.call("mach_port_insert_right", (own, name, name, MsgType.MAKE_SEND))
    inputs = (own, name, Notification.DEAD_NAME, 0, notify, MsgType.MAKE_SEND_ONCE)
    assert task.call("mach_port_request_notification", inputs) == Reply(KernReturn.KERN_SUCCESS, (0,))
    kind = PortType.SEND_RECEIVE | PortType.DNREQUEST
    assert task.call("mach_port_type", (own, name)) == Reply(KernReturn.KERN_SUCCESS, (kind,))
    (previous,) = task.call("mach_port_request_notification", inputs).outputs
    assert task.space()[previous] == (PortType.SEND_ONCE, {PortRight.SEND_ONCE: 1})
