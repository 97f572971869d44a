"""Messages between GNU Mach tasks: rights, bytes, full queues, waiting, and buffers that are too small."""

import threading
import time

import pytest

from portaudit.mach.calls import Reply
from portaudit.mach.constants import KernReturn, MsgOption, MsgType, Notification, PortRight, PortType
from portaudit.mach.messages import Message, PortDescriptor, PortsDescriptor, pack, unpack
from portaudit.mach.serving import Wait

pytestmark = pytest.mark.gnumach

SEND = MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
RECEIVE = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
COPY_SEND = MsgType.COPY_SEND
ROOM = 1000


def _send(task, message, timeout=0, option=SEND):
    data = pack(message)
    return task.call("mach_msg", (data, option, len(data), 0, 0, timeout, 0))


def _names(message):
    """The names that each of a message's descriptors carries."""
    return [
        [descriptor.name] if isinstance(descriptor, PortDescriptor) else list(descriptor.names)
        for descriptor in message.descriptors
    ]


def _receive(task, name, timeout=0, option=RECEIVE, room=ROOM):
    return task.call("mach_msg", (None, option, 0, room, name, timeout, 0))


@pytest.fixture
def pair(new_task):
    """A sender, a receiver, and the sender's and the receiver's name for the receiver's inbox."""
    sender, receiver = new_task(), new_task()
    (inbox,) = receiver.call("mach_port_allocate", (receiver.task_self_name, PortRight.RECEIVE)).outputs
    (port,) = sender.call("task_for_pid", (sender.task_self_name, receiver.pid)).outputs
    (to_inbox, _) = sender.call("mach_port_extract_right", (port, inbox, MsgType.MAKE_SEND)).outputs
    sender.call("mach_port_deallocate", (sender.task_self_name, port))
    return sender, receiver, to_inbox, inbox


def test_a_task_port_is_transferred(pair):
    """COPY_SEND of the sender's own task port adds one reference at the receiver each time, none at home."""
    sender, receiver, to_inbox, inbox = pair
    own = sender.task_self_name
    home = sender.space()
    arrived = []
    for _ in range(2):
        message = Message(
            to_inbox, COPY_SEND, id=7, descriptors=(PortDescriptor(own, COPY_SEND),), body=b"port"
        )
        assert _send(sender, message).code == KernReturn.KERN_SUCCESS
        arrived.append(unpack(_receive(receiver, inbox).outputs[0]))
    (name,) = {name for message in arrived for (name,) in _names(message)}
    assert arrived == 2 * [
        Message(0, 0, inbox, MsgType.MOVE_SEND, 7, (PortDescriptor(name, MsgType.MOVE_SEND),), b"port")
    ]
    assert receiver.space()[name] == (PortType.SEND, {PortRight.SEND: 2})
    assert sender.space() == home
    assert receiver.call("pid_for_task", (name,)).outputs == (sender.pid,)


def test_an_array_of_rights_arrives_as_one(pair):
    """Each element counts by itself, and the array is told from single rights."""
    sender, receiver, to_inbox, inbox = pair
    own = sender.task_self_name
    array = PortsDescriptor((own, to_inbox, own), COPY_SEND)
    _send(sender, Message(to_inbox, COPY_SEND, descriptors=(array, PortsDescriptor((), COPY_SEND))))
    arrived = unpack(_receive(receiver, inbox).outputs[0])
    name = _names(arrived)[0][0]
    assert arrived.descriptors == (
        PortsDescriptor((name, inbox, name), MsgType.MOVE_SEND),
        PortsDescriptor((), MsgType.MOVE_SEND),
    )
    assert receiver.space()[name] == (PortType.SEND, {PortRight.SEND: 2})
    assert receiver.space()[inbox] == (PortType.SEND_RECEIVE, {PortRight.SEND: 1, PortRight.RECEIVE: 1})


