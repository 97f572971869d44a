"""N7: an IOKit connection that is never closed."""

import pytest

from tests.analysis.causes.rows import CONNECT, IOKIT, Told, rules, send, told

SILENT = {
    "nothing changed": ([send(0x403, 1, 1, CONNECT)], [send(0x403, 1, 1, CONNECT)]),
    "the connection was closed": ([send(0x403, 1, 1, CONNECT)], []),
    "it is another IOKit object": ([], [send(0x403, 1, 1, IOKIT)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N7 has nothing to say unless a task holds more IOKIT-CONNECT rights."""
    assert "N7" not in rules(before, after)


def test_speaks_once_of_several_connections_to_one_service():
    """Connections with one description are one finding."""
    rows = [send(0x403, 1, 1, CONNECT, "IOHIDLib"), send(0x503, 1, 2, CONNECT, "IOHIDLib")]

    assert told([], rows) == [
        Told("N7", "likely", "2 IOKIT-CONNECT names to IOHIDLib rose by 2 references together", 2)
    ]


def test_speaks_once_of_connections_that_the_registry_numbers():
    """The kernel adds the id of the entry to the class; it tells two connections apart, and not two leaks."""
    rows = [
        send(0x403, 1, 1, CONNECT, "RootDomainUserClient(0x100000b1c)"),
        send(0x503, 1, 2, CONNECT, "RootDomainUserClient(0x100000b1d)"),
    ]

    assert told([], rows) == [
        Told("N7", "likely", "2 IOKIT-CONNECT names to RootDomainUserClient rose by 2 references together", 2)
    ]


def test_speaks_of_a_connection_without_description():
    """The description is not needed."""
    assert told([], [send(0x403, 1, 1, CONNECT)]) == [
        Told("N7", "likely", "1 IOKIT-CONNECT name rose by 1 reference together", 1)
    ]
