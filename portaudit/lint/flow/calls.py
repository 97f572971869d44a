"""What a call does to the rights of one path."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from portaudit.lint.borrowers import NO_USE
from portaudit.lint.facts import STANDING, VALID, Given, Known, known
from portaudit.lint.flow.assume import assume
from portaudit.lint.flow.releasing import argument_of, insert, release, said
from portaudit.lint.flow.state import NONE, Outcome, Part, Site, Status, Value
from portaudit.lint.program import Call, Const, Expression, Place, Ref
from portaudit.model.rights import Right

if TYPE_CHECKING:
    from portaudit.lint.flow.evaluate import Evaluator
    from portaudit.lint.flow.state import Summaries, Summary

ASSERTS = frozenset(
    {
        *("assert", "NSAssert", "NSCAssert", "NSParameterAssert", "NSCParameterAssert", "CHECK", "DCHECK"),
        *("precondition", "assume", "__Check", "XCTAssertTrue", "XCTAssert", "RELEASE_ASSERT", "ASSERT"),
    }
)
CHECKS = re.compile(r"[A-Z][A-Z0-9_]+\Z|(?i:_*(require|verify|check|assert|expect|throw_?if|xctassert)\w*)\Z")
"""Names of macros that may leave the function where a call has failed."""


class Calls:
    """Knows the functions of the system, and those of the same file."""

    def __init__(self, summaries: Summaries) -> None:
        self.summaries = summaries
        self.known = known()

    def __call__(self, ev: Evaluator, call: Call) -> Value:
        """Evaluate a call: arguments first, then what it does with them."""
        if call.receiver is not None:
            received = ev.read(call.receiver)
            ev.keep(received) if received.sites else None
        values = [ev.read(argument) for argument in call.arguments]
        if call.name in VALID and values:
            return values[0]
        if call.name in ASSERTS and values:
            assume(ev, call.arguments[0], truth=True)
            return NONE
        _arguments(ev, call, values)
        fact = self.known.get(call.name) if call.receiver is None or ":" in call.name else None
        if fact is not None:
            return self._system(ev, call, fact, values)
        summary = self.summaries(call.name, len(values))
        if summary is not None:
            return self._own(ev, call, summary, values)
        return self._unknown(ev, call, values)

    def _unknown(self, ev: Evaluator, call: Call, values: list[Value]) -> Value:
        for argument, value in zip(call.arguments, values, strict=True):
            ev.keep(value, lent=True)
            if isinstance(argument, Ref):
                ev.keep(Value(ev.state.bound.get(argument.place.path, frozenset())))
                ev.state.forget(argument.place.path)
            if CHECKS.match(call.name):
                ev.doubt(argument)
        return _told_on(values)

    def _system(self, ev: Evaluator, call: Call, fact: Known, values: list[Value]) -> Value:
        self._check_use(ev, call, fact, values)
        for position, value in enumerate(values):
            if position == fact.memory:
                rights = {site for site in value.sites if site.part is Part.MEMORY}
                ev.state.put(rights, Status.RELEASED)
            elif position in fact.takes:
                release(ev, call, value)
            elif not any(given.at == position for given in fact.gives):
                ev.borrow(value, call.name)
        insert(ev, call, values)
        given = [_give(ev, call, gift) for gift in fact.gives]
        return next((value for value in given if value is not NONE), NONE)

    def _check_use(self, ev: Evaluator, call: Call, fact: Known, values: list[Value]) -> None:
        for position, value in enumerate(values):
            for site in value.sites:
                if position in fact.takes or position == fact.memory or value.element or site.array:
                    continue
                if site.rule not in STANDING and call.name not in NO_USE:
                    ev.log.uses[site, call.span].add(ev.state.status.get(site, Status.LEFT))
                    ev.log.used_by[call.span] = call.name

    def _own(self, ev: Evaluator, call: Call, summary: Summary, values: list[Value]) -> Value:
        outcome: frozenset[Site] = frozenset()
        for position, (argument, value) in enumerate(zip(call.arguments, values, strict=True)):
            held = _through(ev, argument, value)
            if position in summary.releases:
                release(ev, call, held)
            elif position in summary.keeps:
                ev.keep(held)
            else:
                ev.borrow(value, call.name)
            model = summary.out.get(position)
            if model is not None and isinstance(argument, Ref) and argument.place.local:
                site = _copied(ev, call, model)
                _into(ev, argument.place, frozenset({site}), call)
                outcome |= {site}
            elif model is not None and isinstance(argument, Place) and argument.path in ev.pointers:
                ev.log.out[ev.pointers[argument.path]] = model
        if summary.result is not None:
            site = _started(ev, _copied(ev, call, summary.result))
            _told_elsewhere(ev, call, summary, site)
            return Value(frozenset({site}))
        if outcome:
            return Value(outcome=Outcome(outcome, summary.succeeds_when))
        return _told_on(values)


def _arguments(ev: Evaluator, call: Call, values: list[Value]) -> None:
    """Learn from what a call is given: an error code that is demanded, and addresses to write to."""
    if CHECKS.match(call.name) and any(map(_is_an_error, call.arguments)):
        for value in values:
            ev.state.never_given(value.outcome.sites if value.outcome else frozenset())
    for argument in call.arguments:
        if isinstance(argument, Ref):
            ev.state.rewrite(argument.place.path)


def _is_an_error(expression: Expression) -> bool:
    """Say whether this is an error code: a test that demands it says that nothing was given."""
    codes = ("KERN_", "kIOReturn", "MIG_", "BOOTSTRAP_")
    return isinstance(expression, Const) and expression.truth is True and expression.text.startswith(codes)


def _told_on(values: list[Value]) -> Value:
    """Let the result of a function that was given a return code tell, in a way that is not understood."""
    codes = (value.outcome for value in values if value.outcome and value.outcome.when is not None)
    sites = frozenset[Site]().union(*(code.sites for code in codes))
    return Value(outcome=Outcome(sites, None)) if sites else NONE


def _told_elsewhere(ev: Evaluator, call: Call, summary: Summary, site: Site) -> None:
    """Let what a call fills beside its result, such as an error, tell whether there is a result."""
    for position, argument in enumerate(call.arguments):
        if isinstance(argument, Ref) and position not in summary.out:
            ev.state.outcomes[argument.place.path] = Outcome(frozenset({site}), None)


def _through(ev: Evaluator, argument: Expression, value: Value) -> Value:
    if isinstance(argument, Ref):
        return Value(ev.state.bound.get(argument.place.path, frozenset()))
    return value


def _give(ev: Evaluator, call: Call, given: Given) -> Value:
    if max(given.at or 0, given.own_at or 0) >= len(call.arguments) > 0 or not _is_ours(ev, call, given):
        return NONE
    right = _right(call, given)
    site = ev.site(
        call.span,
        call.name,
        Part.RIGHT,
        lambda: Site(Part.RIGHT, given.rule, call.name, call.span, right, given.array),
    )
    if given.at is None:
        return Value(frozenset({_started(ev, site)}))
    return _fill(ev, call, given, site) if call.arguments else NONE


def _is_ours(ev: Evaluator, call: Call, given: Given) -> bool:
    """Say whether a name comes into this task's own space, and is more than a dead name."""
    if given.own_at is not None and call.arguments and not ev.is_own(call.arguments[given.own_at]):
        return False
    return given.kind_at is None or not said(argument_of(call, given.kind_at), "DEAD_NAME")


