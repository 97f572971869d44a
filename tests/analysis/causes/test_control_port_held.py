"""P1: an extension that holds the control port of its host."""

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from tests.analysis.causes.rows import CONTROL, HOST_TASK, READ, send, snapshot

STRICT = Terms(policy=LEAST_PRIVILEGE)
HELD = [send(0x403, 2, HOST_TASK, CONTROL)]
NOTE = (
    "the extension holds the control port of its host: 0x403 holds 2 references to the host's TASK-CONTROL "
    "port (portaudit explain P1)"
)

SILENT = {
    "the extension holds nothing of the host": [],
    "it holds a read port": [send(0x403, 2, 0xC000, READ)],
    "it holds another task's control port": [send(0x403, 2, 0xC000, CONTROL)],
}


def judged(before, after, terms=STRICT):
    return judge(compare((snapshot(before), snapshot(after))), (), terms)


@pytest.mark.parametrize("rows", SILENT.values(), ids=SILENT)
def test_stays_silent_because(rows):
    """P1 has nothing to say unless the host's own control port is in the extension's space."""
    assert judged(rows, rows).findings == ()
    assert judged(rows, rows, Terms()).notes == ()


def test_stays_silent_because_the_right_was_given_back():
    """What counts is what is held after."""
    assert "P1" not in [one.rule for one in judged(HELD, []).findings]


def test_stays_silent_because_a_finding_tells_of_the_same_right():
    """Without the policy, a leak of the right is told as the leak."""
    report = judged([], HELD, Terms())

    assert ([one.rule for one in report.findings], report.notes) == (["U5"], ())


def test_speaks_in_a_note_without_the_policy():
    """A right that is held and did not change is noted, and the outcome is balanced."""
    report = judged(HELD, HELD, Terms())

    assert (str(report.outcome), report.findings, report.notes) == ("balanced", (), (NOTE,))


def test_speaks_as_an_error_under_the_policy():
    """Least privilege makes an error of it, whether it changed or not."""
    report = judged(HELD, HELD)

    (only,) = report.findings
    assert (only.rule, str(only.severity), str(report.outcome)) == ("P1", "error", "findings")
    assert only.evidence == "0x403 holds 2 references to the host's TASK-CONTROL port"
