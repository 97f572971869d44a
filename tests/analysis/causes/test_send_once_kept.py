"""N9: requests that are dropped without an answer."""

import pytest

from tests.analysis.causes.rows import Told, once, rules, send, told

SILENT = {
    "nothing changed": ([once(0x403, 1)], [once(0x403, 1)]),
    "the request was answered": ([once(0x403, 1)], []),
    "one was answered and one has come": ([once(0x403, 1)], [once(0x503, 1)]),
    "it is a send right": ([], [send(0x403, 1, 1)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N9 has nothing to say unless a task holds more send-once rights."""
    assert "N9" not in rules(before, after)


def test_speaks_once_of_all_unanswered_requests():
    """Send-once rights never share a name; those to one port add up to one row."""
    assert told([], [once(0x403, 1), once(0x503, 1), once(0x603, 2)]) == [
        Told("N9", "likely", "3 new send-once rights to 2 reply ports, a name each", 3)
    ]
