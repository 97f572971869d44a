"""Requests to be told of a name: armed, fired, replaced, withdrawn, and what death makes of each."""

import pytest

from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    KernReturn,
    MsgOption,
    MsgType,
    Notification,
    PortRight,
    PortType,
)

NAME = 0x5503

pytestmark = pytest.mark.usefixtures("inbox")


@pytest.fixture
def inbox(host, extension):
    """The extension's queue with room for one; the host sends to it under NAME."""
    port = extension.receive_right()
    extension.ask("mach_port_set_attributes", port, 1, [1])
    extension.give(host, port, NAME)
    return port


@pytest.fixture
def notify(host):
    """Where the host wants to be told."""
    return host.receive_right()


def request(process, notify, kind=Notification.SEND_POSSIBLE, sync=0, name=NAME):
    """Make a request; gives the previous one's send-once right."""
    how = MsgType.MAKE_SEND_ONCE
    return process.ask("mach_port_request_notification", name, kind, sync, notify, how)


def ids(process, port):
    """Receive all that is queued, by id."""
    return [process.receive(port).id for _ in range(len(process.port(port).queue))]


def spoken(process, name=NAME):
    """The request bits that mach_port_names shows."""
    types = dict(zip(*process.ask("mach_port_names"), strict=True))
    return PortType(types[name]) & ~PortType.ALL_RIGHTS


def test_a_send_that_asks_for_it_arms_its_request(host, extension, inbox, notify):
    """MACH_SEND_NOTIFY that meets a full queue arms; the request fires once when room comes."""
    request(host, notify)
    assert host.send(NAME, option=MsgOption.SEND_NOTIFY) == 0
    extension.receive(inbox)
    assert ids(host, notify) == []

    host.send(NAME)
    assert host.send(NAME) == KernReturn.MACH_SEND_TIMED_OUT
    assert spoken(host) == PortType.DNREQUEST | PortType.SPREQUEST | PortType.SPREQUEST_DELAYED
    assert host.send(NAME, option=MsgOption.SEND_NOTIFY) == KernReturn.MACH_SEND_TIMED_OUT
    assert spoken(host) == PortType.DNREQUEST | PortType.SPREQUEST
    for _ in range(2):
        extension.receive(inbox)
        host.send(NAME, option=MsgOption.SEND_NOTIFY)

    assert ids(host, notify) == [Notification.SEND_POSSIBLE]
    assert spoken(host) == PortType.NONE


def test_a_dead_name_request_is_never_armed_for_room(host, extension, inbox, notify):
    """MACH_SEND_NOTIFY means the name's send-possible request, if that is what it has."""
    request(host, notify, Notification.DEAD_NAME)
    host.send(NAME)
    host.send(NAME, option=MsgOption.SEND_NOTIFY)
    extension.receive(inbox)

    assert ids(host, notify) == []


def test_a_receiver_is_told_of_room_in_its_own_queue(host, notify):
    """A request on a receive right is armed by a send that makes its send right from it."""
    port = host.receive_right()
    host.ask("mach_port_set_attributes", port, 1, [1])
    request(host, notify, name=port)
    host.send(port, disposition=MsgType.MAKE_SEND)
    host.send(port, disposition=MsgType.MAKE_SEND, option=MsgOption.SEND_NOTIFY)
    host.receive(port)

    assert ids(host, notify) == [Notification.SEND_POSSIBLE]


def test_a_send_once_right_always_fits_and_arms_nothing(host, notify):
    """A message to a send-once right needs no room, so MACH_SEND_NOTIFY has nothing to wait for."""
    port = host.receive_right()
    host.ask("mach_port_set_attributes", port, 1, [1])
    request(host, notify, name=port)
    for _ in range(2):
        assert host.send(port, disposition=MsgType.MAKE_SEND_ONCE, option=MsgOption.SEND_NOTIFY) == 0
    host.receive(port)

    assert ids(host, notify) == []


