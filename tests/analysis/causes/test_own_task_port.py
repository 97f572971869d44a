"""U7: a task takes its own port anew for each transfer."""

import pytest

from tests.analysis.causes.rows import CONTROL, EXTENSION_TASK, HOST_TASK, READ, Told, rules, send, told

SILENT = {
    "nothing changed": ([], []),
    "it is another task's port": ([], [send(0x403, 2, HOST_TASK, CONTROL)]),
    "it is a read port in the extension, which reads the host": ([], [send(0x403, 2, 0xC000, READ)]),
    "the references fell": (
        [send(0x103, 3, EXTENSION_TASK, CONTROL)],
        [send(0x103, 2, EXTENSION_TASK, CONTROL)],
    ),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """U7 has nothing to say unless a task's own port rose in its own space."""
    assert "U7" not in rules(before, after)


def test_speaks_of_the_own_control_port():
    """The own port is known by its object id."""
    rose = ([send(0x103, 2, HOST_TASK, CONTROL)], [send(0x103, 9, HOST_TASK, CONTROL)])

    assert told([], [], host=rose) == [Told("U7", "likely", "the task's own port: 2 -> 9 references", 7)]


def test_speaks_as_a_hint_of_a_read_port_in_the_host():
    """Whose a read port is does not show; the host is the one that hands itself over."""
    assert told([], [], host=([], [send(0x403, 3, 0xC000, READ)])) == [
        Told(
            "U7",
            "hint",
            "a TASK-READ port in the host's space: 0 -> 3 references; whose it is does not show",
            3,
        )
    ]
