"""What an expectation leaves: unused ones are told, and what is over stands on what came."""

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.model.snapshot import Snapshot
from tests.analysis.causes.rows import CLOCK, SEMAPHORE, dead, once, port_set, recv, report, send
from tests.spaces import entries, pair, task

NOT_USED = "the expectation 'extension: clock 0..2' was not used: nothing that it speaks of changed"
HELD = [send(0x1103, 1, 0x5000, CLOCK)]


def test_a_range_that_holds_nothing_is_told_as_unused():
    """Nothing changed, which a range from 0 allows: balanced, with a note."""
    judged = report(HELD, HELD, "extension: clock 0..2")

    assert (judged.findings, judged.notes) == ((), (NOT_USED,))


def test_a_range_that_is_used_is_not_told():
    """One clock right more is within the range."""
    judged = report([], HELD, "extension: clock 0..2")

    assert (judged.findings, judged.notes) == ((), ())


def test_what_must_happen_and_did_not_is_told_as_unmet():
    """A rule without 0 is a promise: what is missing is a finding of its own."""
    judged = report(HELD, HELD, "extension: clock +1")

    assert [finding.rule for finding in judged.findings] == ["E1"]
    assert judged.findings[0].evidence == "expected +1, nothing came; did the transfer run?"


def test_a_series_tells_of_them_too():
    """A round may always change less than a rule allows; a rule that no row has to do with is told."""
    rule = parse_expectation("extension: clock 0..2")

    assert judge(compare([pair()] * 3), (rule,)).notes == (NOT_USED,)


def test_what_is_over_stands_on_what_came():
    """Three came under one name and one went of another: of two in sum one is too many."""
    before = [send(0x303, 2, 0x5002, SEMAPHORE)]
    after = [send(0x203, 3, 0x5001, SEMAPHORE), send(0x303, 1, 0x5002, SEMAPHORE)]

    judged = report(before, after, "extension: semaphore 0..1")

    assert sorted((row.name, row.change, row.residual) for row in judged.changes) == [
        (0x203, 3, 1),
        (0x303, -1, 0),
    ]


def test_what_is_over_stands_on_the_last_process():
    """Two processes of one name gained one each where one is allowed: the later one's is too many."""

    def named(first, second):
        tasks = [task(None, entries(*rows), pid=pid) for pid, rows in ((50, first), (51, second))]
        return Snapshot(tuple(tasks), settled=True)

    came = named([(0x303, "send", 1, 0x5001, SEMAPHORE)], [(0x203, "send", 1, 0x5002, SEMAPHORE)])
    judged = judge(compare((named((), ()), came)), [parse_expectation("other: semaphore 0..1")])

    assert {row.process.pid: row.residual for row in judged.changes} == {50: 0, 51: 1}


def test_what_came_is_not_over_where_less_had_to_be():
    """One came and one went where one should be gone: that is missing, and nothing is too many."""
    one, other = send(0x203, 1, 0x5001, SEMAPHORE), send(0x303, 1, 0x5002, SEMAPHORE)

    judged = report([one], [other], "extension: semaphore -1")

    assert [(finding.rule, finding.evidence) for finding in judged.findings] == [
        ("E1", "expected -1, nothing came; did the transfer run?")
    ]


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("receive", recv(0x203, 1)),
        ("send-once", once(0x203, 1)),
        ("port-set", port_set(0x203, 1)),
        ("dead-name", dead(0x203, 1)),
    ],
)
def test_a_kind_of_right_is_expected_by_its_name(kind, row):
    """What has no kobject type is named by its right; another kind's rule does not speak of it."""
    (allowed,) = report([], [row], f"extension: {kind} +1").changes
    others = {"receive", "send-once", "port-set", "dead-name"} - {kind}
    (other,) = report([], [row], *(f"extension: {one} 0..1" for one in others)).changes

    assert (allowed.residual, other.residual) == (0, 1)
