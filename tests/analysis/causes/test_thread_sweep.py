"""U3: task_threads() whose rights are never released."""

import pytest

from tests.analysis.causes.rows import THREAD, Told, rules, send, told

SILENT = {
    "only one thread rose": (
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)],
        [send(0x303, 2, 1, THREAD), send(0x403, 1, 2, THREAD)],
    ),
    "the threads rose by different numbers": (
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)],
        [send(0x303, 2, 1, THREAD), send(0x403, 3, 2, THREAD)],
    ),
    "one thread was left out": (
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD), send(0x503, 1, 3, THREAD)],
        [send(0x303, 2, 1, THREAD), send(0x403, 2, 2, THREAD), send(0x503, 1, 3, THREAD)],
    ),
    "the threads fell": (
        [send(0x303, 2, 1, THREAD), send(0x403, 2, 2, THREAD)],
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U3 has nothing to say unless every thread row, or every new one, rose by the same number."""
    assert "U3" not in rules(before, after)


def test_speaks_once_when_all_threads_rise_alike():
    """Seven thread rows that rose alike are one finding with seven rows."""
    before = [send(0x303 + 0x100 * n, 1, n + 1, THREAD) for n in range(7)]
    after = [send(0x303 + 0x100 * n, 4, n + 1, THREAD) for n in range(7)]

    assert told(before, after) == [Told("U3", "certain", "all 7 thread rows rose by 3", 21)]


def test_speaks_when_the_threads_of_another_task_are_new():
    """New names that rose alike are another task's threads, whatever one's own threads do."""
    own = send(0x303, 1, 1, THREAD)
    theirs = [send(0x1303 + 0x100 * n, 2, n + 0x50, THREAD) for n in range(3)]

    assert told([own], [own, *theirs]) == [
        Told("U3", "certain", "all 3 new thread rows with 2 references each", 6)
    ]


def test_speaks_with_doubt_when_the_threads_may_just_have_started():
    """New threads with one reference each may simply live."""
    assert told([], [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)]) == [
        Told(
            "U3",
            "likely",
            "all 2 new thread rows with 1 reference each; "
            "threads that were just started look the same after one reading",
            2,
        )
    ]


def test_speaks_of_read_flavoured_threads():
    """The sweep through a task read port leaves THREAD-READ rows."""
    before = [send(0x303, 1, 1, 47), send(0x403, 1, 2, 47)]
    after = [send(0x303, 2, 1, 47), send(0x403, 2, 2, 47)]

    assert told(before, after) == [Told("U3", "certain", "all 2 thread rows rose by 1", 2)]
