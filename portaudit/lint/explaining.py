"""The texts of the rules for sources, one file a rule; they need no grammar."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from portaudit.model.explanation import Explanation

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
