"""R4: what a reading does not tell."""

from dataclasses import replace

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from tests.analysis.causes.rows import CONTROL, HOST, HOST_TASK, SEMAPHORE, report, send, snapshot

CUT = "the text was cut off after this row"


def cut(whole):
    """Say of the extension's reading that rows may be missing."""
    host, extension = whole.tasks
    return replace(whole, tasks=(host, replace(extension, gaps=(CUT,))))


def told(before, after, *rules):
    judged = judge(compare((before, after)), map(parse_expectation, rules))
    return [one.rule for one in judged.findings], [(one.rule, one.reason) for one in judged.undecided]


BOTH = [send(0x203, 2, 1, HOST), send(0x403, 1, HOST_TASK, CONTROL)]


def test_stays_silent_because_both_readings_are_whole():
    """What both tell is judged, and nothing is left to doubt."""
    assert told(snapshot(BOTH), snapshot(BOTH)) == ([], [])
    assert told(snapshot(BOTH), snapshot([send(0x203, 5, 1, HOST), BOTH[1]])) == (["U1"], [])


def test_speaks_of_what_no_row_shows():
    """What both have is judged; but behind the cut a right may have come or gone that neither shows."""
    doubt = [("R4", f"in the snapshot after: {CUT}")]

    assert told(snapshot(BOTH), cut(snapshot(BOTH))) == ([], doubt)
    assert told(snapshot(BOTH), cut(snapshot([send(0x203, 5, 1, HOST), BOTH[1]]))) == (["U1"], doubt)


def test_speaks_once_of_a_task_of_which_both_readings_are_cut():
    """The first reading's cut is told; the second says no more."""
    assert told(cut(snapshot(BOTH)), cut(snapshot(BOTH))) == ([], [("R4", f"in the snapshot before: {CUT}")])


@pytest.mark.parametrize("rows", [BOTH[:1], []])
def test_speaks_when_only_the_incomplete_side_lacks_a_row(rows):
    """A row behind the cut is no loss."""
    assert told(snapshot(BOTH), cut(snapshot(rows))) == ([], [("R4", CUT)])


def test_speaks_of_a_gain_against_an_incomplete_first_side():
    """What the first reading lacks may have been there."""
    assert told(cut(snapshot(BOTH[:1])), snapshot(BOTH)) == ([], [("R4", CUT)])


def test_speaks_when_references_were_not_read():
    """A new name whose references nobody read is no balance."""
    judged = report([], [send(0x403, None, HOST_TASK, CONTROL)])

    assert ([one.rule for one in judged.undecided], str(judged.outcome)) == (["R4"], "undecided")


def test_speaks_when_the_owner_cannot_be_told():
    """Whether a rule about the host's port speaks of a port is open while nobody knows the host's own."""
    before, after = (
        replace(whole, tasks=tuple(replace(task, self_object=None) for task in whole.tasks))
        for whole in (
            snapshot([], [send(0x103, 1, 0x77, CONTROL), send(0x203, 1, 0x78, CONTROL)]),
            snapshot(
                [send(0x403, 1, 0x79, CONTROL)],
                [send(0x103, 1, 0x77, CONTROL), send(0x203, 1, 0x78, CONTROL)],
            ),
        )
    )
    findings, undecided = told(before, after, "extension: task-control of host +1")

    assert (findings, [rule for rule, _ in undecided]) == ([], ["R4"])


def test_speaks_of_a_snapshot_that_misses_a_process():
    """What is missing as a whole is said, and the verdict is not balanced."""
    whole = snapshot([send(0x403, 1, 1, SEMAPHORE)])

    assert told(whole, replace(whole, gaps=("2 processes are announced and not there",))) == (
        [],
        [("R4", "the snapshot after is incomplete: 2 processes are announced and not there")],
    )
