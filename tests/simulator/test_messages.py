"""Rights in messages: what each disposition takes from the sender and gives to the receiver."""

import pytest

from portaudit.mach.constants import (
    GuardFlavor,
    KernReturn,
    MsgOption,
    MsgType,
    Notification,
    PortRight,
    PortType,
)
from portaudit.mach.messages import Message, PortDescriptor, PortsDescriptor, pack, unpack
from portaudit.simulator.c_api import ProcessKilledError, WouldBlockError

DEAD = 0xFFFFFFFF


@pytest.fixture
def inbox(extension, host):
    """The host's name for a send right to a port of the extension, and the extension's own name for it."""
    name = extension.receive_right()
    extension.give(host, name, 0x5503)
    return 0x5503, name


def arrived(extension, inbox):
    return [descriptor.name for descriptor in extension.receive(inbox[1]).descriptors]


def test_copy_send_leaves_the_sender_as_it_was(host, extension, inbox):
    """COPY_SEND: the sender keeps its references, the receiver gets one under a new name."""
    right = host.receive_right(send=True)
    assert host.send(inbox[0], (right, MsgType.COPY_SEND)) == 0

    (name,) = arrived(extension, inbox)
    assert (host.refs(right), extension.refs(name)) == (1, 1)
    assert extension.type(name) == PortType.SEND


def test_move_send_takes_one_reference_along(host, extension, inbox):
    """MOVE_SEND: each move costs the sender one reference; with the last one its send right is gone."""
    right = host.receive_right(send=True)
    host.ask("mach_port_mod_refs", right, PortRight.SEND, 1)
    host.send(inbox[0], (right, MsgType.MOVE_SEND))
    assert host.refs(right) == 1
    host.send(inbox[0], (right, MsgType.MOVE_SEND))

    assert host.type(right) == PortType.RECEIVE
    assert arrived(extension, inbox) == arrived(extension, inbox)


def test_make_send_gives_the_sender_no_send_right(host, extension, inbox):
    """MAKE_SEND: the right is made from the receive right, and the make-send count tells."""
    right = host.receive_right()
    host.send(inbox[0], (right, MsgType.MAKE_SEND))

    assert host.type(right) == PortType.RECEIVE
    assert host.port(right).mscount == 1
    assert len(arrived(extension, inbox)) == 1


def test_rights_to_one_port_add_up_under_one_name(host, extension, inbox):
    """Three transfers of one port leave the receiver with three references, not three names."""
    right = host.receive_right(send=True)
    names = []
    for _ in range(3):
        host.send(inbox[0], (right, MsgType.COPY_SEND))
        names += arrived(extension, inbox)

    assert len(set(names)) == 1
    assert extension.refs(names[0]) == 3
    assert host.ask("mach_port_get_srights", right) == 2


def test_each_send_once_right_has_a_name_of_its_own(host, extension, inbox):
    """MAKE_SEND_ONCE: two rights to one port come under two names."""
    right = host.receive_right()
    host.send(inbox[0], (right, MsgType.MAKE_SEND_ONCE), (right, MsgType.MAKE_SEND_ONCE))

    first, second = arrived(extension, inbox)
    assert first != second
    assert host.port(right).sorights == 2


def test_a_send_once_right_is_used_up_by_a_message(host, extension, inbox):
    """MOVE_SEND_ONCE as destination: the name goes with the message, a second use is refused."""
    right = host.receive_right()
    host.send(inbox[0], local=(right, MsgType.MAKE_SEND_ONCE))
    answer = extension.receive(inbox[1]).remote

    assert extension.send(answer, disposition=MsgType.MOVE_SEND_ONCE) == 0
    again = extension.send(answer, disposition=MsgType.MOVE_SEND_ONCE)
    assert again == KernReturn.MACH_SEND_INVALID_DEST
    assert host.receive(right).local == right


def test_a_send_once_right_that_is_thrown_away_answers_for_itself(host, extension, inbox):
    """Deallocating an unused send-once right sends its receiver a SEND_ONCE notification."""
    right = host.receive_right()
    host.send(inbox[0], (right, MsgType.MAKE_SEND_ONCE))
    extension.ask("mach_port_deallocate", arrived(extension, inbox)[0])

    assert host.receive(right).id == Notification.SEND_ONCE


