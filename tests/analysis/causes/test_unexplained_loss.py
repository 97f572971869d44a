"""L2: what no other rule explains is still said: rights that are gone."""

import pytest

from tests.analysis.causes.rows import HOST, dead, once, port_set, recv, report, rules, send, told

SILENT = {
    "nothing changed": ([recv(0x403, 1)], [recv(0x403, 1)]),
    "another rule explains it": ([send(0x403, 2, 1, HOST)], [send(0x403, 1, 1, HOST)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """L2 has nothing to say of what another rule explains."""
    assert "L2" not in rules(before, after)


def test_speaks_once_of_each_kind_of_right():
    """Every kind of right that has gone is told."""
    before = [send(0x403, 1, 1), recv(0x503, 2), once(0x603, 3), port_set(0x703, 4)]

    assert sorted(one.seen for one in told(before, [])) == [
        "1 port-set right fell by 1 together",
        "1 recv right fell by 1 together",
        "1 send right fell by 1 together",
        "1 send-once right fell by 1 together",
    ]


def test_only_notes_dead_names_that_were_cleaned_up():
    """Giving back a dead name is what a good program does."""
    judged = report([dead(0x403, 2)], [])

    assert [(one.rule, str(one.severity)) for one in judged.findings] == [("L2", "note")]
    assert str(judged.outcome) == "balanced"