def test_any_message_taken_fires_even_if_the_queue_is_full_still(host, extension, inbox, notify):
    """The kernel counts no room: it fires with the next message received (osfmk/ipc/ipc_kmsg.c:3409)."""
    extension.ask("mach_port_set_attributes", inbox, 1, [2])
    for _ in range(2):
        host.send(NAME)
    request(host, notify, sync=1)
    extension.ask("mach_port_set_attributes", inbox, 1, [1])
    extension.receive(inbox)

    assert ids(host, notify) == [Notification.SEND_POSSIBLE]


def test_a_message_that_is_lost_to_its_receiver_does_not_fire(host, extension, inbox, notify):
    """One that is too large is dropped without its send-possible requests; the next one brings them."""
    host.send(NAME)
    request(host, notify, sync=1)
    option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
    reply = extension.calls.call("mach_msg", (None, option, 0, 24, inbox, 0, 0))
    assert (reply.code, ids(host, notify)) == (KernReturn.MACH_RCV_TOO_LARGE, [])
    host.send(NAME)
    extension.receive(inbox)

    assert ids(host, notify) == [Notification.SEND_POSSIBLE]


def test_a_replaced_request_comes_back(host, notify):
    """The new request takes the old one's place: its send-once right returns, and nobody is told."""
    assert request(host, notify, Notification.DEAD_NAME) == 0
    previous = request(host, notify)
    assert host.type(previous) == PortType.SEND_ONCE
    assert spoken(host) == PortType.DNREQUEST | PortType.SPREQUEST | PortType.SPREQUEST_DELAYED
    previous = request(host, notify, Notification.DEAD_NAME)

    assert host.type(previous) == PortType.SEND_ONCE
    assert spoken(host) == PortType.DNREQUEST
    assert ids(host, notify) == []
    assert host.port(notify).sorights == 3


def test_a_request_that_is_answered_at_once_replaces_too(host, notify):
    """Where there is room, the old request comes back and the new one is used up."""
    request(host, notify)
    previous = request(host, notify, sync=1)

    assert host.type(previous) == PortType.SEND_ONCE
    assert ids(host, notify) == [Notification.SEND_POSSIBLE]
    assert spoken(host) == PortType.NONE


def test_a_request_that_has_fired_is_nobody_s_to_give_back(host, extension, inbox, notify):
    """Its slot is replaced like any other, but there is no right left in it."""
    host.send(NAME)
    request(host, notify, sync=1)
    extension.receive(inbox)

    assert request(host, notify) == 0


def test_a_replaced_request_whose_asker_died_comes_back_dead(host, notify):
    """MACH_PORT_DEAD stands for the send-once right to a port that is gone."""
    request(host, notify)
    host.ask("mach_port_destroy", notify)

    assert request(host, host.receive_right()) == MACH_PORT_DEAD


def test_withdrawing_gives_the_right_back(host, notify):
    """MACH_PORT_NULL as notify right only withdraws, and once there is nothing, nothing comes."""
    request(host, notify)

    assert host.type(request(host, 0)) == PortType.SEND_ONCE
    assert request(host, 0) == 0
    assert spoken(host) == PortType.NONE


@pytest.mark.parametrize("sync", [0, 1])
def test_the_last_reference_takes_the_request_along(host, notify, sync):
    """Whoever asked is told that the name is gone, when it is deallocated and when it is sent away."""
    host.send(NAME)
    request(host, notify, sync=sync)
    host.ask("mach_port_deallocate", NAME)

    assert ids(host, notify) == [Notification.PORT_DELETED]


def test_moving_the_last_reference_arms_nothing(host, notify):
    """A send that takes the name away has no request left to arm; what it could not send comes back bare."""
    host.send(NAME)
    request(host, notify)
    code = host.send(NAME, disposition=MsgType.MOVE_SEND, option=MsgOption.SEND_NOTIFY)

    assert code == KernReturn.MACH_SEND_TIMED_OUT
    assert ids(host, notify) == [Notification.PORT_DELETED]
    assert not host.task.space.find(NAME) or spoken(host) == PortType.NONE


