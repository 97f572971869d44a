"""Names that stay from every round, in bare numbers: which lives are a leak, and which are churn."""

from math import inf

import pytest

from portaudit.analysis.series.survival import (
    EACH_ROUND,
    SOME_ROUNDS,
    Lives,
    falling,
    leak_of,
    likeliest,
    limit,
    lives_of,
    sizes,
    steps,
)

MANY = 20
"""Classes that move in a busy process: with fewer, less is enough."""

NONE = (0,) * 10


def rate(survivors, departed=NONE, moving=MANY):
    """Give the names a round that such lives leak; None where they are churn."""
    leak = leak_of(Lives(survivors, departed), moving)
    return None if leak is None else round(leak.rate, 2)


@pytest.mark.parametrize(
    ("survivors", "departed", "leaks"),
    [
        ((1,) * 10, NONE, 1),
        ((3,) * 10, NONE, 3),
        ((1,) * 10, (1,) * 10, None),
        ((4, 3, 2, 1, 0, 0, 0, 0, 0, 0), (4, 3, 2, 1, 0, 0, 0, 0, 0, 0), None),
        ((5, 4, 2, 2, 1, 1, 1, 1, 1, 1), (4, 3, 2, 1, 0, 0, 0, 0, 0, 0), 1),
        ((0,) * 10, (1,) * 10, None),
    ],
    ids=["each round", "three a round", "a pool", "churn", "a leak beside churn", "what goes"],
)
def test_a_leak_stays_from_the_oldest_round_on(survivors, departed, leaks):
    """Churn leaves as little of old rounds as of what was there before; a leak leaves as much of each."""
    assert rate(survivors, departed) == leaks


@pytest.mark.parametrize(("gone", "leaks"), [(0, 1), (6, 1), (8, 1), (9, None), (10, None)])
def test_a_class_that_has_not_grown_leaks_nothing(gone, leaks):
    """Ten came one by one, and of those before so many went in the first round."""
    assert rate((1,) * 10, (gone, *NONE[1:])) == leaks


@pytest.mark.parametrize(
    ("survivors", "leaks"),
    [
        ((1,) * 8 + (2, 2), 1),
        ((1,) * 7 + (2, 2, 2), None),
        ((0, 1, 0, 1, 0, 1, 1, 1, 1, 1), None),
    ],
)
def test_a_cache_that_fills_leaves_less_and_less(survivors, leaks):
    """The older half may leave as much as the younger, and as much again as chance does."""
    assert rate(survivors) == leaks


@pytest.mark.parametrize(
    ("survivors", "moving", "leaks"),
    [
        ((1, 0, 1, 1, 1, 1, 1, 0, 1, 1), MANY, 0.8),
        ((1, 0, 1, 1, 0, 1, 1, 0, 1, 1), MANY, None),
        ((1, 0, 1, 1, 0, 1, 1, 0, 1, 1), 10, 0.69),
        ((1, 1, 1, 0, 0, 0, 1, 1, 1, 1), 1, None),
        ((0, 0, 0, 1, 1, 1, 1, 1, 1, 1), 1, None),
    ],
    ids=["eight of ten", "seven of ten", "of fewer classes", "none in the middle", "none in the youngest"],
)
def test_four_rounds_in_five_must_leak_and_some_of_each_third(survivors, moving, leaks):
    """Of ten rounds seven prove something where few classes move; what comes in runs is a cache or a wave."""
    assert rate(survivors, moving=moving) == leaks


@pytest.mark.parametrize(
    ("survivors", "leaks"),
    [
        ((2,) * 5 + (0,), None),
        ((2,) * 6, 2),
        ((1,) * 8 + (0, 0), None),
        ((1,) * 9 + (0,), 0.9),
        ((1,) * 16 + (0,) * 4, None),
        ((1,) * 16 + (1, 0, 0, 0), 0.85),
    ],
)
def test_what_lives_nearly_as_long_as_the_series_is_no_leak(survivors, leaks):
    """What a trigger opens for so many rounds is gone from the oldest; a leak may spare the first round."""
    assert rate(survivors, (0,) * len(survivors)) == leaks


def test_more_rounds_tell_of_a_leak_in_some():
    """Twelve of twenty rounds are enough, and the rate is the share of the rounds that leaked."""
    some = (1, 0, 1, 1, 0) * 4

    assert rate(some, (0,) * 20, moving=1) == pytest.approx(0.6, abs=0.05)
    assert rate((1, 0, 0, 0, 0) * 3 + NONE[:5], (0,) * 20, moving=1) is None


@pytest.mark.parametrize(("moving", "leaks"), [(0, 1), (1, 1), (9, 1), (10, None), (20, None), (60, None)])
def test_fewer_classes_that_move_are_fewer_chances_for_a_false_alarm(moving, leaks):
    """Five rounds prove a leak where fewer than ten classes move."""
    assert rate((1,) * 5, (0,) * 5, moving) == leaks


@pytest.mark.parametrize(
    ("table", "limits"),
    [
        (EACH_ROUND, {4: inf, 5: 9.0, 6: 9.0, 7: 8.5, 8: 8.5, 9: 7.0, 14: 7.0, 15: 6.0, 50: 6.0}),
        (SOME_ROUNDS, {9: inf, 10: 8.0, 14: 8.0, 15: 6.5}),
    ],
)
def test_more_rounds_prove_more(table, limits):
    """The scores that no healthy series reached: the more rounds, the lower; of too few none is enough."""
    assert {rounds: limit(table, rounds) for rounds in limits} == limits


def test_fewer_than_five_rounds_prove_nothing():
    """However clear it looks."""
    assert rate((9,) * 4, (0,) * 4, moving=1) is None


def test_the_likeliest_leak_is_that_of_the_highest_score():
    """Three stay from each round but one: three a round say more than one of each."""
    best = likeliest(Lives((3, 3, 3, 3, 3, 2, 3, 3, 3, 3), NONE))

    assert best is not None
    assert (best.count, round(best.share, 2)) == (3, 0.9)
    assert likeliest(Lives(NONE, NONE)) is None
    assert likeliest(Lives((), ())) is None


def test_the_nearest_numbers_that_never_rise_are_their_means():
    """Isotonic regression: what rises is pooled, and nothing else is touched."""
    assert falling([5, 3, 4, 1]) == [5, 3.5, 3.5, 1]
    assert falling([1, 2, 3]) == [2, 2, 2]
    assert falling([3, 3, 1]) == [3, 3, 1]


def test_lives_are_counted_by_age_and_by_round():
    """The youngest survivor came in the last round; what was always there has no life."""
    rows = [(0, 0, 0, 1), (0, 1, 1, 1), (1, 1, 0, 0), (1, 0, 0, 0), (1, 1, 1, 1), (0, 1, 1, 0)]

    assert lives_of(rows) == Lives((1, 0, 1), (1, 1, 0))
    assert lives_of([]) == Lives((), ())
    assert (sizes(rows), steps(sizes(rows))) == ((3, 4, 3, 3), (1, -1, 0))
