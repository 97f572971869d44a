"""A function as the rules see it, whatever language it was written in: expressions, and steps in a graph.

Only what matters to rights is told apart: who is named, called, assigned, compared and captured.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a source, in bytes from its start."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Const:
    """A literal or a name known for one; truth is None where nobody can tell."""

    text: str
    truth: bool | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A variable, or what is reached from one: `port`, `self->port`, an element of `threads`."""

    path: str
    local: bool = False
    """A plain variable of this function: it ends with the function, and nothing else releases it."""
    element: bool = False
    """One element of the array in `path`."""


@dataclass(frozen=True, slots=True)
class Ref:
    """The address of a place: whoever gets it may read and write there."""

    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call of a function, method, selector or macro."""

    name: str
    arguments: tuple[Expression, ...]
    span: Span
    receiver: Expression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Assign:
    """A value put into a place; `span` is the whole assignment."""

    target: Expression
    value: Expression
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Compare:
    """Equality, or its opposite."""

    left: Expression
    right: Expression
    equal: bool


@dataclass(frozen=True, slots=True, eq=False)
class Not:
    """A negation."""

    inner: Expression


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """Values that are computed with, and gone afterwards: sums, orders, text."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Either:
    """One of several values: both arms of a conditional expression."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Values that go into something which lasts: a structure, an array, a closure's captures."""

    parts: tuple[Expression, ...]


Expression = Const | Place | Ref | Call | Assign | Compare | Not | Mixed | Either | Kept

NOTHING = Const("")


class Kind(StrEnum):
    """What a step does."""

    MEET = "meet"  # a place where ways meet
    DO = "do"  # evaluates, then goes on
    TEST = "test"  # goes to the first successor if true, to the second if false
    FORK = "fork"  # goes to any successor
    LEAVE = "leave"  # ends the function, with a value or without
    THROW = "throw"  # ends the function by an error


@dataclass(slots=True, eq=False)
class Step:
    """A node of the graph; `to` are the numbers of its successors."""

    kind: Kind
    expression: Expression
    span: Span
    to: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name, and whether it points to something of the caller's."""

    name: str
    pointer: bool
    reference: bool = False
    """Another name for a variable of the caller's."""


@dataclass(slots=True, eq=False)
class Function:
    """One function: where it stands, what it takes, and its steps; the first is its entry."""

    name: str
    span: Span
    parameters: tuple[Parameter, ...]
    steps: list[Step]
    result: str = ""
    """Its result's type, as it is written."""
    loops: list[range] = field(default_factory=list)
    """The steps of each loop; the first is its head."""
    broken: bool = False
    """Part of it could not be parsed."""


def inner(expression: Expression) -> tuple[Expression, ...]:
    """Give the expressions directly inside of one."""
    match expression:
        case Const() | Place():
            return ()
        case Ref():
            return (expression.place,)
        case Call():
            return (
                expression.arguments
                if expression.receiver is None
                else (expression.receiver, *expression.arguments)
            )
        case Assign():
            return (expression.target, expression.value)
        case Compare():
            return (expression.left, expression.right)
        case Not():
            return (expression.inner,)
        case Mixed() | Either() | Kept():
            return expression.parts


def every(expression: Expression) -> Iterator[Expression]:
    """Give an expression and all that is in it, outermost first."""
    waiting = [expression]
    while waiting:
        found = waiting.pop()
        yield found
        waiting += reversed(inner(found))
