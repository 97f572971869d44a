"""Walks all paths of a function, each as far as it differs from those walked before."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from portaudit.lint.facts import known
from portaudit.lint.flow.assume import assume
from portaudit.lint.flow.calls import Calls
from portaudit.lint.flow.evaluate import Evaluator
from portaudit.lint.flow.state import OURS, Exit, Log, Part, Site, State, Status, Value
from portaudit.lint.program import Assign, Call, Const, Expression, Kind, Place, every

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.lint.flow.state import Summaries
    from portaudit.lint.program import Function, Step


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


VISITS_MAX = 6000
"""Steps times states; beyond it a function is too entangled to say anything of its paths."""
KNOWN_MAX = 1 << 20
"""Facts in all states together: of thousands of rights in one function each state would know each."""


def walk(function: Function, summaries: Summaries) -> Log:
    """Walk a function from its entry, and give what was seen.

    If its paths are too many they are walked once more, without what tells equal places apart.
    """
    told = _told_twice(function)
    log = _Walk(function, summaries, told).run()
    return log if log.complete or not told else _Walk(function, summaries, frozenset()).run()


class _Walk:
    def __init__(self, function: Function, summaries: Summaries, told: frozenset[str]) -> None:
        pointers = {p.name: number for number, p in enumerate(function.parameters) if p.pointer}
        self.function = function
        self.log = Log()
        self.ev = Evaluator(self.log, Calls(summaries), pointers)
        self.swept = sweeps(function, summaries)
        self.telling = told
        self.seen: set[tuple[object, ...]] = set()
        self.waiting: list[tuple[int, State]] = []

    def run(self) -> Log:
        self.waiting.append((0, self._entry()))
        visits = known_facts = 0
        while self.waiting:
            number, state = self.waiting.pop()
            state.facts = {key: truth for key, truth in state.facts.items() if key in self.telling}
            key = (number, *state.key())
            if key in self.seen:
                continue
            self.seen.add(key)
            visits += 1
            known_facts += len(state.status) + len(state.bound)
            if visits > VISITS_MAX or known_facts > KNOWN_MAX:
                self.log.complete = False
                break
            self.ev.state = state
            self._step(number)
        return self.log

    def _entry(self) -> State:
        state = State()
        for number, parameter in enumerate(self.function.parameters):
            site = Site(
                Part.PARAMETER, "", parameter.name, self.function.span, None, parameter.pointer, number
            )
            state.bound[parameter.name] = frozenset({site})
            state.status[site] = Status.HELD
        return state

    def _step(self, number: int) -> None:
        step = self.function.steps[number]
        for path in self.swept.get(number, ()):
            self._sweep(path, number)
        match step.kind:
            case Kind.TEST:
                self._test(step)
            case Kind.LEAVE | Kind.THROW:
                self._interrupt(number)
                self._leave(step)
            case Kind.DO:
                self._discard(step.expression)
                self._follow(step.to)
            case _:
                self._follow(step.to)

    def _sweep(self, path: str, head: int) -> None:
        state = self.ev.state
        for site in state.bound.get(path, frozenset()):
            is_outer = state.status.get(site) is Status.RELEASED and state.swept.get(site, -1) > head
            if site.part is not Part.MEMORY and not is_outer:
                state.put((site,), Status.RELEASED)
                state.swept[site] = head

    def _interrupt(self, number: int) -> None:
        """Hold again what the loop that is left here would have released in its other rounds."""
        for site, head in self.ev.state.swept.items():
            inside = any(loop.start == head and number in loop for loop in self.function.loops)
            if inside and self.ev.state.status.get(site) is Status.RELEASED:
                self.ev.state.put((site,), Status.HELD)

    def _discard(self, expression: Expression) -> None:
        value = self.ev.read(expression)
        if not isinstance(expression, Assign):
            self.ev.borrow(value, "")

    def _follow(self, to: list[int]) -> None:
        for number in to:
            if number >= 0:
                self.waiting.append((number, self.ev.state.copy()))

    def _test(self, step: Step) -> None:
        value = self.ev.read(step.expression)
        before = self.ev.state
        for number, truth in zip(step.to, (True, False), strict=False):
            if number < 0:
                continue
            self.ev.state = before.copy()
            if assume(self.ev, step.expression, truth=truth):
                self.ev.borrow(value, "")
                self.waiting.append((number, self.ev.state))

    def _leave(self, step: Step) -> None:
        value = self.ev.read(step.expression)
        failed = self._failed(step)
        ours = {site for site in value.sites if self.ev.state.status.get(site) in OURS}
        self.log.returned |= {site for site in ours if not value.element}
        self.log.shared |= value.sites - ours
        self._returned(value)
        for site, status in self.ev.state.status.items():
            self.log.exits[site].add(Exit(status, step.span, failed))

    def _returned(self, value: Value) -> None:
        gone = frozenset(site for site in value.sites if not value.element or not site.array)
        self.ev.keep(Value(gone))

    def _failed(self, step: Step) -> bool | None:
        if step.kind is Kind.THROW:
            return True
        match step.expression:
            case Const():
                return step.expression.truth
            case Place():
                return self.ev.state.facts.get(step.expression.path)
            case _:
                return None


def _told_twice(function: Function) -> frozenset[str]:
    """Give the variables that are tested more than once, or tested and set to a constant.

    Only of these it matters on which path one is.
    """
    told: Counter[str] = Counter()
    for step in function.steps:
        tested = step.kind is Kind.TEST
        for part in every(step.expression):
            match part:
                case Place() if tested and not part.element:
                    told[part.path] += 1
                case Const() if tested and part.text.startswith("#"):
                    told[part.text] += 1
                case Assign(target=Place() as target, value=Const() as value) if value.truth is not None:
                    told[target.path] += 1
                case _:
                    pass
        if step.kind is Kind.LEAVE and isinstance(step.expression, Place):
            told[step.expression.path] += 1
    return frozenset(path for path, times in told.items() if times > 1)
