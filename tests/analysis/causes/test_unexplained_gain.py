"""L1: what no other rule explains is still said: rights that are kept."""

import pytest

from portaudit.analysis.causes import Evidence, claims
from portaudit.analysis.causes.unexplained import L1
from portaudit.analysis.compare import compare
from portaudit.analysis.spaces import Spaces
from tests.analysis.causes.rows import SEMAPHORE, Told, port_set, recv, rules, send, snapshot, told

SILENT = {
    "nothing changed": ([port_set(0x403, 1)], [port_set(0x403, 1)]),
    "another rule explains it": ([], [send(0x403, 1, 1, SEMAPHORE)]),
    "the port set has gone": ([port_set(0x403, 1)], []),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """L1 has nothing to say of what another rule explains."""
    assert "L1" not in rules(before, after)


def test_speaks_once_of_each_kind():
    """Port sets are one finding, however many."""
    assert told([], [port_set(0x403, 1), port_set(0x503, 2)]) == [
        Told("L1", "hint", "2 port-set rights rose by 2 together", 2)
    ]


def test_speaks_once_of_a_port_that_was_made():
    """A receive right and the send right at the same name are one matter."""
    assert told([], [recv(0x403, 1, sends=2, in_set=True)]) == [
        Told("L1", "hint", "1 receive right rose by 1 together", 3)
    ]


def test_leaves_what_may_be_rights_to_other_ports():
    """Where no object ids were read, a new send right is not known to be to the port that was made."""
    kept = told([], [recv(0x403, None, in_set=True), send(0x503, 1, None, None)])

    assert [one.residual for one in kept] == [1, 1]


def test_speaks_of_rights_whose_kobject_was_not_read():
    """Where the way of reading gave no kobject types, it says so."""
    assert told([], [send(0x403, 2, None, None)]) == [
        Told(
            "L1",
            "hint",
            "1 send right rose by 2 together; "
            "the kobject types were not read: another way of reading would tell the cause",
            2,
        )
    ]


def test_speaks_of_what_came_beside_a_port_that_was_made():
    """The send right at a new port's own name is told with the port; another of its class is told, too."""
    difference = compare((snapshot([]), snapshot([recv(0x403, 1, sends=1, in_set=True), send(0x503, 1, 2)])))

    found, left = claims((L1,), Evidence(difference.changes, Spaces(difference, ()), ()))

    assert [[(row.name, row.right.value) for row in claim.rows] for _, claim in found] == [
        [(0x403, "recv"), (0x403, "send")],
        [(0x503, "send")],
    ]
    assert left.residuals == ()
