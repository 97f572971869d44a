"""Expectations that cannot both hold."""

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.errors import UsageError
from tests.analysis.causes.rows import report
from tests.spaces import pair


def test_expectations_that_exclude_each_other_are_refused():
    """No change can satisfy both: the error quotes them."""
    with pytest.raises(UsageError) as error:
        report([], [], "extension: semaphore +1", "extension: SEMAPHORE +2")

    assert str(error.value) == (
        "the expectations 'extension: semaphore +1' and 'extension: SEMAPHORE +2' contradict each other"
    )


def test_every_two_expectations_are_held_against_each_other():
    """The second and the third contradict, though each agrees with the first."""
    with pytest.raises(UsageError, match=r"'extension: clock 0..1' and 'extension: clock 3..5' contradict"):
        report([], [], "extension: clock 0..5", "extension: clock 0..1", "extension: clock 3..5")


def test_a_series_refuses_them_too():
    """Three snapshots are judged under the same rules as two."""
    rules = tuple(map(parse_expectation, ["extension: clock +1", "extension: clock +2"]))

    with pytest.raises(UsageError, match="contradict each other"):
        judge(compare([pair()] * 3), rules)


@pytest.mark.parametrize(
    "second",
    ["extension: semaphore +1", "extension: semaphore 0..3", "host: semaphore +2", "extension: clock +2"],
)
def test_expectations_that_can_both_hold_are_taken(second):
    """The same rule again, a wider one, another task and another kind contradict nothing."""
    report([], [], "extension: semaphore +1", second)
