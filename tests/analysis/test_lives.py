"""What rounds leave, in bare numbers: lines, halves, and what was born together."""

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.analysis.series.course import kept_steps, size_grows
from tests.spaces import pair

EARLY = (1, 2, 3, 4, 6, 7, 8, 9)
LATE = (2, 3, 4, 5, 7, 8, 9, 10)


def test_a_class_grows_on_a_line_only_if_both_halves_rise():
    """One name in the first eight of sixteen rounds is too little of the four that came in all."""
    late = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4]

    assert size_grows(late) is None
    assert size_grows([5 + number for number in late]) is None
    assert size_grows([9 - number for number in reversed(late)]) is None
    assert size_grows([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5]) is not None


def test_a_pool_that_grows_though_its_names_change_is_told_by_its_growth():
    """One name more in each round, and none of them older than a round: that is what the words say."""

    def pool(number):
        at = range(5 + number)
        rows = [(0x10003 + 0x10000 * number + 0x100 * n, "send", 1, 0x1000 * number + n, 23) for n in at]
        return pair(extension_rows=rows)

    (finding,) = judge(compare([pool(number) for number in range(1, 12)])).findings

    assert (finding.title, finding.pace, round(finding.rate or 0, 3)) == (
        "the extension: semaphores are made and never released: +1 a round",
        "+1 a round",
        1,
    )
    assert finding.evidence.startswith("names 6 7 8 9 10 11 12 13 14 15 16; more names from each round; ")


def readings(semaphores, receives):
    """Give eleven readings: a semaphore and a receive right stay from each of their tenths of a round."""
    for number in range(0, 101, 10):
        yield pair(
            extension_rows=sorted(
                [(0x10003 + 0x100 * at, "send", 1, 0x51000 + at, 23) for at in semaphores if at <= number]
                + [(0x20003 + 0x100 * at, "recv", 0, 0x61000 + at, None) for at in receives if at <= number]
            )
        )


def leaks(*rounds):
    tenths = ([round(10 * at) for at in ats] for ats in rounds)
    found = judge(compare(list(readings(*tenths)))).findings
    return sorted([row.right.value for row in one.rows] for one in found if one.rate)


def test_what_is_born_in_the_same_rounds_is_one_finding():
    """A receive right that comes with each semaphore is told with it."""
    assert leaks(EARLY, EARLY) == [["send", "recv"]]


def test_what_is_born_in_other_rounds_is_a_finding_of_its_own():
    """Six rounds of eight in common are too few to be one leak."""
    assert leaks(EARLY, LATE) == [["recv"], ["send"]]


def test_what_is_born_in_eight_rounds_of_ten_is_one_finding():
    """A class that leaks in each round and one that leaks in eight of them may be one leak."""
    assert leaks(range(1, 11), EARLY) == [["send", "recv"]]


def test_what_is_born_in_other_numbers_is_a_finding_of_its_own():
    """Three receive rights and four semaphores a round may be one leak, two and three are not."""

    def times(number):
        return tuple(at - n / 10 for at in range(1, 11) for n in range(number))

    assert leaks(times(4), times(3)) == [["send", "recv"]]
    assert leaks(times(3), times(2)) == [["recv"], ["send"]]


def test_each_round_has_its_step():
    """What came back leaves nothing of any round; what stays is told of the round that left it for good."""
    assert kept_steps([3, 4, 5, 3]) == (0, 0, 0)
    assert kept_steps([3, 4, 3, 5]) == (0, 0, 2)
    assert kept_steps([5, 3, 4, 4]) == (-1, 0, 0)
