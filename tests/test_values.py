"""Values: what `dataclasses` makes of the same class is the measure."""

import dataclasses
import pickle
import timeit
from dataclasses import FrozenInstanceError, field, replace
from functools import partial
from inspect import signature
from typing import Any

import msgspec
import pytest

from portaudit import values

MADE = {"ours": values.dataclass, "theirs": dataclasses.dataclass}


def point(dataclass: Any) -> Any:
    """Let this decorator make a class with all that ours are made of."""

    @dataclass(frozen=True, slots=True)
    class Point:
        """A value."""

        x: int
        y: int = 0
        marks: list[str] = field(default_factory=list)

        def __post_init__(self) -> None:
            if self.x == self.y == -1:
                raise ValueError("nowhere")

    return Point


def named(dataclass: Any) -> Any:
    """Let it make one that has another's fields, too, and is told more by name."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named(point(dataclass)):  # type: ignore[misc]
        """A value with a name."""

        name: str

    return Named


@pytest.fixture(params=[point, named])
def classes(request):
    """A class of ours, the same of theirs, and with what each is made."""
    more = {"name": "a"} if request.param is named else {}
    return request.param(values.dataclass), request.param(dataclasses.dataclass), more


def arguments(made):
    """Give what a call is given; but a default that is made anew each time has no value to be compared."""
    called = signature(made)
    return called.return_annotation, [
        (one.name, one.kind, one.annotation, one.default if one.name == "y" else one.default is one.empty)
        for one in called.parameters.values()
    ]


def test_a_value_is_made_printed_and_taken_apart_as_dataclasses_do(classes):
    """Arguments by place and by name, defaults of its own, every field in order, the same signature."""
    ours, theirs, more = classes

    def told(made):
        one, other = made(1, marks=["m"], **more), made(2, **more)
        one.marks.append("n")
        return repr(one), repr(other), dataclasses.asdict(one), made.__match_args__, msgspec.json.encode(one)

    assert told(ours) == told(theirs)
    assert arguments(ours) == arguments(theirs)


@pytest.mark.parametrize("wrong", [(), (1, 2, [], 4)])
def test_a_missing_field_and_one_too_many_are_type_errors(wrong):
    """As for any function."""
    with pytest.raises(TypeError, match="argument"):
        point(values.dataclass)(*wrong)


def test_values_with_equal_fields_are_equal_and_count_as_one(classes):
    """Another class with the same fields is another value; what cannot be hashed says so."""
    ours, theirs, more = classes
    marks: Any = ("m",)

    assert ours(1, 2, marks, **more) == ours(1, 2, marks, **more)
    assert ours(1, 2, marks, **more) != ours(2, 2, marks, **more)
    assert ours(1, 2, marks, **more) != theirs(1, 2, marks, **more)
    assert len({ours(1, 2, marks, **more), ours(1, 2, marks, **more), ours(2, 2, marks, **more)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(ours(1, **more))


@pytest.mark.parametrize("dataclass", MADE.values(), ids=MADE)
@pytest.mark.parametrize("eq", [True, False])
def test_a_value_of_one_field_or_none_is_compared_too(dataclass, eq):
    """By its field; with eq=False by being the same."""

    @dataclass(frozen=True, slots=True, eq=eq)
    class One:
        x: float

    @dataclass(frozen=True, slots=True, eq=eq)
    class Nothing:
        pass

    nan = float("nan")

    assert (One(nan) == One(nan), len({One(1.0), One(1.0)})) == (eq, 1 if eq else 2)
    assert (Nothing() == Nothing(), hash(Nothing()) == hash(())) == (eq, eq)


def test_nothing_changes_a_value(classes):
    """No field is set or deleted, known or not; a changed copy is another value."""
    ours, _, more = classes
    value = ours(1, **more)
    for name in ("x", "unknown"):
        with pytest.raises(FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(value, name, 2)
        with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
            delattr(value, name)

    assert (value.x, replace(value, x=2).x, hasattr(value, "__dict__")) == (1, 2, False)


def test_what_is_asked_after_making_is_asked_of_every_value(classes):
    """Also of a changed copy, and of what msgspec reads."""
    ours, _, more = classes
    text = msgspec.json.encode({"x": -1, "y": -1, **more})

    with pytest.raises(ValueError, match="nowhere"):
        ours(-1, -1, **more)
    with pytest.raises(ValueError, match="nowhere"):
        replace(ours(-1, **more), y=-1)
    with pytest.raises(msgspec.ValidationError, match="nowhere"):
        msgspec.json.decode(text, type=ours)


@values.dataclass(frozen=True, slots=True)
class Kept:
    """A value that pickle can find by its name."""

    x: int
    marks: tuple[str, ...] = ()


def test_a_value_can_be_pickled():
    """It is the same afterwards, and as frozen."""
    there = pickle.loads(pickle.dumps(Kept(1, ("m",))))  # noqa: S301  our own

    assert there == Kept(1, ("m",))
    with pytest.raises(FrozenInstanceError):
        there.x = 2


def test_a_class_is_made_in_less_than_three_quarters_of_their_time():
    """Why there is this door at all: the best of many, side by side."""
    best = {
        name: min(timeit.repeat(partial(point, made), number=5, repeat=20)) for name, made in MADE.items()
    }

    assert best["ours"] < best["theirs"] * 3 / 4


def test_whatever_else_is_wanted_dataclasses_makes():
    """What can be changed stays so; what is ordered is."""

    @values.dataclass
    class Plain:
        x: int

    @values.dataclass(slots=True)
    class Changing:
        x: int

    @values.dataclass(frozen=True, order=True)
    class Ordered:
        x: int

    plain, changing = Plain(1), Changing(1)
    plain.x = changing.x = 2

    assert (plain, changing) == (Plain(2), Changing(2))
    assert Ordered(1) < Ordered(2)
