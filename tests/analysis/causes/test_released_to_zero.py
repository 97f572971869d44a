"""O2: a right that has gone while its port lives."""

import pytest

from tests.analysis.causes.rows import CONTROL, HOST_TASK, SEMAPHORE, Told, recv, rules, send, told

SILENT = {
    "nobody else knows the port": ([send(0x403, 1, 1, SEMAPHORE)], []),
    "the name is still there": ([send(0x403, 2, HOST_TASK, CONTROL)], [send(0x403, 1, HOST_TASK, CONTROL)]),
    "it was held under another name and still is": (
        [send(0x403, 2, HOST_TASK, CONTROL)],
        [send(0x503, 2, HOST_TASK, CONTROL)],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """O2 has nothing to say unless the last reference has gone and another task still knows the port."""
    assert "O2" not in rules(before, after)


def test_stays_silent_because_the_hand_off_was_declared():
    """A right that is given up on purpose is no finding."""
    assert rules([send(0x403, 1, HOST_TASK, CONTROL)], [], "extension: task-control of host -1") == []


def test_stays_silent_because_services_come_and_go():
    """A send right to the other task's service that was given back is no subject."""
    service = [recv(0x503, 1)]

    assert rules([send(0x403, 1, 1)], [], host=(service, service)) == ["L2"]


def test_speaks_of_the_hosts_task_port():
    """The host's own name for its port shows that it lives."""
    assert told([send(0x403, 2, HOST_TASK, CONTROL)], []) == [
        Told("O2", "likely", "2 -> 0 references; the port is alive: the host still knows it", -2)
    ]
