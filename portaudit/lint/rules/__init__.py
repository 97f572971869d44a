"""What the paths of a function prove: families of rules, what a rule claims of a function, and its text.

The texts stand in one file a rule, and need no grammar.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from portaudit.model.explanation import Explanation

if TYPE_CHECKING:
    from portaudit.lint.program import Span
    from portaudit.model.severity import Confidence


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding in bytes: the rule, how sure, where, what happens there, and what else explains it."""

    rule: str
    confidence: Confidence
    span: Span
    message: str
    related: tuple[tuple[Span, str], ...] = ()


TEXTS = Path(__file__).parent / "texts"
RULES = tuple(f"S{number}" for number in range(19))


@cache
def text_of(rule: str) -> Explanation:
    """Give one rule at length. Raises KeyError if there is none of this name."""
    if rule not in RULES:
        raise KeyError(rule)
    texts = tomllib.loads((TEXTS / f"{rule}.toml").read_text(encoding="utf-8"))
    return Explanation(
        id=rule,
        title=texts["title"],
        cause=texts["cause"],
        fix=texts["fix"],
        derived=False,
        meaning=" ".join(texts["meaning"].split()),
        before=(),
        after=(),
        causes=tuple(texts["causes"]),
        c=texts["c"].strip("\n"),
        objective_c=texts["objective_c"].strip("\n"),
        swift=texts["swift"].strip("\n"),
        cases=tuple(texts["cases"]),
        versions="",
        lldb=(),
    )


def texts() -> tuple[Explanation, ...]:
    """Give all rules at length, in order."""
    return tuple(map(text_of, RULES))
