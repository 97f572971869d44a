"""N12: many IOKit objects of one class."""

import pytest

from tests.analysis.causes.rows import IOKIT, Told, rules, send, told

SILENT = {
    "nothing is known of the objects": ([], [send(0x403, 1, 1, IOKIT), send(0x503, 1, 2, IOKIT)]),
    "they are iterators": (
        [],
        [send(0x403, 1, 1, IOKIT, "IOUserIterator"), send(0x503, 1, 2, IOKIT, "IOUserIterator")],
    ),
    "there is one, of a class that has nothing to do with graphics": (
        [],
        [send(0x403, 1, 1, IOKIT, "IOHIDDevice")],
    ),
    "the name existed before": (
        [send(0x403, 1, 1, IOKIT, "IOSurfaceSendRight")],
        [send(0x403, 2, 1, IOKIT, "IOSurfaceSendRight")],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N12 has nothing to say unless several new objects are of one class, or one is a graphics object."""
    assert "N12" not in rules(before, after)


def test_speaks_once_of_many_of_one_class():
    """Objects with one description are one finding; those with another are a second one."""
    events = [send(0x403 + 0x100 * n, 1, n + 1, IOKIT, "IOSurfaceSharedEventReference") for n in range(4)]
    things = [send(0x1403 + 0x100 * n, 1, n + 9, IOKIT, "IOThing") for n in range(2)]

    assert told([], [*events, *things]) == [
        Told("N12", "certain", "4 new names, all IOSurfaceSharedEventReference", 4),
        Told("N12", "likely", "2 new names, all IOThing", 2),
    ]


def test_speaks_once_of_entries_that_the_registry_numbers():
    """Two devices of one class are two entries, with an id each: one finding."""
    devices = [send(0x403 + 0x100 * n, 1, n, IOKIT, f"IOUSBHostDevice(0x10000010{n})") for n in (1, 2)]

    assert told([], devices) == [Told("N12", "likely", "2 new names, all IOUSBHostDevice", 2)]


def test_speaks_of_a_single_graphics_object():
    """One surface right for each operation is enough to name the cause."""
    assert told([], [send(0x403, 1, 1, IOKIT, "IOSurfaceSendRight")]) == [
        Told("N12", "likely", "1 new name, all IOSurfaceSendRight", 1)
    ]
