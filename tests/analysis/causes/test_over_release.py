"""O1: fewer references than must still be held."""

import pytest

from tests.analysis.causes.rows import (
    CONTROL,
    EXTENSION_TASK,
    HOST,
    HOST_TASK,
    SEMAPHORE,
    THREAD,
    Told,
    recv,
    rules,
    send,
    told,
)

SILENT = {
    "nothing changed": ([send(0x403, 2, HOST_TASK, CONTROL)], [send(0x403, 2, HOST_TASK, CONTROL)]),
    "the references rose": ([send(0x403, 2, 1, HOST)], [send(0x403, 3, 1, HOST)]),
    "it is the task's own port": (
        [send(0x103, 3, EXTENSION_TASK, CONTROL)],
        [send(0x103, 2, EXTENSION_TASK, CONTROL)],
    ),
    "a bystander fell that nothing was expected of": (
        [send(0x403, 2, 1, SEMAPHORE)],
        [send(0x403, 1, 1, SEMAPHORE)],
    ),
    "a thread has ended": ([send(0x403, 1, 1, THREAD)], []),
    "a receive right has gone": ([recv(0x403, 1)], []),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """O1 has nothing to say unless a grave port, or what was expected, has too few references."""
    assert "O1" not in rules(before, after)


def test_stays_silent_because_another_task_gained_them():
    """What moved to the other task is no over-release."""
    fell = ([send(0x103, 5, HOST_TASK, CONTROL)], [send(0x103, 3, HOST_TASK, CONTROL)])

    assert rules([], [send(0x403, 2, HOST_TASK, CONTROL)], host=fell) == ["X1"]


def test_speaks_when_the_transferred_port_falls():
    """What the extension held before is eaten by a release too many."""
    assert told([send(0x403, 6, HOST_TASK, CONTROL)], [send(0x403, 1, HOST_TASK, CONTROL)]) == [
        Told("O1", "certain", "6 -> 1 references", -5)
    ]


def test_speaks_with_doubt_of_a_right_that_has_gone():
    """A right that has gone altogether may have gone with its object."""
    assert told([send(0x403, 1, 1, HOST)], []) == [Told("O1", "likely", "1 -> 0 references", -1)]


def test_speaks_of_what_an_expectation_names():
    """Whatever the kind: more went than the expectation allows."""
    fell = ([send(0x403, 3, 1, SEMAPHORE)], [send(0x403, 1, 1, SEMAPHORE)])

    assert told(*fell, "extension: semaphore -1") == [
        Told("O1", "certain", "3 -> 1 references, -1 expected", -1)
    ]
