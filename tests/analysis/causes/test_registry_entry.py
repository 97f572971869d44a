"""U10: a registry entry that is looked up and never released."""

import pytest

from tests.analysis.causes.rows import IOKIT, SEMAPHORE, Told, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 2, 1, IOKIT)], [send(0x403, 2, 1, IOKIT)]),
    "the references fell": ([send(0x403, 3, 1, IOKIT)], [send(0x403, 2, 1, IOKIT)]),
    "the new object is an iterator": ([], [send(0x403, 1, 1, IOKIT, "IOUserIterator")]),
    "nothing is known of the new object": ([], [send(0x403, 1, 1, IOKIT)]),
    "several new objects are of one class": (
        [],
        [send(0x403, 1, 1, IOKIT, "IOThing"), send(0x503, 1, 2, IOKIT, "IOThing")],
    ),
    "it is a semaphore": ([send(0x403, 1, 1, SEMAPHORE)], [send(0x403, 3, 1, SEMAPHORE)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U10 has nothing to say unless one IOKit object's references rose, or a new one is no iterator."""
    assert "U10" not in rules(before, after)


def test_speaks_when_the_references_of_one_object_rise():
    """Whatever the object is: only its references rose, under the name that existed."""
    before, after = [send(0x403, 1, 1, IOKIT, "IOHIDDevice")], [send(0x403, 4, 1, IOKIT, "IOHIDDevice")]

    seen = "1 -> 4 references; the name existed before, so no port count shows it"
    assert told(before, after) == [Told("U10", "likely", seen, 3)]


def test_speaks_when_a_new_object_is_no_iterator():
    """A first look-up of a described object is a new name with one reference."""
    assert told([], [send(0x403, 1, 1, IOKIT, "IOHIDDevice")]) == [
        Told("U10", "likely", "0 -> 1 references; the name is new", 1)
    ]


def test_speaks_when_a_new_object_was_looked_up_twice():
    """Several references under a new name are a look-up, described or not."""
    assert told([], [send(0x403, 2, 1, IOKIT)]) == [
        Told("U10", "likely", "0 -> 2 references; the name is new", 2)
    ]
