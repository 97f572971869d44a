"""U4: a loop over task_threads() that gave back only some."""

import pytest

from portaudit.model.kobject import THREAD_READ
from tests.analysis.causes.rows import THREAD, Told, rules, send, told

SILENT = {
    "all threads rose alike": (
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)],
        [send(0x303, 2, 1, THREAD), send(0x403, 2, 2, THREAD)],
    ),
    "only one thread rose": (
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)],
        [send(0x303, 2, 1, THREAD), send(0x403, 1, 2, THREAD)],
    ),
    "it is one right to read a thread": ([], [send(0x303, 1, 1, THREAD_READ)]),
    "nothing rose": ([send(0x303, 1, 1, THREAD)], [send(0x303, 1, 1, THREAD)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U4 has nothing to say of one thread, or of all of them alike."""
    assert "U4" not in rules(before, after)


def test_speaks_when_some_threads_rise():
    """A part of the thread rows is one finding, and says how many of how many."""
    before = [send(0x303 + 0x100 * n, 1, n + 1, THREAD) for n in range(5)]
    after = [send(0x303 + 0x100 * n, 1 + (n > 2), n + 1, THREAD) for n in range(5)]

    assert told(before, after) == [Told("U4", "likely", "2 of 5 thread rows rose, by 1", 2)]


def test_speaks_when_all_threads_rise_by_different_numbers():
    """A loop that ended early once leaves more at the threads that it did not reach."""
    before = [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)]
    after = [send(0x303, 2, 1, THREAD), send(0x403, 4, 2, THREAD)]

    assert told(before, after) == [Told("U4", "likely", "2 of 2 thread rows rose, by 1, 3", 4)]
