"""E1: what was expected did not come."""

from dataclasses import replace

import pytest
from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.model.finding import Verdict
from portaudit.model.snapshot import Snapshot
from tests.analysis.causes.rows import CONTROL, HOST_TASK, SEMAPHORE, recv, report, send
from tests.spaces import entries, task

SILENT = {
    "it came": ([], [send(0x403, 1, HOST_TASK, CONTROL)], "extension: task-control of host +1"),
    "it went": ([send(0x403, 1, HOST_TASK, CONTROL)], [], "extension: task-control of host -1"),
    "the range allows that nothing comes": ([], [], "extension: semaphore 0..2"),
    "more came": ([], [send(0x403, 3, HOST_TASK, CONTROL)], "extension: task-control of host +1"),
}


@pytest.mark.parametrize(("before", "after", "rule"), SILENT.values(), ids=SILENT)
def test_stays_silent_because(before, after, rule):
    """E1 has nothing to say unless less came than a rule demands."""
    assert "E1" not in [one.rule for one in report(before, after, rule).findings]


def test_stays_silent_because_a_message_may_carry_it():
    """What waits in a queue may be what is missing: undecided."""
    judged = report([recv(0x503, 2)], [recv(0x503, 2, queued=1)], "extension: task-control of host +1")

    assert [(one.rule, str(one.verdict)) for one in (*judged.findings, *judged.undecided)] == [
        ("F1", "in-flight")
    ]


def test_speaks_when_nothing_came():
    """The finding asks whether the transfer ran, and no rule about leaks or double frees looks at it."""
    (only,) = report([], [], "extension: task-control of host +1").findings

    assert (only.rule, only.verdict, only.evidence) == (
        "E1",
        Verdict.UNMET,
        "expected +1, nothing came; did the transfer run?",
    )
    assert [(row.object, row.before, row.after, row.expected) for row in only.rows] == [(HOST_TASK, 0, 0, 1)]


def test_speaks_when_less_came():
    """Two of three semaphores: one is missing."""
    rows = [send(0x403 + 0x100 * n, 1, n + 1, SEMAPHORE) for n in range(2)]
    (only,) = report([], rows, "extension: semaphore +3").findings

    assert (only.rule, only.evidence) == ("E1", "+1 of +3 expected did not come")


def test_speaks_of_a_range_by_its_least():
    """One to three were expected, and nothing came: one is missing."""
    (only,) = report([], [], "extension: task-control of host 1..3").findings

    assert only.evidence == "expected +1, nothing came; did the transfer run?"


def test_speaks_beside_a_loss():
    """A reference that had to come and one that went are two matters."""
    judged = report(
        [send(0x403, 2, HOST_TASK, CONTROL)],
        [send(0x403, 1, HOST_TASK, CONTROL)],
        "extension: task-control of host +1",
    )

    assert sorted(one.rule for one in judged.findings) == ["E1", "O1"]


def test_speaks_of_a_process_that_has_no_role():
    """A rule may name it by its name: of the others nothing was demanded."""
    spaces = [task(None, entries(), pid=pid) for pid in (50, 51)]
    first, second = (
        replace(one, process=structs.replace(one.process, name=name))
        for one, name in zip(spaces, ("one", "two"), strict=True)
    )
    snapshot = Snapshot((first, second), settled=True)

    (only,) = judge(compare((snapshot, snapshot)), [parse_expectation("two: semaphore +1")]).findings

    assert [(row.process.name, row.expected) for row in only.rows] == [("two", 1)]
