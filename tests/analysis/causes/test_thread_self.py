"""U2: mach_thread_self() without a release."""

import pytest

from tests.analysis.causes.rows import HOST, THREAD, Told, rules, send, told

SILENT = {
    "nothing changed": ([send(0x303, 1, 1, THREAD)], [send(0x303, 1, 1, THREAD)]),
    "the references fell": ([send(0x303, 3, 1, THREAD)], [send(0x303, 2, 1, THREAD)]),
    "two threads rose, which is a sweep": (
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)],
        [send(0x303, 2, 1, THREAD), send(0x403, 2, 2, THREAD)],
    ),
    "a task port rose alike, which is an exception message": (
        [send(0x303, 1, 1, THREAD), send(0x403, 1, 0xC000, 2)],
        [send(0x303, 4, 1, THREAD), send(0x403, 4, 0xC000, 2)],
    ),
    "it is the host port": ([send(0x303, 1, 1, HOST)], [send(0x303, 2, 1, HOST)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U2 has nothing to say unless exactly one thread port of a space rose, and nothing else with it."""
    assert "U2" not in rules(before, after)


def test_speaks_when_one_thread_port_rises():
    """U2 is certain of a name that existed: only its references rose."""
    before = [send(0x303, 1, 1, THREAD), send(0x403, 1, 2, THREAD)]
    after = [send(0x303, 6, 1, THREAD), send(0x403, 1, 2, THREAD)]

    assert told(before, after) == [
        Told(
            "U2",
            "certain",
            "one thread port alone: 1 -> 6 references; the name existed before, so no port count shows it",
            5,
        )
    ]


def test_speaks_with_doubt_when_the_thread_may_be_new():
    """A thread holds one reference to its own port while it lives, so a first one is only likely a leak."""
    assert told([], [send(0x303, 1, 1, THREAD)]) == [
        Told("U2", "likely", "one thread port alone: 0 -> 1 references; the name is new", 1)
    ]


def test_speaks_of_each_task_by_itself():
    """One thread port in each of two tasks is two findings, no sweep."""
    grown = ([send(0x303, 1, 1, THREAD)], [send(0x303, 2, 1, THREAD)])

    assert rules(*grown, host=([send(0x303, 1, 9, THREAD)], [send(0x303, 3, 9, THREAD)])) == ["U2", "U2"]
