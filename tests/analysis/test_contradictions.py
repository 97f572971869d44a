"""Expectations that cannot both hold."""

import pytest

from portaudit.errors import UsageError
from tests.analysis.causes.rows import report


def test_expectations_that_exclude_each_other_are_refused():
    """No change can satisfy both: the error quotes them."""
    with pytest.raises(UsageError) as error:
        report([], [], "extension: semaphore +1", "extension: SEMAPHORE +2")

    assert str(error.value) == (
        "the expectations 'extension: semaphore +1' and 'extension: SEMAPHORE +2' contradict each other"
    )


@pytest.mark.parametrize(
    "second",
    ["extension: semaphore +1", "extension: semaphore 0..3", "host: semaphore +2", "extension: clock +2"],
)
def test_expectations_that_can_both_hold_are_taken(second):
    """The same rule again, a wider one, another task and another kind contradict nothing."""
    report([], [], "extension: semaphore +1", second)
