"""N2: the peer died, and what was held of it is a dead name now."""

import pytest

from tests.analysis.causes.rows import CONTROL, HOST_TASK, SEMAPHORE, THREAD, Told, dead, rules, send, told

SILENT = {
    "the dead name is new": ([], [dead(0x403, 1)]),
    "the dead name was dead before": ([dead(0x403, 1)], [dead(0x403, 2)]),
    "the right went with its port": ([send(0x403, 1, 1)], []),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N2 has nothing to say unless a name that held a right is a dead name now."""
    assert "N2" not in rules(before, after)


def test_speaks_of_what_the_name_held():
    """The old row tells kind and owner; its lost send right is explained by the death."""
    assert told([send(0x403, 4, HOST_TASK, CONTROL)], [dead(0x403, 4)]) == [
        Told(
            "N2",
            "certain",
            "the name was a right to TASK-CONTROL of the host and is dead: 0 -> 4 references",
            4,
        )
    ]


def test_speaks_once_of_each_kind():
    """Names of one kind that died are one finding, those of another kind a second one."""
    before = [send(0x403, 1, 1, THREAD), send(0x503, 2, 2, THREAD), send(0x603, 1, 3, SEMAPHORE)]

    assert told(before, [dead(0x403, 1), dead(0x503, 2), dead(0x603, 1)]) == [
        Told("N2", "certain", "2 names were rights to THREAD-CONTROL and are dead: 3 references", 3),
        Told("N2", "certain", "the name was a right to SEMAPHORE and is dead: 0 -> 1 references", 1),
    ]


def test_speaks_of_a_message_queue():
    """A peer's port has no kobject type."""
    assert told([send(0x403, 1, 1)], [dead(0x403, 1)]) == [
        Told("N2", "certain", "the name was a right to a message queue and is dead: 0 -> 1 references", 1)
    ]
