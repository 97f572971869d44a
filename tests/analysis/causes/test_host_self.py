"""U1: mach_host_self() without a release."""

import pytest

from tests.analysis.causes.rows import HOST, SEMAPHORE, Told, rules, send, told

SILENT = {
    "nothing changed": ([send(0x203, 2, 1, HOST)], [send(0x203, 2, 1, HOST)]),
    "the references fell": ([send(0x203, 3, 1, HOST)], [send(0x203, 2, 1, HOST)]),
    "another kind of port rose": ([send(0x203, 1, 1, SEMAPHORE)], [send(0x203, 2, 1, SEMAPHORE)]),
    "it is the name that changed": ([send(0x203, 2, 1, HOST)], [send(0x1203, 2, 1, HOST)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U1 has nothing to say unless a task holds more references to the host port than before."""
    assert "U1" not in rules(before, after)


def test_stays_silent_because_it_was_declared():
    """U1 has nothing to say of references that an expectation allows."""
    assert rules([], [send(0x203, 1, 1, HOST)], "extension: host +1") == []


def test_speaks_when_the_references_of_a_known_name_rise():
    """U1 says from how many to how many, and that no port count shows it."""
    assert told([send(0x203, 2, 1, HOST)], [send(0x203, 7, 1, HOST)]) == [
        Told(
            "U1",
            "certain",
            "the HOST port: 2 -> 7 references; the name existed before, so no port count shows it",
            5,
        )
    ]


def test_speaks_when_the_privileged_host_port_is_new():
    """U1 speaks of HOST-PRIV too."""
    assert told([], [send(0x203, 2, 1, 4)]) == [
        Told("U1", "certain", "the HOST-PRIV port: 0 -> 2 references; the name is new", 2)
    ]