def test_move_receive_takes_the_port_and_leaves_the_send_right(host, extension, inbox):
    """MOVE_RECEIVE: the sender keeps its send references under the old name; the queue travels along."""
    right = host.receive_right(send=True)
    host.send(right, identity=7)
    host.send(inbox[0], (right, MsgType.MOVE_RECEIVE))

    assert host.type(right) == PortType.SEND
    (name,) = arrived(extension, inbox)
    assert extension.type(name) == PortType.RECEIVE
    assert extension.receive(name).id == 7


def test_a_port_in_a_message_is_in_no_space(host, inbox):
    """Between send and receive a moved right counts for the port, and for no task."""
    right = host.receive_right(send=True)
    host.send(inbox[0], (right, MsgType.MOVE_SEND))

    assert host.port(right).srights == 1
    assert host.refs(right) == 0


def test_a_dead_name_travels_as_dead(host, extension, inbox):
    """Moving a dead name costs a reference of it and arrives as MACH_PORT_DEAD, with no entry."""
    dead = host.ask("mach_port_allocate", PortRight.DEAD_NAME)
    host.send(inbox[0], (dead, MsgType.MOVE_SEND), (0, MsgType.COPY_SEND))

    assert arrived(extension, inbox) == [DEAD, 0]
    assert host.code("mach_port_type", dead) == KernReturn.KERN_INVALID_NAME


def test_a_port_that_dies_under_way_arrives_dead(host, extension, inbox):
    """A right whose port died while the message was queued leaves nothing to release."""
    right = host.receive_right()
    host.send(inbox[0], (right, MsgType.MAKE_SEND))
    host.ask("mach_port_destroy", right)

    assert arrived(extension, inbox) == [DEAD]


def test_a_wrong_right_destroys_what_was_taken_before(host, inbox):
    """A bad descriptor fails the send; a reference moved by an earlier one is not given back."""
    right = host.receive_right(send=True)
    host.ask("mach_port_mod_refs", right, PortRight.SEND, 1)
    code = host.send(inbox[0], (right, MsgType.MOVE_SEND), (inbox[0], MsgType.MAKE_SEND))

    assert code == KernReturn.MACH_SEND_INVALID_RIGHT
    assert host.refs(right) == 1
    assert host.guards() == [(GuardFlavor.SEND_INVALID_RIGHT, inbox[0])]


def test_a_full_queue_gives_the_rights_back(host, extension, inbox):
    """The sixth message does not fit: its moved right comes back to the sender."""
    right = host.receive_right(send=True)
    codes = [host.send(inbox[0]) for _ in range(5)]
    codes.append(host.send(inbox[0], (right, MsgType.MOVE_SEND)))

    assert codes == [0, 0, 0, 0, 0, KernReturn.MACH_SEND_TIMED_OUT]
    assert host.refs(right) == 1
    assert len(extension.port(inbox[1]).queue) == 5


def test_the_same_name_can_be_moved_and_copied_in_one_header(host, extension, inbox):
    """Destination MOVE_SEND and reply COPY_SEND of one last reference: both get a right."""
    assert host.send(inbox[0], disposition=MsgType.MOVE_SEND, local=(inbox[0], MsgType.COPY_SEND)) == 0

    received = extension.receive(inbox[1])
    assert (received.remote, received.local) == (inbox[1], inbox[1])
    assert host.code("mach_port_type", inbox[0]) == KernReturn.KERN_INVALID_NAME


def test_arrays_of_rights_count_each_element(host, extension, inbox):
    """An out-of-line array adds one reference for each element that names the port."""
    right = host.receive_right(send=True)
    message = Message(
        inbox[0], MsgType.COPY_SEND, descriptors=(PortsDescriptor((right, right, 0), MsgType.COPY_SEND),)
    )
    data = pack(message)
    option = MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
    assert host.calls.call("mach_msg", (data, option, len(data), 0, 0, 0, 0)).code == 0

    (array,) = extension.receive(inbox[1]).descriptors
    assert array == PortsDescriptor((array.names[0], array.names[0], 0), MsgType.MOVE_SEND)
    assert extension.refs(array.names[0]) == 2


