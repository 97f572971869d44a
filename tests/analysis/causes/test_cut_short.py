"""R3: a run that ended before its time."""

from dataclasses import replace

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.model.finding import Outcome
from tests.spaces import pair


def told(cut_short):
    report = judge(replace(compare((pair(), pair())), cut_short=cut_short))
    return report.outcome, [(one.rule, one.reason) for one in (*report.findings, *report.undecided)]


def test_stays_silent_because_the_run_came_to_its_end():
    """Two equal snapshots of a whole run are balanced."""
    assert told(None) == (Outcome.BALANCED, [])


def test_speaks_when_the_run_was_interrupted():
    """What was read may be equal: a run that was cut short is undecided, with the reason."""
    assert told("it was interrupted") == (Outcome.UNDECIDED, [("R3", "it was interrupted")])
