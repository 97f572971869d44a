"""The rules at length, for whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.analysis.explaining import explanation, explanations, in_words, page, words
from portaudit.lint.rules import RULES, text_of, texts

if TYPE_CHECKING:
    from portaudit.model.explanation import Explanation

__all__ = ["explain", "in_words", "page", "words"]


def explain(rule: str | None = None) -> tuple[Explanation, ...]:
    """Give one rule at length, or all of them. Raises UsageError if there is no such rule."""
    if rule is None:
        return (*explanations(), *texts())
    name = rule.upper()
    return (text_of(name),) if name in RULES else (explanation(rule),)
