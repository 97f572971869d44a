"""Loops that release the elements of an array.

How often they run is not known, so the rights count as released where such a loop is reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.facts import known
from portaudit.lint.program import Assign, Call, Expression, Place, every

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.lint.flow.summary import Summaries
    from portaudit.lint.program import Function


def sweeps(function: Function, summaries: Summaries) -> dict[int, tuple[str, ...]]:
    """Give the arrays whose elements are released in a loop, by the step at the loop's head."""
    found: dict[int, tuple[str, ...]] = {}
    for loop in function.loops:
        expressions = [function.steps[number].expression for number in loop]
        released = {place.path for place in _released(expressions, summaries)}
        arrays = {element.path for element in _elements(expressions, released)}
        if arrays:
            found[loop.start] = tuple(sorted(arrays))
    return found


def _released(expressions: list[Expression], summaries: Summaries) -> Iterator[Place]:
    facts = known()
    for expression in expressions:
        for part in every(expression):
            if not isinstance(part, Call):
                continue
            fact = facts.get(part.name)
            own = None if fact else summaries(part.name, len(part.arguments))
            taken = fact.takes if fact else own.releases if own else ()
            yield from (
                place
                for number in taken
                if number < len(part.arguments)
                for place in every(part.arguments[number])
                if isinstance(place, Place)
            )


def _elements(expressions: list[Expression], released: set[str]) -> Iterator[Place]:
    for expression in expressions:
        for part in every(expression):
            if isinstance(part, Place) and part.element and part.path in released:
                yield part
            elif isinstance(part, Assign) and isinstance(part.target, Place) and part.target.path in released:
                value = part.value
                if isinstance(value, Place) and value.element:
                    yield value
