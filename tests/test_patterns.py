"""No regular expression of the package is worse than linear, whatever text it is fed."""

import ast
import re
import time
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from re import _parser  # type: ignore[attr-defined]  # the standard library's own reading of a pattern
from typing import Any

import pytest

import portaudit

PACKAGE = Path(portaudit.__file__).parent
SHORT, LONG = 2_000, 16_000
"""Characters of the text; LONG is cut down where the pattern's own bound is smaller."""
QUICK = 0.02
"""Seconds for which nothing is measured: the clock and the machine say more than the pattern."""
WORSE = 3.5
"""A line grows by 1 where the text grows by 1; a square by the text's growth once more."""


SEARCHING = ("search", "sub", "split", "findall", "finditer")
"""What looks for a pattern from every place of a text: a square, if each look goes far."""
USED = (*SEARCHING, "compile", "match", "fullmatch")
WRITTEN = re.compile(rf"\bre\.(?:{'|'.join(USED)})\(")
SEARCHED = re.compile(rf"(\w+)\s*\.(?:{'|'.join(SEARCHING)})\(")
TEXTS = {path: path.read_text() for path in sorted(PACKAGE.rglob("*.py"))}
WITH_PATTERNS = [path for path, text in TEXTS.items() if WRITTEN.search(text)]


@cache
def searched_names() -> set[str]:
    """Name whatever the package searches with: constants, and variables that go through tables of them."""
    return {name for text in TEXTS.values() for name in SEARCHED.findall(text)}


def patterns(path: Path) -> Iterator[ast.Call]:
    """Yield each pattern that a file writes down."""
    for node in ast.walk(ast.parse(TEXTS[path])):
        if isinstance(node, ast.Call) and _is_call_of_re(node) and node.args:
            yield node


def _is_call_of_re(node):
    return (
        isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in USED
    )


def compiled(path: Path) -> list[tuple[re.Pattern[Any], bool]]:
    """Give the patterns of a file, and whether each is searched for."""
    found: dict[str, tuple[re.Pattern[Any], bool]] = {}
    module = ".".join(("portaudit", *path.relative_to(PACKAGE).with_suffix("").parts))
    named = list(_of_module(module.removesuffix(".__init__")))
    known = {pattern.pattern for _, pattern in named}
    for node in patterns(path):
        written: Any = getattr(node.args[0], "value", None)
        if isinstance(written, str | bytes) and written not in known:
            called = "" if getattr(node.func, "attr", "") in SEARCHING else "?"
            named.append((called, re.compile(written, _flags(node))))
    for name, pattern in named:
        found[str(pattern.pattern)] = pattern, not name or name in searched_names()
    return list(found.values())


def _flags(node):
    words = [keyword.value for keyword in node.keywords if keyword.arg == "flags"]
    words += node.args[1:] if node.func.attr == "compile" else []
    names = [part.attr for word in words for part in ast.walk(word) if isinstance(part, ast.Attribute)]
    return sum((getattr(re, name) for name in names if hasattr(re, name)), re.RegexFlag(0))


def _of_module(module):
    """Yield name and pattern; what stands in a table is called as the variable that goes through it."""
    values: list[tuple[str, object]] = list(vars(import_module(module)).items())
    for name, value in values:
        if isinstance(value, re.Pattern):
            yield name, value
        elif isinstance(value, dict | tuple | list):
            inside = value.values() if isinstance(value, dict) else value
            values.extend(("pattern", one) for one in inside)


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str]]:
    """Yield texts that reach each repetition of a pattern and then fail: (before, what repeats)."""
    text = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    yield from _attacks(_parser.parse(text, pattern.flags & ~re.UNICODE), "")


def _attacks(parsed: Any, before: str) -> Iterator[tuple[str, str]]:
    for operation, argument in parsed:
        name = str(operation)
        if name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            least, most, inner = argument
            if int(most) > 50:
                yield before, _sample(inner)
            yield from _attacks(inner, before)
            before += _sample(inner) * max(1, int(least))
            continue
        for inner in _inside(name, argument):
            yield from _attacks(inner, before)
        before += _sample([(operation, argument)])


def _inside(name, argument):
    if name == "SUBPATTERN":
        return [argument[3]]
    if name == "BRANCH":
        return argument[1]
    if name == "ATOMIC_GROUP":
        return [argument]
    return []


def _sample(parsed) -> str:
    """Give a short text that a part of a pattern takes."""
    text = ""
    for operation, argument in parsed:
        name = str(operation)
        if name == "LITERAL":
            text += chr(argument)
        elif name == "NOT_LITERAL":
            text += "x" if chr(argument) != "x" else "y"
        elif name == "ANY":
            text += "x"
        elif name == "IN":
            text += _one_of(argument)
        elif name in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
            text += _sample(argument[2]) * max(1, int(argument[0]))
        elif inner := _inside(name, argument):
            text += _sample(inner[0])
    return text


CATEGORIES = {"CATEGORY_SPACE": " ", "CATEGORY_DIGIT": "1", "CATEGORY_WORD": "a"}


def _one_of(choices) -> str:
    wanted = "".join(_literal(choice) for choice in choices)
    if str(choices[0][0]) != "NEGATE":
        return wanted[:1] or "a"
    refused = re.compile("[" + "".join(re.escape(char) for char in wanted) + r"\n]")
    blank = any("SPACE" in str(argument) for _, argument in choices)
    return next(char for char in ("" if blank else " ") + "a1.-/Zé" if not refused.match(char))


def _literal(choice) -> str:
    name, argument = str(choice[0]), choice[1]
    if name == "LITERAL":
        return chr(argument)
    if name == "RANGE":
        return chr(argument[0])
    return CATEGORIES.get(str(argument), "") if name == "CATEGORY" else ""


def seconds(pattern, text, *, searched=False, most=3):
    """Measure the least of three tries, with each way that a pattern is used; one that is quick is enough."""
    data = text if isinstance(pattern.pattern, str) else text.encode("latin-1", "replace")
    tries = []
    for _ in range(most):
        begun = time.process_time()
        pattern.match(data)
        pattern.fullmatch(data)
        if searched:
            pattern.search(data)
        tries.append(time.process_time() - begun)
        if tries[-1] > 2 or tries[-1] < QUICK:
            break
    return min(tries)


@pytest.mark.parametrize("path", WITH_PATTERNS, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_pattern_takes_no_more_than_its_share(path):
    """Eight times the text takes about eight times as long, at each repetition of each pattern of a file."""
    for pattern, searched in compiled(path):
        for before, again in {*attacks(pattern)} | {("", " "), ("x", " "), ("", "a")}:
            _grows_as_a_line(pattern, before, again, searched=searched)


def _grows_as_a_line(pattern, before, again, *, searched):
    for end in ("\0", ""):
        text, times = before + again * (LONG // max(1, len(again))) + end, SHORT // max(1, len(again))
        long = seconds(pattern, text, searched=searched)
        if long < QUICK:
            continue
        short = seconds(pattern, before + again * times + end, searched=searched)

        assert long < short * LONG / SHORT * WORSE, (
            f"{pattern.pattern!r}: {before!r} and {again!r} again and again: {short} -> {long}"
        )


def test_the_measure_tells_a_square_from_a_line():
    """The pattern that the rules of expectations once had is caught, and its mended form is not."""
    old = re.compile(r"\s*(?P<task>[^:]+?)\s*:\s*x")
    new = re.compile(r"\s*(?P<task>[^:\s](?:[^:]*[^:\s])?)\s*:\s*x")
    text = " " * (SHORT // 3)

    assert seconds(old, text, most=1) > 10 * QUICK > 100 * seconds(new, text)