def _right(call: Call, given: Given) -> Right | None:
    if given.kind_at is None:
        return given.right
    return Right.PORT_SET if said(argument_of(call, given.kind_at), "PORT_SET") else Right.RECEIVE


def _fill(ev: Evaluator, call: Call, given: Given, site: Site) -> Value:
    argument = call.arguments[given.at or 0]
    if isinstance(argument, Place) and argument.path in ev.pointers:
        ev.log.out[ev.pointers[argument.path]] = site
    if not (isinstance(argument, Ref) and argument.place.local and not argument.place.element):
        return NONE
    sites = frozenset({site, _memory(ev, call, given)} if given.array else {site})
    _into(ev, argument.place, sites, call)
    counted = argument_of(call, given.count_at) if given.count_at is not None else None
    if isinstance(counted, Ref):
        ev.state.outcomes[counted.place.path] = Outcome(sites, None)
    return Value(outcome=Outcome(sites, when=False))


def _memory(ev: Evaluator, call: Call, given: Given) -> Site:
    return ev.site(
        call.span,
        call.name,
        Part.MEMORY,
        lambda: Site(Part.MEMORY, given.rule, call.name, call.span, None, array=True),
    )


def _started(ev: Evaluator, site: Site) -> Site:
    _age(ev, frozenset({site}))
    ev.state.put((site,), Status.HELD)
    return site


def _age(ev: Evaluator, sites: frozenset[Site]) -> None:
    for site in sites:
        older = ev.site(site.span, f"{site.function} before", site.part, partial(replace, site, newer=site))
        ev.state.age(site, older)


def _into(ev: Evaluator, place: Place, sites: frozenset[Site], call: Call) -> None:
    ev.overwritten(place.path, frozenset(), call.span)
    ev.state.forget(place.path)
    _age(ev, sites)
    ev.bind(place.path, Value(sites))
    ev.state.put(sites, Status.HELD)


def _copied(ev: Evaluator, call: Call, model: Site) -> Site:
    return ev.site(
        call.span,
        call.name,
        Part.RIGHT,
        lambda: Site(Part.RIGHT, model.rule, call.name, call.span, model.right, model.array),
    )
