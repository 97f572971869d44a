"""N4: a receive right that nobody listens at."""

import pytest

from tests.analysis.causes.rows import Told, recv, rules, told

FULL = {"queued": 5, "queue_limit": 5, "in_set": False}

SILENT = {
    "the receive right was there before": ([recv(0x403, 1)], [recv(0x403, 1)]),
    "it was there before, and its queue has room": (
        [recv(0x403, 1, queue_limit=5, in_set=False)],
        [recv(0x403, 1, queued=4, queue_limit=5, in_set=False)],
    ),
    "it was full before": ([recv(0x403, 1, **FULL)], [recv(0x403, 1, **FULL)]),
    "it filled up, and whether it is in a set is not known": (
        [recv(0x403, 1)],
        [recv(0x403, 1, queued=5, queue_limit=5)],
    ),
    "it is a member of a port set": ([], [recv(0x403, 1, queued=3, in_set=True)]),
    "nothing waits, and whether it is in a set is not known": ([], [recv(0x403, 1, sends=1)]),
    "nothing waits, and nobody can send": ([], [recv(0x403, 1, in_set=False, has_senders=False)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N4 has nothing to say of a port in a set, or of one where nothing waits and nobody sends."""
    assert "N4" not in rules(before, after)


def test_speaks_of_waiting_messages():
    """New receive rights with messages are one finding, and say how many wait."""
    assert told([], [recv(0x403, 1, queued=3), recv(0x503, 2, queued=4)]) == [
        Told("N4", "likely", "2 new receive rights with 7 messages waiting", 2)
    ]


def test_speaks_with_certainty_of_a_full_queue():
    """A queue at its limit tells that nobody receives."""
    seen = "2 new receive rights with 6 messages waiting, 1 of them at the queue limit"
    assert told([], [recv(0x403, 1, queued=5, queue_limit=5), recv(0x503, 2, queued=1)]) == [
        Told("N4", "certain", seen, 2)
    ]


def test_speaks_of_a_queue_that_filled_up():
    """A port that was there before and is full now is found, though no reference changed."""
    seen = "1 receive right in no port set filled up: messages 2 -> 5, the limit"
    assert told([recv(0x403, 1, queued=2, queue_limit=5, in_set=False)], [recv(0x403, 1, **FULL)]) == [
        Told("N4", "likely", seen, 0)
    ]


def test_speaks_once_of_a_port_with_its_own_sender():
    """The send right at the same name belongs to the port: one port, one matter."""
    seen = "1 new receive right with a send right at the same name, in no port set"

    assert told([], [recv(0x403, 1, sends=1, in_set=False)]) == [Told("N4", "hint", seen, 2)]