def test_a_port_that_travels_in_its_own_queue_is_destroyed(host):
    """A receive right sent to itself could never be received: it is destroyed, and the send succeeds."""
    right = host.receive_right(send=True)
    assert host.send(right, (right, MsgType.MOVE_RECEIVE)) == 0

    assert host.type(right) == PortType.DEAD_NAME


def test_a_message_too_large_for_its_buffer_loses_its_rights(host, extension, inbox):
    """Without MACH_RCV_LARGE the rights are destroyed; only the header arrives."""
    right = host.receive_right()
    host.send(inbox[0], (right, MsgType.MAKE_SEND))
    option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
    large = extension.calls.call("mach_msg", (None, option | MsgOption.RCV_LARGE, 0, 32, inbox[1], 0, 0))
    assert (large.code, host.port(right).srights) == (KernReturn.MACH_RCV_TOO_LARGE, 1)

    lost = extension.calls.call("mach_msg", (None, option, 0, 32, inbox[1], 0, 0))
    assert (lost.code, host.port(right).srights) == (KernReturn.MACH_RCV_TOO_LARGE, 0)
    assert unpack(lost.outputs[0] + bytes(4)).local == inbox[1]


def test_a_plain_message_to_the_kernel_is_refused_and_kills(host):
    """mach_msg to a task port is MACH_SEND_INVALID_OPTIONS with a guard that is always fatal."""
    with pytest.raises(ProcessKilledError, match="INVALID_OPTIONS"):
        host.send(0x103)

    assert not host.task.active


def test_a_receive_through_a_set_serves_the_members_in_turn(host):
    """A port set hands out messages of its members one after the other, named after the member."""
    ports = [host.receive_right(send=True) for _ in range(2)]
    port_set = host.ask("mach_port_allocate", PortRight.PORT_SET)
    for port in ports:
        host.ask("mach_port_insert_member", port, port_set)
        host.send(port)
        host.send(port)

    assert [host.receive(port_set).local for _ in range(4)] == [*ports, *ports]


def test_an_empty_queue_makes_a_receiver_wait(host):
    """Without a time-out a receive says that it waits, and how to go on."""
    port = host.receive_right(send=True)
    with pytest.raises(WouldBlockError) as blocked:
        host.calls.call("mach_msg", (None, MsgOption.RCV_MSG, 0, 4096, port, 0, 0))
    waits = blocked.value
    assert (waits.timeout, waits.timed_out) == (None, KernReturn.MACH_RCV_TIMED_OUT)

    host.send(port, identity=5)
    assert unpack(host.calls.call(waits.function, waits.inputs).outputs[0]).id == 5


def test_a_send_and_receive_sends_once_however_often_it_is_tried(host, extension, inbox):
    """What waits for its answer is retried as a receive alone."""
    port = host.receive_right()
    message = pack(Message(inbox[0], MsgType.COPY_SEND, port, MsgType.MAKE_SEND_ONCE))
    both = MsgOption.SEND_MSG | MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
    with pytest.raises(WouldBlockError) as blocked:
        host.calls.call("mach_msg", (message, both, len(message), 4096, port, 250, 0))
    with pytest.raises(WouldBlockError):
        host.calls.call(blocked.value.function, blocked.value.inputs)

    assert blocked.value.timeout == 250
    assert len(extension.port(inbox[1]).queue) == 1


def test_a_sender_waits_for_room_without_losing_anything(host, extension, inbox):
    """A send without time-out to a full queue changes nothing until there is room."""
    for _ in range(5):
        host.send(inbox[0])
    right = host.receive_right(send=True)
    rights = (PortDescriptor(right, MsgType.MOVE_SEND),)
    data = pack(Message(inbox[0], MsgType.COPY_SEND, descriptors=rights))
    with pytest.raises(WouldBlockError) as blocked:
        host.calls.call("mach_msg", (data, MsgOption.SEND_MSG, len(data), 0, 0, 0, 0))
    assert host.refs(right) == 1

    extension.receive(inbox[1])
    assert host.calls.call(blocked.value.function, blocked.value.inputs).code == 0
    assert host.refs(right) == 0
