"""What a row of numbers does from round to round."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis.course import course_of_class, course_of_row, fit, kept_steps, period
from portaudit.model.difference import Course, Kept

EVERY, SOME, ONCE, BUSY = Course.EVERY_ROUND, Course.SOME_ROUNDS, Course.ONCE, Course.COMES_AND_GOES


@pytest.mark.parametrize(
    ("values", "course", "rate"),
    [
        ([0, 1, 2, 3, 4, 5, 6], EVERY, 1),
        ([2, 4, 6, 8], EVERY, 2),
        ([9, 8, 7, 6, 5], EVERY, -1),
        ([3, 2, 1, 0, 0, 0, 0, 0], EVERY, -1),
        ([0, 1, 2, 4, 4, 5, 6, 7], EVERY, 1),
        ([0, 1, 3, 4, 6], EVERY, 1.5),
        ([0, 0, 0, 1, 1, 1, 2, 2], SOME, 1 / 3),
        ([0, 0, 1, 1, 1, 1, 2, 2, 2, 3], SOME, 1 / 3),
        ([0, 1, 1, 1, 1], ONCE, 0),
        ([0, 0, 0, 1, 1], ONCE, 0),
        ([0, 2, 3, 3, 3, 3, 3], ONCE, 0),
        ([2, 1, 0, 0, 0, 0, 0], ONCE, 0),
        ([1, 2, 1, 2, 1, 2, 1], BUSY, 0),
        ([5, 9, 3, 7, 6, 8, 6], BUSY, 0),
        ([4, 4, 4], BUSY, 0),
    ],
)
def test_the_course_of_one_row(values, course, rate):
    """A rate needs rounds that go on; what stops happened once; what is given back is no leak."""
    kept = course_of_row(values)

    assert kept.course is course
    assert kept.rate == pytest.approx(rate)


@pytest.mark.parametrize(
    ("steps", "busy", "late", "course", "rate"),
    [
        ((1, 1, 1, 1, 1, 1), False, False, EVERY, 1),
        ((1, 1, 2, 1, 3, 1), True, False, EVERY, 1),
        ((0, 1, 1, 1, 1, 1), False, True, EVERY, 1),
        ((0, 1, 1, 1, 1, 1), False, False, BUSY, 0),
        ((2, 2, 2, 2), False, False, EVERY, 2),
        ((0, 0, 1, 0, 0, 1, 0, 0, 1), False, False, SOME, 1 / 3),
        ((0, 0, 1, 0, 0, 1, 0, 0, 1), True, False, BUSY, 0),
        ((0, 1, 0, 1, 0, 1), False, False, BUSY, 0),
        ((0, 1, 0, 1, 0, 1, 0, 1), False, False, SOME, 1 / 2),
        ((0, 0, 0, 2, 0, 1, 0, 0, 1), False, False, BUSY, 0),
        ((0, 0, 2, 0, 0), False, False, ONCE, 0),
    ],
)
def test_the_course_of_a_class_of_new_names(steps, busy, late, course, rate):
    """Only what every round leaves behind, or an exact period, is told from unrelated ports that stay."""
    kept = course_of_class(steps, in_use=busy, late=late)

    assert kept.course is course
    assert kept.rate == pytest.approx(rate)


@given(st.integers(0, 1000), st.integers(1, 50), st.integers(2, 40))
def test_a_leak_of_n_each_round_has_the_rate_n(first, each, rounds):
    """Whatever it starts from, what grows by n each round has the rate n, and lies on its line."""
    values = [first + each * number for number in range(rounds + 1)]

    assert course_of_row(values) == Kept(EVERY, (each,) * rounds, each, 1)
    line = fit(values)
    assert line.slope == pytest.approx(each)
    assert (line.offset, line.residual) == pytest.approx((first, 0), abs=1e-6)


@given(st.lists(st.integers(0, 9), min_size=3, max_size=20))
def test_a_row_that_ends_where_it_began_kept_nothing(values):
    """However it moved meanwhile, a row that came back to its first number has no step."""
    assert set(kept_steps([*values, values[0]])) == {0}


@given(st.lists(st.integers(0, 9), min_size=2, max_size=20))
def test_kept_steps_add_up_to_the_change(values):
    """What the rounds kept is, in sum, the change from first to last."""
    assert sum(kept_steps(values)) == values[-1] - values[0]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=5), st.integers(2, 5))
def test_a_period_is_found(pattern, times):
    """Steps that repeat have a period no longer than what they were made of."""
    found = period(pattern * times)

    assert found is not None
    assert found <= len(pattern)
    assert (pattern * times)[:found] * (len(pattern) * times // found) == (pattern * times)[
        : len(pattern) * times // found * found
    ]


@given(st.lists(st.integers(0, 100), min_size=3, max_size=20))
def test_gains_and_losses_are_judged_alike(values):
    """A row and its mirror have the same course and opposite rates, while the row stays above 0."""
    up = list(accumulate(values, initial=1))
    down = [up[-1] + 1 - value for value in up]

    rising, falling = course_of_row(up), course_of_row(down)
    assert (rising.course, rising.rate) == (falling.course, -falling.rate)


def test_a_line_says_how_far_the_numbers_are_off():
    """The residual of a line is the root mean square of what it misses."""
    line = fit([0, 2, 0, 2])

    assert (line.slope, line.offset, line.residual) == pytest.approx((0.4, 0.4, 0.8944271))
