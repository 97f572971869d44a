"""What a path learns from a test: whether a right was given, and whether the path is possible at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.flow.state import OURS, Outcome, Part, Status
from portaudit.lint.program import Assign, Compare, Const, Expression, Mixed, Not, Place

if TYPE_CHECKING:
    from portaudit.lint.flow.evaluate import Evaluator
    from portaudit.lint.flow.state import State, Value


def assume(ev: Evaluator, expression: Expression, *, truth: bool) -> bool:
    """Narrow the evaluator's state to paths on which the test has this result; False if there are none."""
    match expression:
        case Not():
            return assume(ev, expression.inner, truth=not truth)
        case Const():
            return expression.truth in {None, truth} and _fact(ev.state, expression.text, truth=truth)
        case Compare():
            return _compared(ev, expression, truth=truth)
        case Place() | Assign(target=Place()):
            return _named(ev, expression, truth=truth)
        case Mixed():
            if _is_measured(expression):
                ev.doubt(expression)
        case _:
            ev.doubt(expression)
            learn(ev.state, ev.values[id(expression)], truth=truth)
    return True


def _named(ev: Evaluator, expression: Place | Assign, *, truth: bool) -> bool:
    place = expression.target if isinstance(expression, Assign) else expression
    if not isinstance(place, Place) or place.element:
        return True
    possible = _fact(ev.state, place.path, truth=truth)
    learn(ev.state, ev.values[id(expression)], truth=truth)
    return possible


def learn(state: State, value: Value, *, truth: bool) -> None:
    """Take in what the truth of a value says of the rights that it is, or speaks of."""
    outcome = value.outcome
    if outcome is None and value.sites and not value.element:
        outcome = Outcome(value.sites, when=True)
    if outcome is None:
        return
    if outcome.when is None:
        state.doubt(outcome.sites)
    elif outcome.when is not truth:
        state.never_given(outcome.sites)
    else:
        sure = (site for site in outcome.sites if state.status.get(site) is Status.UNSURE)
        state.put(tuple(sure), Status.HELD)


def _compared(ev: Evaluator, expression: Compare, *, truth: bool) -> bool:
    for side, other in ((expression.left, expression.right), (expression.right, expression.left)):
        if isinstance(other, Const) and other.truth is False:
            return assume(ev, side, truth=truth is not expression.equal)
        if isinstance(other, Const) and other.truth is True and truth is expression.equal:
            return assume(ev, side, truth=True)
    if any(isinstance(side, Const) for side in (expression.left, expression.right)):
        ev.doubt(expression)
    return True


def _is_measured(expression: Mixed) -> bool:
    """Say whether this is a comparison with a constant, such as `count > 0`; loops compare two variables."""
    return sum(isinstance(part, Place) for part in expression.parts) <= 1


def _fact(state: State, key: str, *, truth: bool) -> bool:
    if key.endswith("undefined"):
        return True
    if state.facts.get(key, truth) is not truth:
        return False
    held = state.bound.get(key)
    rights = [site for site in held or () if site.part is Part.RIGHT and state.status.get(site) in OURS]
    if not truth or not rights:
        state.facts[key] = truth
    return True
