"""X1: what one task lost, the other gained."""

import pytest

from tests.analysis.causes.rows import CONTROL, HOST_TASK, Told, recv, report, rules, send, told

SILENT = {
    "only one task changed": ([], [send(0x403, 2, HOST_TASK, CONTROL)]),
    "one task moved the right to another name": ([send(0x403, 2, 1)], [send(0x503, 2, 1)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """X1 has nothing to say unless the residuals of two tasks on one port cancel out."""
    assert "X1" not in rules(before, after)


FELL = ([send(0x103, 5, HOST_TASK, CONTROL)], [send(0x103, 3, HOST_TASK, CONTROL)])


def test_stays_silent_because_the_sum_is_not_zero():
    """The extension gained more than the host lost: two findings."""
    assert sorted(rules([], [send(0x403, 3, HOST_TASK, CONTROL)], host=FELL)) == ["O6", "U5"]


def test_stays_silent_because_they_are_different_ports():
    """A loss on one port and a gain on another are two matters."""
    assert sorted(rules([], [send(0x403, 2, 0xC000, CONTROL)], host=FELL)) == ["O6", "U5"]


def test_speaks_once_of_both_sides():
    """A loss here with the same gain there is one finding with two rows."""
    judged = report([], [send(0x403, 2, HOST_TASK, CONTROL)], host=FELL)

    (only,) = judged.findings
    seen = "the host: 5 -> 3 references; the extension: 0 -> 2 references; the sum is 0"
    assert (only.rule, only.evidence, str(only.verdict)) == ("X1", seen, "over-released")
    assert [(row.role, row.residual) for row in only.rows] == [("host", -2), ("extension", 2)]


def test_speaks_although_messages_are_queued():
    """Nothing is missing, so nothing can be on its way."""
    host = ([*FELL[0], recv(0x503, 9, queued=0)], [*FELL[1], recv(0x503, 9, queued=2)])

    assert rules([], [send(0x403, 2, HOST_TASK, CONTROL)], host=host) == ["X1"]


def test_speaks_of_a_receive_right_that_moved():
    """A receive right has one owner at a time."""
    assert told([], [recv(0x403, 1)], host=([recv(0x503, 1)], [])) == [
        Told("X1", "likely", "the host: 1 -> 0 references; the extension: 0 -> 1 references; the sum is 0", 0)
    ]
