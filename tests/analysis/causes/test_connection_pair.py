"""N13: connections that are never cancelled."""

import pytest

from tests.analysis.causes.rows import SEMAPHORE, Told, recv, rules, send, told

SILENT = {
    "there is no new send right": ([], [recv(0x403, 1)]),
    "there is no new receive right": ([], [send(0x403, 1, 1)]),
    "their numbers differ": ([], [recv(0x403, 1), send(0x503, 1, 2), send(0x603, 1, 3)]),
    "the send right goes to the receive right itself": ([], [recv(0x403, 1, sends=1)]),
    "there is a kernel object behind the send right": ([], [recv(0x403, 1), send(0x503, 1, 2, SEMAPHORE)]),
    "the send right was held before": ([send(0x503, 1, 2)], [recv(0x403, 1), send(0x503, 2, 2)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N13 has nothing to say unless new receive rights and new send rights to others come in pairs."""
    assert "N13" not in rules(before, after)


def test_speaks_once_of_all_pairs():
    """Two connections to one peer are one finding with four rows."""
    rows = [
        *(recv(0x403 + 0x100 * n, n + 1) for n in range(2)),
        *(send(0x1403 + 0x100 * n, 1, n + 9, peer="com.example.service") for n in range(2)),
    ]

    assert told([], rows) == [
        Told("N13", "likely", "2 new receive rights and as many new send rights to com.example.service", 4)
    ]


@pytest.mark.parametrize(("sends", "speaks"), [(3, False), (4, True), (5, True), (6, True), (7, False)])
def test_speaks_though_one_of_five_came_or_went_beside_them(sends, speaks):
    """A fifth of the ports may be something else."""
    rows = [
        *(recv(0x403 + 0x100 * n, n + 1) for n in range(5)),
        *(send(0x1403 + 0x100 * n, 1, n + 9) for n in range(sends)),
    ]

    assert ("N13" in rules([], rows)) is speaks


def test_speaks_as_a_hint_of_unknown_peers():
    """Where nobody is seen to receive, the pair alone is a hint."""
    assert told([], [recv(0x403, 1), send(0x503, 1, 2)]) == [
        Told("N13", "hint", "1 new receive right and as many new send rights", 2)
    ]


def test_speaks_with_the_own_sender_of_the_receive_right():
    """A send right at the receive right's own name belongs to the connection."""
    assert told([], [recv(0x403, 1, sends=1), send(0x503, 1, 2)]) == [
        Told("N13", "hint", "1 new receive right and as many new send rights", 3)
    ]
