"""N8: semaphores that are never destroyed."""

import pytest

from tests.analysis.causes.rows import CLOCK, SEMAPHORE, Told, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 1, 1, SEMAPHORE)], [send(0x403, 1, 1, SEMAPHORE)]),
    "the semaphore has gone": ([send(0x403, 1, 1, SEMAPHORE)], []),
    "it is a clock": ([], [send(0x403, 1, 1, CLOCK)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N8 has nothing to say unless a task holds more semaphores."""
    assert "N8" not in rules(before, after)


def test_speaks_once_of_many_semaphores():
    """All semaphores that a task gained are one finding."""
    rows = [send(0x403 + 0x100 * n, 1, n + 1, SEMAPHORE) for n in range(4)]

    assert told([], rows) == [
        Told("N8", "likely", "4 SEMAPHORE names, 4 of them new, rose by 4 references together", 4)
    ]


def test_speaks_with_doubt_of_a_single_one():
    """One semaphore may be a cache."""
    assert told([], [send(0x403, 1, 1, SEMAPHORE)]) == [
        Told("N8", "likely", "1 SEMAPHORE name, 1 of them new, rose by 1 reference together", 1)
    ]
