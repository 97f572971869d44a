"""The rules at length, for whoever asks."""

from portaudit.analysis.explaining import explanation, explanations
from portaudit.model.explanation import Explanation


def explain(rule: str | None = None) -> tuple[Explanation, ...]:
    """Give one rule at length, or all of them. Raises UsageError if there is no such rule."""
    return explanations() if rule is None else (explanation(rule),)
