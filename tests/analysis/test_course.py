"""Lines through numbers that have noise, in bare numbers."""

from math import inf

import pytest

from portaudit.analysis.series.course import (
    LEAST_SLOPE,
    REFERENCES,
    SIZE,
    SLOWER,
    numbers,
    of_an_operation,
    references_climb,
    size_grows,
    trend,
)
from portaudit.analysis.series.survival import limit


@pytest.mark.parametrize(
    ("table", "limits"),
    [
        (SIZE, {7: inf, 8: 14.0, 14: 14.0, 15: 10.5}),
        (REFERENCES, {4: inf, 5: 25.0, 7: 25.0, 8: 10.5, 50: 10.5}),
        (SLOWER, {4: inf, 5: 25.0, 7: 25.0, 8: 15.0, 14: 15.0, 15: 10.5}),
        (LEAST_SLOPE, {7: inf, 8: 0.8, 14: 0.8, 15: 0.25}),
    ],
)
def test_more_rounds_prove_more(table, limits):
    """What no healthy series reached, by the number of rounds; of too few none is enough."""
    assert {rounds: limit(table, rounds) for rounds in limits} == limits


def test_an_even_line_is_as_sure_as_whole_numbers_are():
    """They lie on the line exactly, and count as noisy by a fiftieth of a reference squared."""
    assert trend([3, 4, 5, 6, 7]).slope == pytest.approx(1)
    assert trend([3, 4, 5, 6, 7]).t == pytest.approx(18.26, abs=0.01)
    assert trend([7, 5, 3, 1, -1]).t == pytest.approx(-36.51, abs=0.01)
    assert trend([4, 4, 4, 4, 4]).t == 0


@pytest.mark.parametrize(
    ("numbers", "grows"),
    [
        (range(9), 1),
        (range(8), None),
        ([0, 0, 1, 2, 3, 4, 5, 6, 7], 0.93),
        ([5] * 9, None),
        (range(8, -1, -1), None),
        ([0, 1, 2, 3, 4, 4, 5, 5, 5], None),
        ([0, 0, 0, 1, 1, 2, 3, 4, 5], None),
        ([0, 1, 2, 3, 4, 5, 6, 6, 7], None),
        ([2, 3, 5, 5, 7, 7, 8, 10, 10], 1.02),
        ([2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10], 0.5),
        ([0, 1, 2, 3, 5, 6, 6, 7, 9], 1.08),
    ],
    ids=[
        "a line",
        "too short",
        "begins late",
        "stands",
        "falls",
        "ends early",
        "too slow",
        "slows down",
        "is noisy",
        "is long",
        "the last round decides",
    ],
)
def test_a_class_grows_on_a_line_in_both_halves(numbers, grows):
    """Eight rounds or more, one name in each of them or nearly so, and neither half without."""
    slope = size_grows(list(numbers))

    assert (slope if slope is None else round(slope, 2)) == grows


@pytest.mark.parametrize(
    ("numbers", "in_use", "climbs"),
    [
        ([2, 3, 4, 5, 6, 7], False, 1),
        ([2, 3, 4, 5, 6], False, None),
        ([9, 8, 7, 6, 5, 4], False, -1),
        ([2, 3, 4, 5, 6, 7, 8, 9, 11], False, 1.07),
        ([2, 3, 4, 5, 6, 7, 9, 9, 11], True, 1.1),
        ([2, 4, 4, 6, 6, 8, 8, 10, 10], False, 1),
        ([2, 4, 4, 6, 6, 8, 8, 10, 10], True, None),
        ([3, 3, 3, 4, 6, 7, 7, 7, 9, 10, 10], False, 0.8),
        ([2, 2, 3, 3, 4, 4, 5, 5, 6], False, None),
        ([2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10], False, 0.5),
        ([4, 4, 4, 4, 4, 4, 4, 4, 4], False, None),
    ],
)
def test_references_climb_or_fall_on_a_line(numbers, in_use, climbs):
    """Rows without noise after five rounds; objects in use, and slow lines, need a surer one."""
    slope = references_climb(numbers, in_use=in_use)

    assert (slope if slope is None else round(slope, 2)) == climbs


@pytest.mark.parametrize(
    ("rate", "of_a_round", "said"),
    [
        (None, 1.0, ""),
        (1.0, 1.0, ""),
        (0.0, 0.0, ""),
        (-0.9995, -1.0, ""),
        (1.002, 1.0, ", +1 an operation"),
        (1 / 3, 1.0, ", +0.33 an operation"),
        (-0.5, -1.0, ", -0.5 an operation"),
    ],
)
def test_what_one_operation_keeps_stands_beside_the_rate_of_a_round(rate, of_a_round, said):
    """Where a round makes one operation, it is said once."""
    assert of_an_operation(rate, of_a_round) == said


def test_what_lasts_widens_the_error_threefold_at_most():
    """Numbers that bend are off the line for long: they count as a fifth of what they are, and no less."""
    assert trend([number * number for number in range(21)]).t == pytest.approx(5.38, abs=0.01)
    assert trend([max(0, number - 8) for number in range(21)]).t == pytest.approx(3.93, abs=0.01)


def test_a_long_series_is_told_by_its_first_and_last_numbers():
    """Twenty-four numbers stand in a line; of more the first and the last dozen."""
    first, last = " ".join(map(str, range(12))), " ".join(map(str, range(13, 25)))

    assert numbers(range(24)) == " ".join(map(str, range(24)))
    assert numbers(range(25)) == f"{first} ... {last}"
