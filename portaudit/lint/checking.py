"""One source: its functions, their paths, and what the rules say of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from portaudit.lint.facts import triggers
from portaudit.lint.flow.paths import walk
from portaudit.lint.flow.state import Log, Summary, summary
from portaudit.lint.languages import CPP, SWIFT, parse, parts_of
from portaudit.lint.reading import c_family, swift
from portaudit.lint.reading.unit import Unit
from portaudit.lint.rules import kept, released

if TYPE_CHECKING:
    from tree_sitter import Node

    from portaudit.lint.program import Function, Span
    from portaudit.lint.reading.unit import Found
    from portaudit.lint.rules import Claim

Rule = Callable[["Function", "Log"], Iterator["Claim"]]
"""A family of rules: it looks at one function and at what its paths showed."""

RULES: tuple[Rule, ...] = (
    kept.dropped,
    kept.kept,
    kept.memory,
    released.twice,
    released.used_after,
    released.wrong,
    released.made,
    released.handlers,
)
SHOWN_MAX = 60
"""Characters of a function's name that a report shows."""


@cache
def _trigger() -> re.Pattern[bytes]:
    names = "|".join(sorted(map(re.escape, triggers()), key=len, reverse=True))
    return re.compile(rf"\b(?:{names}|\w*catch_(?:mach_)?exception_raise\w*)\s*\(".encode())


class Checker:
    """Checks the functions of one unit; a function of the same file is followed, once."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit
        self.logs: dict[Span, Log] = {}
        self.sums: dict[str, Summary | None] = {}

    def summary(self, name: str, arguments: int) -> Summary | None:
        """Sum up a function of this file; while it is being walked itself, it keeps what it is given."""
        if name not in self.sums:
            function = self.unit.named(name) if name else None
            if function is None:
                self.sums[name] = None
            else:
                self.sums[name] = Summary(keeps=frozenset(range(len(function.parameters))))
                self.sums[name] = summary(function, self.log(function))
        found = self.sums[name]
        if found is not None and arguments <= max((*found.releases, *found.keeps, *found.out, -1)):
            return None
        return found

    def log(self, function: Function) -> Log:
        """Walk a function, once; nothing is known of one that nests too deeply."""
        if function.span not in self.logs:
            try:
                self.logs[function.span] = walk(function, self.summary)
            except RecursionError:
                self.unit.too_deep.append(function.span)
                self.logs[function.span] = Log(complete=False)
        return self.logs[function.span]

    def reached(self, offsets: list[int], source: bytes) -> list[Found]:
        """Give the functions at these places, and those that call one of them which gives a right."""
        found = self.unit.around(offsets)
        while True:
            givers = [one.name for one in found if one.name.isidentifier() and self._gives(one.name)]
            if not givers:
                return found
            calls = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(set(givers))))})\s*\(".encode())
            more = self.unit.around([*offsets, *(match.start() for match in calls.finditer(source))])
            if len(more) == len(found):
                return found
            found = more

    def _gives(self, name: str) -> bool:
        summed = self.summary(name, SHOWN_MAX)
        return summed is not None and (summed.result is not None or bool(summed.out))

    def claims(self, found: Found) -> Iterator[Claim]:
        """Give what the rules say of one function."""
        function = self.unit.function(found)
        if function is None:
            return
        log = self.log(function)
        if not log.complete and function.span not in self.unit.too_deep:
            self.unit.too_tangled.append(function.span)
        for rule in RULES:
            yield from rule(function, log)


def claims(path: str, source: bytes) -> tuple[list[tuple[str, Claim]], list[str]]:
    """Give what is wrong in a source, with the function in which it stands, and what could not be read.

    Raises UsageError where tree-sitter or its grammars are not installed.
    """
    offsets = [match.start() for match in _trigger().finditer(source)]
    told: list[tuple[str, Claim]] = []
    notes: list[str] = []
    for language, text in parts_of(path, source) if offsets else ():
        root = parse(text, language)
        if root is None:
            notes.append("it cannot be parsed in time: nothing in it was looked at")
            continue
        unit = _unit(language, root, destructors=language == CPP or path.endswith(".mm"))
        checker = Checker(unit)
        functions = checker.reached(offsets, text)
        told += [(_shown(found.name), claim) for found in functions for claim in checker.claims(found)]
        notes += _notes(unit, source)
    return _once(told), notes


def _unit(language: str, root: Node, *, destructors: bool) -> Unit:
    if language == SWIFT:
        return Unit(swift.functions(root))
    return Unit(c_family.functions(root, destructors=destructors))


def _shown(name: str) -> str:
    return name if len(name) <= SHOWN_MAX else f"{name[:SHOWN_MAX]}…"


def _once(told: list[tuple[str, Claim]]) -> list[tuple[str, Claim]]:
    """Tell a thing once, where a closure was read with its function and by itself."""
    order = {confidence: number for number, confidence in enumerate(("certain", "likely", "hint"))}
    first: dict[tuple[str, Span], tuple[str, Claim]] = {}
    for function, claim in sorted(told, key=lambda one: (one[1].span, order[one[1].confidence])):
        first.setdefault((claim.rule, claim.span), (function, claim))
    return list(first.values())


def _notes(unit: Unit, source: bytes) -> Iterator[str]:
    for why, spans in (
        ("nests too deeply to be read", unit.too_deep),
        ("has more paths than can be followed: nothing is said of its paths", unit.too_tangled),
    ):
        for span in dict.fromkeys(spans):
            yield f"the function in line {source.count(10, 0, span.start) + 1} {why}"
    yield from (f"line {line} could not be parsed" for line in unit.unparsed)
