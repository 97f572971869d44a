"""O4: a bystander that lost references."""

import pytest

from tests.analysis.causes.rows import HOST, SEMAPHORE, Told, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 2, 1)], [send(0x403, 2, 1)]),
    "the right has gone": ([send(0x403, 2, 1)], []),
    "it is a port that matters by itself": ([send(0x403, 2, 1, HOST)], [send(0x403, 1, 1, HOST)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """O4 has nothing to say unless a right keeps its name and has fewer references."""
    assert "O4" not in rules(before, after)


def test_stays_silent_because_an_expectation_speaks_of_it():
    """A right that an expectation names is no bystander."""
    fell = ([send(0x403, 3, 1, SEMAPHORE)], [send(0x403, 1, 1, SEMAPHORE)])

    assert "O4" not in rules(*fell, "extension: semaphore -1")


def test_speaks_of_each_victim():
    """A stale name hits whoever has it now."""
    before = [send(0x403, 3, 1, SEMAPHORE), send(0x503, 2, 2)]
    after = [send(0x403, 2, 1, SEMAPHORE), send(0x503, 1, 2)]

    assert told(before, after) == [
        Told(
            "O4",
            "hint",
            f"{numbers} references on {what}",
            -1,
        )
        for numbers, what in (("3 -> 2", "SEMAPHORE"), ("2 -> 1", "a message queue"))
    ]