@pytest.mark.parametrize("sync", [0, 1])
def test_death_answers_an_open_request(host, extension, inbox, notify, sync):
    """Armed for room or not: a dead-name notification, and its reference on the name."""
    host.send(NAME)
    request(host, notify, sync=sync)
    extension.ask("mach_port_destroy", inbox)

    assert ids(host, notify) == [Notification.DEAD_NAME]
    assert host.refs(NAME, PortRight.DEAD_NAME) == 2


def test_death_does_not_answer_a_request_that_has_fired(host, extension, inbox, notify):
    """A request is answered once: the name dies without a notification and without its reference."""
    host.send(NAME)
    request(host, notify, sync=1)
    extension.receive(inbox)
    extension.ask("mach_port_destroy", inbox)

    assert ids(host, notify) == [Notification.SEND_POSSIBLE]
    assert host.refs(NAME, PortRight.DEAD_NAME) == 1


@pytest.mark.parametrize("sync", [0, 1])
@pytest.mark.parametrize("seen", [False, True])
def test_send_possible_on_a_dead_port_is_answered_at_once(host, extension, inbox, notify, sync, seen):
    """By a dead-name notification and its reference, whether the name's death was seen before or not."""
    extension.ask("mach_port_destroy", inbox)
    if seen:
        assert host.type(NAME) == PortType.DEAD_NAME

    assert request(host, notify, sync=sync) == 0
    assert ids(host, notify) == [Notification.DEAD_NAME]
    assert host.refs(NAME, PortRight.DEAD_NAME) == 2


def test_a_request_on_a_name_that_died_armed_counts_twice(host, extension, inbox, notify):
    """The old request's reference comes with the death, the new one's with its own answer."""
    request(host, notify)
    extension.ask("mach_port_destroy", inbox)
    request(host, notify)

    assert ids(host, notify) == [Notification.DEAD_NAME] * 2
    assert host.refs(NAME, PortRight.DEAD_NAME) == 3


@pytest.mark.parametrize("kind", [Notification.DEAD_NAME, Notification.SEND_POSSIBLE])
def test_a_dead_name_has_no_request_to_withdraw(host, extension, inbox, notify, kind):
    """Withdrawing finds the death first, and is refused; once it is seen there is nothing to do."""
    request(host, notify, kind)
    extension.ask("mach_port_destroy", inbox)
    inputs = (NAME, kind, 0, 0, MsgType.MAKE_SEND_ONCE)

    assert host.code("mach_port_request_notification", *inputs) == KernReturn.KERN_INVALID_ARGUMENT
    assert host.code("mach_port_request_notification", *inputs) == KernReturn.KERN_SUCCESS
    assert host.refs(NAME, PortRight.DEAD_NAME) == 2


def test_a_send_to_a_dead_port_fails_and_arms_nothing(host, extension, inbox, notify):
    """The name is found dead on the way: invalid destination, with the request's reference on it."""
    request(host, notify)
    extension.ask("mach_port_destroy", inbox)

    assert host.send(NAME, option=MsgOption.SEND_NOTIFY) == KernReturn.MACH_SEND_INVALID_DEST
    assert ids(host, notify) == [Notification.DEAD_NAME]
    assert host.refs(NAME, PortRight.DEAD_NAME) == 2


def test_requests_of_a_task_that_ends_are_answered_to_others(host, extension, kernel):
    """A request that a task made for somebody else tells him that the name is gone."""
    listener = extension.receive_right()
    extension.give(host, listener, 0x6603, MsgType.MAKE_SEND_ONCE)
    host.ask(
        "mach_port_request_notification",
        NAME,
        Notification.SEND_POSSIBLE,
        0,
        0x6603,
        MsgType.MOVE_SEND_ONCE,
    )
    kernel.terminate(host.pid)

    assert ids(extension, listener) == [Notification.PORT_DELETED]
