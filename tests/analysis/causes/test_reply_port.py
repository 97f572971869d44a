"""N10: a reply port made anew for each call."""

import pytest

from tests.analysis.causes.rows import Told, recv, report, rules, told

SILENT = {
    "nothing changed": ([recv(0x403, 1, make_send=0)], [recv(0x403, 1, make_send=0)]),
    "a send right was made once": ([], [recv(0x403, 1, make_send=1), recv(0x503, 2, make_send=1)]),
    "whether one was made is not known": ([], [recv(0x403, 1), recv(0x503, 2)]),
    "an answer is on its way": ([], [recv(0x403, 1, make_send=0, send_once=1)]),
    "it is a member of a port set": ([], [recv(0x403, 1, make_send=0, in_set=True)]),
    "it has a send right of its own": ([], [recv(0x403, 1, sends=1, make_send=0)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """N10 has nothing to say unless new receive rights never had a sender."""
    assert "N10" not in rules(before, after)


def test_speaks_of_several_reply_ports():
    """One reply port for each call adds up."""
    rows = [recv(0x403 + 0x100 * n, n + 1, make_send=0, has_senders=False) for n in range(3)]

    assert told([], rows) == [
        Told("N10", "likely", "3 new receive rights: no send right was ever made, nothing is queued", 3)
    ]


def test_only_notes_a_single_one():
    """A thread makes its reply port at its first call: one more is no leak yet."""
    judged = report([], [recv(0x403, 1, make_send=0, has_senders=False)])

    assert [(one.rule, str(one.severity)) for one in judged.findings] == [("N10", "note")]
    assert str(judged.outcome) == "balanced"
