"""O6: a task that loses references to its own task or thread ports."""

import pytest

from tests.analysis.causes.rows import (
    CONTROL,
    EXTENSION_TASK,
    HOST_TASK,
    READ,
    THREAD,
    Told,
    rules,
    send,
    told,
)

SILENT = {
    "nothing changed": ([], []),
    "it is another task's port": ([send(0x403, 2, HOST_TASK, CONTROL)], [send(0x403, 1, HOST_TASK, CONTROL)]),
    "the own port rose": (
        [send(0x103, 2, EXTENSION_TASK, CONTROL)],
        [send(0x103, 3, EXTENSION_TASK, CONTROL)],
    ),
    "the thread has ended": ([send(0x403, 1, 1, THREAD)], []),
    "another task's port fell too, so the thread is that task's": (
        [send(0x403, 3, HOST_TASK, CONTROL), send(0x503, 3, 1, THREAD)],
        [send(0x403, 2, HOST_TASK, CONTROL), send(0x503, 2, 1, THREAD)],
    ),
    "it is a read port": ([send(0x403, 2, 1, READ)], [send(0x403, 1, 1, READ)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """O6 has nothing to say unless a task's own port fell, or that of a thread that is alive."""
    assert "O6" not in rules(before, after)


def test_speaks_when_the_own_task_port_falls():
    """A host that moves its port where it meant to copy loses one reference each time."""
    fell = ([send(0x103, 7, HOST_TASK, CONTROL)], [send(0x103, 2, HOST_TASK, CONTROL)])

    assert told([], [], host=fell) == [Told("O6", "likely", "the task's own port: 7 -> 2 references", -5)]


def test_speaks_when_a_living_threads_port_falls():
    """The name is still there, so the thread lives."""
    assert told([send(0x403, 3, 1, THREAD)], [send(0x403, 2, 1, THREAD)]) == [
        Told("O6", "likely", "a thread's port: 3 -> 2 references; the thread is alive", -1)
    ]
