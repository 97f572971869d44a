"""Growth of classes: references since the beginning, and a minute."""

from hypothesis import given

from portaudit.analysis import growth as growth_module
from portaudit.analysis.growth import SHOWN, WINDOW, Growth, references_of
from portaudit.model.rights import Right
from tests.spaces import entries, spaces

SEND, RECEIVE = Right.SEND, Right.RECEIVE


def leaking(urefs):
    return entries((0x103, "send", urefs, 7, 2), (0x203, "recv,send", 3, 8, 0), (0x303, "recv", 0, 9, 0))


def grown(numbers, seconds=1.0):
    growth = Growth()
    for place, urefs in enumerate(numbers):
        growth.add(place * seconds, leaking(urefs))
    return growth


def test_references_and_names_are_counted_by_class():
    """Send rights count their references, receive rights one each, and a name with both counts in both."""
    references, names = references_of(leaking(5))

    assert references == {(SEND, 2): 5, (SEND, 0): 3, (RECEIVE, 0): 2}
    assert names == {(SEND, 2): 1, (SEND, 0): 1, (RECEIVE, 0): 2}


def test_references_that_were_not_read_are_none():
    """Another reading may tell them: their name counts."""
    assert references_of(leaking(None))[0][SEND, 2] == 0


@given(spaces())
def test_no_class_is_lost(space):
    """Whatever a space holds, every right of every name is in a class."""
    _, names = references_of(space)

    assert sum(names.values()) == sum(len(entry.rights) for entry in space)


def test_the_fastest_class_is_told_first():
    """A class that grows by one a second grows by 60 a minute, and stands first."""
    first, *others = grown(range(1, 21)).classes()

    assert (first.label, first.references, first.change, first.rate) == ("send TASK-CONTROL", 20, 19, 60)
    assert [(other.change, other.rate) for other in others] == [(0, 0), (0, 0)]


def test_what_grows_slowly_is_told_before_what_does_not_grow():
    """One reference in ten minutes is a growth, and the largest where the others stand still."""
    first, *others = grown([1] * 30 + [2] * 30, seconds=10).classes()

    assert (first.label, 0 < (first.rate or 0) < 1) == ("send TASK-CONTROL", True)
    assert {other.rate for other in others} == {0}


def test_too_few_readings_have_no_rate():
    """One port that comes is no growth of sixty a minute."""
    assert {growth.rate for growth in grown(range(9)).classes()} == {None}
    assert None not in {growth.rate for growth in grown(range(10)).classes()}


def test_readings_of_one_moment_have_no_rate():
    """Nobody grows within no time."""
    assert {growth.rate for growth in grown(range(12), seconds=0).classes()} == {None}


def test_a_class_that_has_gone_is_still_told():
    """What was there at the beginning and is not any more has a negative change."""
    growth = Growth()
    growth.add(0, leaking(2))
    growth.add(1, entries((0x203, "recv,send", 3, 8, 0)))

    assert {each.label: each.change for each in growth.classes()} == {
        "send TASK-CONTROL": -2,
        "recv": -1,
        "send": 0,
    }


def test_only_a_change_is_a_change():
    """The first reading is news, an equal one is not, another count is."""
    growth = Growth()

    assert [growth.add(number, leaking(urefs)) for number, urefs in enumerate([1, 1, 2, 2])] == [
        True,
        False,
        True,
        False,
    ]


def test_a_reading_like_the_last_is_not_counted_anew(monkeypatch):
    """A quiet process costs no more than to see that it is quiet."""
    counted = []

    def counting(space):
        counted.append(space)
        return references_of(space)

    monkeypatch.setattr(growth_module, "references_of", counting)
    growth = grown([1, 1, 1, 2, 1])

    assert [space.urefs[0] for space in counted] == [1, 2, 1]
    assert (1, 1, 1, 2, 1) in {known.recent for known in growth.classes()}


def test_what_is_remembered_has_a_fixed_size():
    """After a thousand readings there are as many as fit the window, and a sparkline's length of numbers."""
    growth = grown(range(1, 1001))

    assert len(growth._window) == WINDOW
    assert [len(each.recent) for each in growth.classes()] == [SHOWN] * 3
    assert growth.classes()[0].change == 999
