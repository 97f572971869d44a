"""N6: IOKit iterators that are never released."""

import pytest

from tests.analysis.causes.rows import CONNECT, IOKIT, Told, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 1, 1, IOKIT)], [send(0x403, 1, 1, IOKIT)]),
    "the name existed before": ([send(0x403, 1, 1, IOKIT)], [send(0x403, 2, 1, IOKIT)]),
    "the object is known to be something else": ([], [send(0x403, 1, 1, IOKIT, "IOHIDDevice")]),
    "it is a connection": ([], [send(0x403, 1, 1, CONNECT)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N6 has nothing to say unless there are new IOKit objects that are, or may be, iterators."""
    assert "N6" not in rules(before, after)


def test_speaks_once_of_several_iterators():
    """Iterators are fresh objects: each leaves a name."""
    rows = [send(0x403 + 0x100 * n, 1, n + 1, IOKIT, "IOUserIterator") for n in range(3)]

    assert told([], rows) == [Told("N6", "likely", "3 new IOKIT-OBJECT names (IOUserIterator)", 3)]


def test_speaks_as_a_hint_of_undescribed_objects():
    """Where no class was read, an iterator is the usual new object."""
    assert told([], [send(0x403, 1, 1, IOKIT), send(0x503, 1, 2, IOKIT)]) == [
        Told("N6", "hint", "2 new IOKIT-OBJECT names (their class was not read)", 2)
    ]