def test_a_reply_right_comes_with_the_header(pair):
    """MAKE_SEND_ONCE in the header arrives as a send-once right under a name of its own."""
    sender, receiver, to_inbox, inbox = pair
    (reply_port,) = sender.call("mach_reply_port", ()).outputs
    _send(sender, Message(to_inbox, COPY_SEND, reply_port, MsgType.MAKE_SEND_ONCE))
    arrived = unpack(_receive(receiver, inbox).outputs[0])
    assert arrived.remote_disposition == MsgType.MOVE_SEND_ONCE
    assert receiver.space()[arrived.remote] == (PortType.SEND_ONCE, {PortRight.SEND_ONCE: 1})
    _send(receiver, Message(arrived.remote, MsgType.MOVE_SEND_ONCE, id=8))
    assert unpack(_receive(sender, reply_port).outputs[0]).id == 8


def test_a_full_queue_gives_the_message_back(pair):
    """The sixth comes back: its rights the sender's again, the destination's copy one more reference."""
    sender, receiver, to_inbox, inbox = pair
    (name,) = sender.call("mach_port_allocate", (sender.task_self_name, PortRight.RECEIVE)).outputs
    for _ in range(5):
        assert _send(sender, Message(to_inbox, COPY_SEND)).code == KernReturn.KERN_SUCCESS
    (data,) = (
        reply := _send(sender, Message(to_inbox, COPY_SEND, descriptors=(PortDescriptor(name, 20),)))
    ).outputs
    assert reply.code == KernReturn.MACH_SEND_TIMED_OUT
    assert unpack(data) == Message(
        to_inbox, MsgType.MOVE_SEND, descriptors=(PortDescriptor(name, MsgType.MOVE_SEND),)
    )
    assert sender.space()[name] == (PortType.SEND_RECEIVE, {PortRight.SEND: 1, PortRight.RECEIVE: 1})
    assert sender.space()[to_inbox] == (PortType.SEND, {PortRight.SEND: 2})
    assert _receive(receiver, inbox).code == KernReturn.KERN_SUCCESS


def test_a_send_that_waits_goes_through_once(pair):
    """Without a time-out the sender waits for room; its rights are sent once, however often it was tried."""
    sender, receiver, to_inbox, inbox = pair
    own = sender.task_self_name
    message = Message(to_inbox, COPY_SEND, id=9, descriptors=(PortDescriptor(own, COPY_SEND),))
    for _ in range(5):
        _send(sender, Message(to_inbox, COPY_SEND))
    before = sender.space()
    waiting = threading.Thread(target=_send, args=(sender, message), kwargs={"option": MsgOption.SEND_MSG})
    waiting.start()
    time.sleep(0.05)
    assert waiting.is_alive()
    last = [unpack(_receive(receiver, inbox, 1000).outputs[0]) for _ in range(6)][-1]
    waiting.join(5)
    ((name,),) = _names(last)
    assert last.id == 9
    assert sender.space() == before
    assert receiver.space()[name] == (PortType.SEND, {PortRight.SEND: 1})


def test_a_receive_waits_for_its_message(pair):
    """A receive without a time-out blocks its own task only."""
    sender, receiver, to_inbox, inbox = pair
    heard = []
    waiting = threading.Thread(
        target=lambda: heard.append(_receive(receiver, inbox, option=MsgOption.RCV_MSG))
    )
    waiting.start()
    time.sleep(0.05)
    assert heard == []
    _send(sender, Message(to_inbox, COPY_SEND, id=3))
    waiting.join(5)
    assert [unpack(reply.outputs[0]).id for reply in heard] == [3]


def test_a_receive_gives_up_in_its_time(pair):
    """A time-out is in milliseconds."""
    _, receiver, _, inbox = pair
    start = time.monotonic()
    assert _receive(receiver, inbox, timeout=100) == Reply(KernReturn.MACH_RCV_TIMED_OUT, (None,))
    assert time.monotonic() - start >= 0.1


def test_sending_and_receiving_in_one_call(pair):
    """What is sent is sent first: a task that writes to itself hears itself."""
    _, receiver, _, inbox = pair
    own = receiver.task_self_name
    receiver.call("mach_port_insert_right", (own, inbox, inbox, MsgType.MAKE_SEND))
    data = pack(Message(inbox, COPY_SEND, id=4))
    reply = receiver.call("mach_msg", (data, SEND | RECEIVE, len(data), ROOM, inbox, 0, 0))
    assert unpack(reply.outputs[0]).id == 4


