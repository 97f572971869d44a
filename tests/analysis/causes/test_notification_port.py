"""N5: an IOKit notification port and its iterators, together."""

import pytest

from tests.analysis.causes.rows import IOKIT, MAIN_DEVICE, Scenes, Told, recv, rules, send, told

SILENT: Scenes = {
    "there is no new receive right": ([], [send(0x403, 1, 1, IOKIT, "IOUserNotification")]),
    "there is no new IOKit object": ([], [recv(0x403, 1)]),
    "their numbers do not fit": (
        [],
        [recv(0x403, 1), recv(0x503, 2), send(0x603, 1, 3, IOKIT, "IOUserNotification")],
    ),
    "the object is neither iterator nor notification": (
        [],
        [recv(0x403, 1), send(0x603, 1, 3, IOKIT, "IOHIDDevice")],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N5 has nothing to say unless new receive rights and new IOKit objects come together."""
    assert "N5" not in rules(before, after)


def test_speaks_of_ports_with_their_iterators():
    """One port with two iterators of notifications is one finding."""
    objects = [send(0x503 + 0x100 * n, 1, n + 2, IOKIT, "IOServiceUserNotification") for n in range(2)]

    assert told([], [recv(0x403, 1), *objects]) == [
        Told("N5", "likely", "1 new receive right and 2 new IOKIT-OBJECT names", 3)
    ]


def test_speaks_of_the_registrys_port_that_each_keeps():
    """IONotificationPortCreate keeps a reference to MAIN-DEVICE, which is there for good."""
    assert told([send(0x903, 1, 9, MAIN_DEVICE)], [send(0x903, 3, 9, MAIN_DEVICE)]) == [
        Told(
            "N5",
            "likely",
            "the MAIN-DEVICE row: 1 -> 3 references; the name existed before, so no port count shows it",
            2,
        )
    ]


def test_speaks_as_a_hint_of_undescribed_objects():
    """Where no class was read, their number alone is a hint."""
    assert told([], [recv(0x403, 1), send(0x503, 1, 2, IOKIT)]) == [
        Told("N5", "hint", "1 new receive right and 1 new IOKIT-OBJECT name", 2)
    ]
