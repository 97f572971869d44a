"""U5: another task's port that was received or taken and not given back."""

import pytest

from tests.analysis.causes.rows import (
    CONTROL,
    EXTENSION_TASK,
    HOST_TASK,
    READ,
    TASK_NAME,
    THREAD,
    TOKEN,
    Told,
    rules,
    send,
    told,
)

SILENT = {
    "nothing changed": ([send(0x403, 2, HOST_TASK, CONTROL)], [send(0x403, 2, HOST_TASK, CONTROL)]),
    "the references fell": ([send(0x403, 2, HOST_TASK, CONTROL)], [send(0x403, 1, HOST_TASK, CONTROL)]),
    "it is the task's own port": (
        [send(0x103, 2, EXTENSION_TASK, CONTROL)],
        [send(0x103, 3, EXTENSION_TASK, CONTROL)],
    ),
    "a thread rose alike, which is an exception message": (
        [send(0x503, 1, 0xC100, THREAD)],
        [send(0x403, 2, 0xC000, CONTROL), send(0x503, 3, 0xC100, THREAD)],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U5 has nothing to say unless a task holds more references to another's port than before."""
    assert "U5" not in rules(before, after)


def test_stays_silent_because_the_reference_was_declared():
    """One kept reference is no finding where one is expected."""
    after = [send(0x403, 1, HOST_TASK, CONTROL)]

    assert rules([], after, "extension: task-control of host +1") == []


def test_speaks_of_the_host_by_its_role():
    """Whose port it is, is told by the object id of the host's own port."""
    assert told([], [send(0x403, 3, HOST_TASK, CONTROL)]) == [
        Told("U5", "certain", "0 -> 3 references; the name is new", 3)
    ]


def test_speaks_when_only_the_references_of_a_known_name_rise():
    """A leak on a name that existed says that no port count shows it, and what was expected of it."""
    before, after = [send(0x403, 1, HOST_TASK, CONTROL)], [send(0x403, 5, HOST_TASK, CONTROL)]

    assert told(before, after, "extension: task-control of host +1") == [
        Told(
            "U5",
            "certain",
            "1 -> 5 references, +1 expected; the name existed before, so no port count shows it",
            3,
        )
    ]


@pytest.mark.parametrize("kobject", [CONTROL, READ, TASK_NAME, TOKEN])
def test_speaks_of_every_flavour(kobject):
    """Of a port whose owner does not show, U5 is only likely."""
    seen = "0 -> 2 references; the name is new; whose it is cannot be told here"

    assert told([], [send(0x403, 2, 0xC000, kobject)]) == [Told("U5", "likely", seen, 2)]


def test_speaks_in_the_host_too():
    """The host may keep the extension's port as well."""
    after = [send(0x403, 2, EXTENSION_TASK, CONTROL)]

    assert told([], [], host=([], after)) == [Told("U5", "certain", "0 -> 2 references; the name is new", 2)]