def test_a_buffer_that_is_too_small_loses_the_message(pair):
    """As on XNU without MACH_RCV_LARGE: the message is destroyed, and the rights in it with it."""
    sender, receiver, to_inbox, inbox = pair
    own = sender.task_self_name
    (moved,) = sender.call("mach_port_allocate", (own, PortRight.RECEIVE)).outputs
    _send(sender, Message(to_inbox, COPY_SEND, moved, MsgType.MAKE_SEND_ONCE))
    rights = (
        PortDescriptor(own, COPY_SEND),
        PortDescriptor(moved, MsgType.MOVE_RECEIVE),
        PortsDescriptor((own, 0), COPY_SEND),
    )
    _send(sender, Message(to_inbox, COPY_SEND, descriptors=rights))
    before = receiver.space()
    for _ in range(2):
        assert _receive(receiver, inbox, room=31) == Reply(KernReturn.MACH_RCV_TOO_LARGE, (None,))
    assert receiver.space() == before
    assert _receive(receiver, inbox).code == KernReturn.MACH_RCV_TIMED_OUT


def test_a_right_that_the_sender_lacks_is_not_sent(pair):
    """MACH_SEND_INVALID_RIGHT for a name without the right, MACH_SEND_INVALID_TYPE for what is no right."""
    sender, _, to_inbox, _ = pair
    codes = [
        _send(sender, Message(to_inbox, COPY_SEND, descriptors=(PortDescriptor(name, disposition),))).code
        for name, disposition in [(0xBAD, COPY_SEND), (to_inbox, MsgType.MOVE_RECEIVE), (to_inbox, 99)]
    ]
    assert codes == [
        KernReturn.MACH_SEND_INVALID_RIGHT,
        KernReturn.MACH_SEND_INVALID_RIGHT,
        KernReturn.MACH_SEND_INVALID_TYPE,
    ]


def test_a_dead_name_is_notified(pair):
    """The port dies: the armed request sends DEAD_NAME with the name, whose references are one more."""
    sender, receiver, to_inbox, inbox = pair
    own = sender.task_self_name
    (notify,) = sender.call("mach_port_allocate", (own, PortRight.RECEIVE)).outputs
    request = (own, to_inbox, Notification.DEAD_NAME, 0, notify, MsgType.MAKE_SEND_ONCE)
    assert sender.call("mach_port_request_notification", request).code == KernReturn.KERN_SUCCESS
    receiver.call("mach_port_destroy", (receiver.task_self_name, inbox))
    arrived = unpack(_receive(sender, notify).outputs[0])
    assert (arrived.id, arrived.body[8:]) == (Notification.DEAD_NAME, to_inbox.to_bytes(4, "little"))
    assert sender.space()[to_inbox] == (PortType.DEAD_NAME, {PortRight.DEAD_NAME: 2})


def test_a_server_is_told_to_wait(pair):
    """Where XNU's thread would sleep, an attempt comes back at once and says what to try again."""
    sender, receiver, to_inbox, inbox = pair
    again = receiver.attempt("mach_msg", (None, MsgOption.RCV_MSG, 0, ROOM, inbox, 0, 0))
    rest = (0, ROOM, inbox, 0, 0)
    assert again == Wait("mach_msg", (None, MsgOption.RCV_MSG, *rest), None, KernReturn.MACH_RCV_TIMED_OUT)
    for _ in range(5):
        _send(sender, Message(to_inbox, COPY_SEND))
    data = pack(Message(to_inbox, COPY_SEND, id=6))
    again = sender.attempt("mach_msg", (data, SEND, len(data), 0, 0, 50, 0))
    assert again.timeout == 50
    _receive(receiver, inbox)
    assert sender.attempt(again.function, again.inputs).code == KernReturn.KERN_SUCCESS


def test_what_is_no_message_is_not_sent(pair):
    """Fewer bytes than a header, or no whole number of words: MACH_SEND_MSG_TOO_SMALL, as on XNU."""
    sender, _, to_inbox, _ = pair
    data = pack(Message(to_inbox, COPY_SEND, body=b"odd"))
    codes = {
        sender.call("mach_msg", (given, SEND, len(given), 0, 0, 0, 0)).code for given in (data, data[:8], b"")
    }
    assert codes == {KernReturn.MACH_SEND_MSG_TOO_SMALL}
