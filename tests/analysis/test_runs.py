"""Runs of two ascending lists: what stands in both, told in slices."""

from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis.rows import common_runs

ASCENDING = st.lists(st.integers(0, 60), unique=True).map(sorted)


def test_runs_stand_between_what_only_one_has():
    """3 is missing in the second list and 5 in the first."""
    assert list(common_runs([1, 2, 3, 4, 6], [1, 2, 4, 5, 6])) == [(0, 0, 2), (3, 2, 1), (4, 4, 1)]


@given(ASCENDING, ASCENDING)
def test_runs_hold_just_what_both_have(one, other):
    """Together the runs are the common numbers, in both lists at the places that they name."""
    runs = list(common_runs(one, other))

    mine = [number for here, _, length in runs for number in one[here : here + length]]
    yours = [number for _, there, length in runs for number in other[there : there + length]]
    assert mine == yours == sorted({*one} & {*other})


@given(ASCENDING, ASCENDING)
def test_a_run_is_as_long_as_it_can_be(one, other):
    """No run goes on where it ended: the next numbers differ, or a list is at its end."""
    for here, there, length in common_runs(one, other):
        assert one[here + length : here + length + 1] != other[there + length : there + length + 1] or (
            here + length == len(one)
        )
