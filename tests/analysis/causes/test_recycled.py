"""O3: a name that denotes another port now."""

import pytest

from tests.analysis.causes.rows import CONTROL, HOST_TASK, SEMAPHORE, THREAD, dead, once, report, rules, send

SILENT = {
    "the name has gone": ([send(0x403, 1, 1)], []),
    "the name is new": ([], [send(0x403, 1, 1)]),
    "the right was released and received again": ([send(0x403, 1, 1)], [send(0x1403, 1, 1)]),
    "the port died": ([send(0x403, 1, 1)], [dead(0x403, 1)]),
    "the object is not known before": ([send(0x403, 1, None)], [send(0x403, 1, 1)]),
}


@pytest.mark.parametrize(("before", "after"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after):
    """O3 has nothing to say unless one name stands for two ports."""
    assert "O3" not in rules(before, after)


def test_speaks_of_both_ports():
    """It has a row for what the name lost and one for what it gained; of a plain port it is a note."""
    judged = report([send(0x403, 2, 1)], [send(0x403, 1, 2, SEMAPHORE)])

    (only,) = (one for one in judged.findings if one.rule == "O3")
    assert str(only.severity) == "note"
    seen = "0x403 was send 0x00000001 and is SEMAPHORE 0x00000002: freed and used again between the readings"
    assert (only.rule, str(only.verdict), only.evidence) == ("O3", "recycled", seen)
    assert [(row.object, row.change) for row in only.rows] == [(1, -2), (2, 1)]


def test_speaks_of_a_dead_name_that_lives():
    """What is dead never lives again: the name is another port's."""
    assert "O3" in rules([dead(0x403, 1)], [send(0x403, 1, 2)])


def test_speaks_of_another_kind_of_right():
    """The name may denote any right now."""
    assert "O3" in rules([send(0x403, 1, 1)], [once(0x403, 2)])


def test_speaks_as_a_warning_where_a_strict_right_was_freed():
    """Whoever cached the name of the host's task port acts on a semaphore now; the loss is told as itself."""
    judged = report([send(0x403, 2, HOST_TASK, CONTROL)], [send(0x403, 1, 2, SEMAPHORE)])

    assert [(one.rule, str(one.severity)) for one in judged.findings[:2]] == [
        ("O2", "error"),
        ("O3", "warning"),
    ]


def test_a_thread_that_ended_frees_its_name():
    """Threads come and go: the name of one that ended is soon another right's, which is a note."""
    judged = report([send(0x403, 1, 1, THREAD)], [once(0x403, 2)])

    assert {str(one.severity) for one in judged.findings} == {"note"}
