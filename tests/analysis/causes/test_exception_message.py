"""U6: exception messages whose task and thread rights are never released."""

import pytest

from tests.analysis.causes.rows import CONTROL, HOST, THREAD, TOKEN, Scenes, Told, dead, rules, send, told

WHOSE = "; whose threads they are does not show"

SILENT: Scenes = {
    "only the task port rose": ([], [send(0x403, 2, 0xC000, CONTROL)]),
    "only a thread port rose": ([], [send(0x503, 2, 0xC100, THREAD)]),
    "the threads rose by another number": (
        [],
        [send(0x403, 2, 0xC000, CONTROL), send(0x503, 3, 0xC100, THREAD)],
    ),
    "the port that rose with the thread is no task": (
        [],
        [send(0x403, 2, 0xC000, HOST), send(0x503, 2, 0xC100, THREAD)],
    ),
    "a dead name alone is no thread that is known": ([], [dead(0x503, 2)]),
    "a thread started while one reference was kept": (
        [],
        [send(0x403, 1, 0xC000, CONTROL), send(0x503, 1, 0xC100, THREAD)],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U6 has nothing to say unless task ports and thread ports rose by the same number together."""
    assert "U6" not in rules(before, after)


def test_stays_silent_because_the_thread_is_in_another_task():
    """A task port in one space and a thread port in another are two matters."""
    assert sorted(
        rules([], [send(0x403, 2, 0xC000, CONTROL)], host=([], [send(0x503, 2, 0xC100, THREAD)]))
    ) == ["U2", "U5"]


def test_speaks_once_of_task_and_thread():
    """A task and a thread row that rose together are one finding."""
    before = [send(0x403, 1, 0xC000, CONTROL), send(0x503, 1, 0xC100, THREAD)]
    after = [send(0x403, 4, 0xC000, CONTROL), send(0x503, 4, 0xC100, THREAD)]

    assert told(before, after) == [
        Told("U6", "likely", f"1 task port rose by 3, and 1 thread port by 3{WHOSE}", 6)
    ]


def test_speaks_when_two_came_with_two_that_are_new():
    """One of each may be a thread that was started; two of each are two messages."""
    after = [send(0x403, 2, 0xC000, CONTROL), send(0x503, 2, 0xC100, THREAD)]

    assert told([], after) == [
        Told("U6", "likely", f"1 task port rose by 2, and 1 thread port by 2{WHOSE}", 4)
    ]


def test_speaks_when_several_threads_share_the_exceptions():
    """The threads' references add up to the task's."""
    before = [send(0x503, 1, 0xC100, THREAD), send(0x603, 1, 0xC200, THREAD)]
    after = [send(0x403, 5, 0xC000, CONTROL), send(0x503, 3, 0xC100, THREAD), send(0x603, 4, 0xC200, THREAD)]

    assert told(before, after) == [
        Told("U6", "likely", f"1 task port rose by 5, and 2 thread ports by 5 together{WHOSE}", 10)
    ]


def test_speaks_of_identity_tokens():
    """An identity-protected exception message carries a token in the place of the task port."""
    before = [send(0x503, 1, 0xC100, THREAD)]
    after = [send(0x403, 2, 0xC000, TOKEN), send(0x503, 3, 0xC100, THREAD)]

    assert told(before, after) == [
        Told("U6", "likely", f"1 task port rose by 2, and 1 thread port by 2{WHOSE}", 4)
    ]
