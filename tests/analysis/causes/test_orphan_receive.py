"""N3: a receive right without senders."""

import pytest

from tests.analysis.causes.rows import Told, recv, rules, send, told

SILENT = {
    "the receive right was there before": ([recv(0x403, 1)], [recv(0x403, 1)]),
    "the receive right has gone": ([recv(0x403, 1)], []),
    "the task can send to it": ([], [recv(0x403, 1, sends=1)]),
    "the kernel knows of senders": ([], [recv(0x403, 1, has_senders=True)]),
    "messages are waiting in it": ([], [recv(0x403, 1, queued=2, has_senders=False)]),
    "it is a member of a port set": ([], [recv(0x403, 1, in_set=True, has_senders=False)]),
    "somebody holds a send-once right to it": ([], [recv(0x403, 1, send_once=1, has_senders=False)]),
    "no sender was ever made, which is a reply port": (
        [],
        [recv(0x403, 1, make_send=0, has_senders=False)],
    ),
    "it only lost one of its own send rights": ([recv(0x403, 1, sends=2)], [recv(0x403, 1, sends=1)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N3 has nothing to say of a receive right that somebody can send to, or that waits for an answer."""
    assert "N3" not in rules(before, after)


def test_stays_silent_because_another_task_can_send():
    """Where the kernel was not asked for senders, the other task's space is."""
    assert "N3" not in rules([], [recv(0x403, 1)], host=([], [send(0x503, 1, 1)]))


def test_speaks_once_of_several_receive_rights():
    """Several new receive rights without senders are one finding with several rows."""
    rows = [recv(0x403, 1, has_senders=False, make_send=1), recv(0x503, 2, has_senders=False, make_send=1)]

    assert told([], rows) == [
        Told("N3", "certain", "2 new receive rights, and nobody can send to any of them", 2)
    ]


def test_speaks_with_doubt_when_senders_were_not_asked_for():
    """A probe record may not know whether anybody can send."""
    assert told([], [recv(0x403, 1)]) == [
        Told("N3", "likely", "1 new receive right, and nobody can send to it", 1)
    ]


def test_speaks_when_a_port_loses_its_send_right():
    """The row changes from `recv,send` to `recv`."""
    seen = "the name had receive and send, and has receive alone now: nobody can send to it"
    assert told([recv(0x403, 1, sends=1)], [recv(0x403, 1, has_senders=False)]) == [
        Told("N3", "certain", seen, -1)
    ]
