"""What becomes of rights when their port dies, and who is told."""

import struct

import pytest

from portaudit.mach.constants import GuardFlavor, KernReturn, MsgType, Notification, PortRight, PortType

ROW = struct.Struct("<IiIIIII")


@pytest.fixture
def right(host, extension):
    """The extension's send right to a port of the host, with three references."""
    host.give(extension, host.receive_right(), 0x5503)
    extension.ask("mach_port_mod_refs", 0x5503, PortRight.SEND, 2)
    return 0x5503


@pytest.fixture
def notify(extension):
    """A port that the extension is told things on."""
    return extension.receive_right()


def arm(process, name, kind, notify, sync=0):
    return process.ask("mach_port_request_notification", name, kind, sync, notify, MsgType.MAKE_SEND_ONCE)


def row(process, name):
    table = process.ask("mach_port_space_info")[1]
    return next(cells for cells in ROW.iter_unpack(table) if cells[0] == name)


def test_a_right_to_a_dead_port_is_converted_when_it_is_looked_at(host, extension, right):
    """space_info still shows a send right, names a dead name; type makes it one, and keeps the references."""
    host.ask("mach_port_destroy", 0x303)
    assert row(extension, right)[2] == PortType.SEND
    assert dict(zip(*extension.ask("mach_port_names"), strict=True))[right] == PortType.DEAD_NAME
    assert row(extension, right)[2] == PortType.SEND

    assert extension.type(right) == PortType.DEAD_NAME
    assert row(extension, right)[2:5] == (PortType.DEAD_NAME, 3, 0)


def test_what_died_unseen_is_no_name_to_calls_that_need_an_object(host, extension, right):
    """Kobject and the other lookups of objects answer KERN_INVALID_NAME, and convert nothing."""
    host.ask("mach_port_destroy", 0x303)

    assert extension.code("mach_port_kobject", right) == KernReturn.KERN_INVALID_NAME
    assert row(extension, right)[2] == PortType.SEND


def test_a_dead_name_request_adds_the_reference_that_the_message_carries(host, extension, right, notify):
    """With a request armed the dead name has one reference more, for whoever gets the notification."""
    arm(extension, right, Notification.DEAD_NAME, notify)
    assert extension.type(right) == PortType.SEND | PortType.DNREQUEST
    host.ask("mach_port_destroy", 0x303)

    message = extension.receive(notify)
    assert (message.id, struct.unpack("<I", message.body[8:])) == (Notification.DEAD_NAME, (right,))
    assert extension.refs(right, PortRight.DEAD_NAME) == 4


def test_a_name_that_goes_first_is_reported_deleted(extension, right, notify):
    """Freeing a name with a request armed sends PORT_DELETED instead."""
    arm(extension, right, Notification.DEAD_NAME, notify)
    extension.ask("mach_port_destroy", right)

    assert extension.receive(notify).id == Notification.PORT_DELETED


def test_a_replaced_request_gives_its_notify_right_back(extension, right, notify):
    """A second request returns the first one's send-once right; a null right only withdraws."""
    first = arm(extension, right, Notification.DEAD_NAME, notify)
    second = arm(extension, right, Notification.DEAD_NAME, notify)
    none = extension.ask(
        "mach_port_request_notification", right, Notification.DEAD_NAME, 0, 0, MsgType.MAKE_SEND_ONCE
    )

    assert first == 0
    assert extension.type(second) == extension.type(none) == PortType.SEND_ONCE
    assert extension.type(right) == PortType.SEND


def test_a_dead_name_request_on_a_dead_name_is_refused(extension, notify):
    """What is dead cannot be waited for; a send-possible request answers at once, with a reference."""
    dead = extension.ask("mach_port_allocate", PortRight.DEAD_NAME)
    code = extension.code(
        "mach_port_request_notification", dead, Notification.DEAD_NAME, 1, notify, MsgType.MAKE_SEND_ONCE
    )
    assert code == KernReturn.KERN_INVALID_ARGUMENT
    arm(extension, dead, Notification.SEND_POSSIBLE, notify)

    assert extension.refs(dead, PortRight.DEAD_NAME) == 2


def test_send_possible_is_told_when_a_full_queue_is_served(host, extension, right, notify):
    """An armed send-possible request fires when the receiver takes a message."""
    for _ in range(5):
        extension.send(right)
    arm(extension, right, Notification.SEND_POSSIBLE, notify, sync=1)
    assert extension.type(right) == PortType.SEND | PortType.DNREQUEST
    host.receive(0x303)

    assert extension.receive(notify).id == Notification.SEND_POSSIBLE


def test_the_last_send_right_tells_the_receiver(host, extension, right):
    """No-senders comes when no space and no message has a send right, with the make-send count."""
    notify = host.receive_right()
    arm(host, 0x303, Notification.NO_SENDERS, notify)
    extension.ask("mach_port_destroy", right)

    message = host.receive(notify)
    assert (message.id, struct.unpack("<I", message.body[8:])) == (Notification.NO_SENDERS, (1,))


def test_a_port_destroyed_request_saves_the_port(host, extension, right):
    """The receive right goes to the notify port instead of dying; its senders notice nothing."""
    notify = host.receive_right()
    arm(host, 0x303, Notification.PORT_DESTROYED, notify)
    host.ask("mach_port_destroy", 0x303)

    (descriptor,) = host.receive(notify).descriptors
    assert host.type(descriptor.name) == PortType.RECEIVE
    assert extension.type(right) == PortType.SEND


def test_only_one_can_ask_for_a_port_before_it_is_destroyed(host):
    """A second port-destroyed request is KERN_FAILURE with a guard."""
    port, notify = host.receive_right(), host.receive_right()
    arm(host, port, Notification.PORT_DESTROYED, notify)
    code = host.code(
        "mach_port_request_notification", port, Notification.PORT_DESTROYED, 0, notify, MsgType.MAKE_SEND_ONCE
    )

    assert code == KernReturn.KERN_FAILURE
    assert host.guards() == [(GuardFlavor.KERN_FAILURE, port)]


def test_a_dying_queue_gives_back_what_was_in_it(host, extension, right):
    """Messages in the queue of a port that dies release their rights."""
    inner = extension.receive_right()
    extension.send(right, (inner, MsgType.MAKE_SEND), (inner, MsgType.MAKE_SEND_ONCE))
    assert extension.port(inner).srights == 1
    host.ask("mach_port_destroy", 0x303)

    assert extension.port(inner).srights == 0
    assert extension.receive(inner).id == Notification.SEND_ONCE
