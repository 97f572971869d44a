"""Evaluates an expression on one path: who holds which right afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.lint.flow.state import NONE, OURS, Outcome, Part, Site, State, Status, Value
from portaudit.lint.program import (
    NOTHING,
    Assign,
    Call,
    Compare,
    Const,
    Either,
    Expression,
    Kept,
    Mixed,
    Not,
    Place,
    Span,
    every,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.lint.flow.state import Log


class Evaluator:
    """Evaluates in `state`, and writes what it sees into `log`; `call` knows what calls do."""

    def __init__(self, log: Log, call: Callable[[Evaluator, Call], Value], pointers: dict[str, int]) -> None:
        self.log = log
        self.call = call
        self.pointers = pointers
        """The parameters that point to something of the caller's, and their positions."""
        self.elements: set[str] = set()
        """Variables that hold an element of an array."""
        self.own: set[str] = set()
        """Variables that hold this task's own port."""
        self.state = State()
        self.values: dict[int, Value] = {}
        self.sites: dict[tuple[Span, str, Part], Site] = {}

    def site(self, span: Span, function: str, part: Part, make: Callable[[], Site]) -> Site:
        """Give the one site of a call, made at the first visit."""
        return self.sites.setdefault((span, function, part), make())

    def read(self, expression: Expression) -> Value:
        """Evaluate; the value is kept for the test that may follow."""
        value = self._read(expression)
        self.values[id(expression)] = value
        return value

    def _read(self, expression: Expression) -> Value:
        match expression:
            case Place():
                return self._place(expression)
            case Call():
                return self.call(self, expression)
            case Assign():
                return self._assign(expression)
            case Compare() | Not():
                return self._judged(expression)
            case Either():
                return self._either(expression)
            case Mixed() | Kept():
                return self._computed(expression)
        return NONE

    def _computed(self, expression: Mixed | Kept) -> Value:
        """Evaluate a sum or the like: what a variable holds may go on in its result."""
        values = [self.read(part) for part in expression.parts]
        if isinstance(expression, Kept):
            for value in values:
                self.keep(value)
            return NONE
        for value in values:
            self.borrow(value, "")
        sites = frozenset(
            site for value in values if not value.element for site in value.sites if self.state.is_named(site)
        )
        return Value(sites) if sites else NONE

    def _place(self, place: Place) -> Value:
        sites = self.state.bound.get(place.path, frozenset())
        if place.element:
            sites = frozenset(site for site in sites if site.array and site.part is not Part.MEMORY)
            return Value(sites, element=True) if sites else NONE
        return Value(sites, self.state.outcomes.get(place.path), element=place.path in self.elements)

    def _judged(self, expression: Compare | Not) -> Value:
        if isinstance(expression, Not):
            value = self.read(expression.inner)
            self.borrow(value, "")
            return Value(outcome=_turned(value, when=False))
        left, right = self.read(expression.left), self.read(expression.right)
        self.borrow(left, "")
        self.borrow(right, "")
        for value, other in ((left, expression.right), (right, expression.left)):
            if isinstance(other, Const) and other.truth is False:
                return Value(outcome=_turned(value, when=not expression.equal))
            if value.outcome is not None:
                return Value(outcome=Outcome(value.outcome.sites, None))
        return NONE

    def _either(self, expression: Either) -> Value:
        values = [self.read(part) for part in expression.parts]
        sites = frozenset[Site]().union(*(value.sites for value in values))
        outcome = next((value.outcome for value in values if value.outcome), None)
        return Value(sites, outcome, any(value.element for value in values))

    def _assign(self, expression: Assign) -> Value:
        value = self.read(expression.value)
        target = expression.target
        if not isinstance(target, Place):
            self.read(target)
            self.keep(value)
            return value
        if target.element or not target.local:
            self._stored(target, value)
            return value
        if self.is_own(expression.value):
            self.own.add(target.path)
        self.overwritten(target.path, value.sites, expression.span)
        self.bind(target.path, value, expression.value)
        return value

    def _stored(self, target: Place, value: Value) -> None:
        position = self.pointers.get(target.path)
        if position is not None:
            for site in value.sites:
                if site.part is Part.RIGHT:
                    self.log.out[position] = site
        self.keep(value)
        if not target.element:
            self.state.forget(target.path)
            if value.outcome is not None:
                self.state.outcomes[target.path] = value.outcome

    def bind(self, path: str, value: Value, source: Expression = NOTHING) -> None:
        """Let a local variable hold a value."""
        self.state.forget(path)
        if value.sites:
            self.state.bound[path] = value.sites
        if value.element:
            self.elements.add(path)
        if value.outcome is not None:
            self.state.outcomes[path] = value.outcome
        if isinstance(source, Const) and source.truth is not None:
            self.state.facts[path] = source.truth

    def overwritten(self, path: str, kept: frozenset[Site], span: Span) -> None:
        """Note the rights whose last variable is this one, which gets another value."""
        held = self.state.bound.get(path, frozenset()) - kept
        others = [sites for other, sites in self.state.bound.items() if other != path]
        for site in held:
            is_last = not any(site in sites for sites in others)
            if is_last and self.state.status.get(site) is Status.HELD and site.part is Part.RIGHT:
                self.log.lost.setdefault(site, span)

    def is_own(self, expression: Expression) -> bool:
        """Say whether an expression is this task's own port."""
        match expression:
            case Call():
                return expression.name in {"mach_task_self", "current_task", "task_self_trap"}
            case Place():
                return expression.path.endswith("mach_task_self_") or expression.path in self.own
            case _:
                return False

    def borrow(self, value: Value, function: str) -> None:
        """Let a value be used and forgotten: a right that no variable holds is lost then."""
        for site in value.sites:
            if self.state.status.get(site) is Status.HELD and not self.state.is_named(site):
                if site.part is Part.RIGHT:
                    self.log.dropped.setdefault(site, function)
                self.state.status[site] = Status.LEFT

    def keep(self, value: Value, *, lent: bool = False) -> None:
        """Let a value go where this function does not see it any more; an array that is lent stays ours."""
        for site in value.sites:
            if lent and value.element and site.array:
                if self.state.status.get(site) in OURS:
                    self.state.status[site] = Status.LENT
            elif self.state.status.get(site) is not Status.RELEASED:
                self.state.status[site] = Status.LEFT

    def doubt(self, expression: Expression) -> None:
        """Note that this expression may tell whether a right was given, in a way that is not understood."""
        for part in every(expression):
            outcome = None
            if isinstance(part, Place):
                outcome = self.state.outcomes.get(part.path)
            elif isinstance(part, Compare | Call):
                outcome = self.values.get(id(part), NONE).outcome
            self.state.doubt(outcome.sites if outcome else frozenset())


def _turned(value: Value, *, when: bool) -> Outcome | None:
    """Give the outcome of `value != 0` if when is true, of `value == 0` if it is false."""
    if value.outcome is not None:
        told = value.outcome.when
        return Outcome(value.outcome.sites, None if told is None else told is when)
    return Outcome(value.sites, when) if value.sites and not value.element else None
