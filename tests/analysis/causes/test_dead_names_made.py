"""N1: dead names that appeared."""

import pytest

from tests.analysis.causes.rows import Told, dead, rules, send, told

SILENT = {
    "the dead name was there before": ([dead(0x403, 1)], [dead(0x403, 1)]),
    "the dead name was cleaned up": ([dead(0x403, 1)], []),
    "the name was a right before, which tells more": ([send(0x403, 1, 1)], [dead(0x403, 1)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N1 has nothing to say unless there are new dead names, or more references to old ones."""
    assert "N1" not in rules(before, after)


def test_speaks_once_of_a_tasks_new_dead_names():
    """All new dead names of a task are one finding."""
    assert told([], [dead(0x403, 1), dead(0x503, 1), dead(0x603, 2)]) == [
        Told(
            "N1",
            "certain",
            "3 new dead names with 4 references together; "
            "what they denoted does not show, since they came and died between the two readings",
            4,
        )
    ]


def test_speaks_when_an_old_dead_name_rises():
    """A dead name gains a reference with each notification that nobody answers."""
    assert told([dead(0x403, 1)], [dead(0x403, 3)]) == [
        Told("N1", "likely", "1 dead name rose by 2 references together", 2)
    ]
