"""Expectations that cannot be held against anything, or not both."""

from dataclasses import replace

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


def test_a_kind_that_nobody_knows_is_refused_with_the_nearest():
    """A mistyped kind would match nothing for ever."""
    with pytest.raises(UsageError) as error:
        parse_expectation("extension: semaphor +1")

    assert str(error.value) == (
        "'extension: semaphor +1' names 'semaphor', which is no kobject type or right that lsmp prints; "
        "the nearest is semaphore"
    )


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("extention: clock +1", "'extention'; the nearest is extension"),
        ("host: clock of launchd +1", "'launchd'; there are 4242, 4243, Extension, Host, extension, host"),
    ],
)
def test_a_task_that_no_snapshot_has_is_refused(rule, told):
    """The nearest name is told, or all that there are."""
    with pytest.raises(UsageError) as error:
        report([], [], rule)

    assert str(error.value).endswith(f"no task of the snapshots is called {told}")


def test_a_role_that_nobody_has_is_refused_with_the_option_that_gives_it():
    """Tasks without roles: the rule may be right, and the command is not."""
    bare = pair()
    bare = replace(bare, tasks=tuple(replace(one, role=None) for one in bare.tasks))

    with pytest.raises(UsageError) as error:
        judge(compare((bare, bare)), (parse_expectation("extension: clock +1"),))

    assert str(error.value).endswith("(give the role with --extension NAME or PID)")
