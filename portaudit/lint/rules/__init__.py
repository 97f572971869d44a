"""What the paths of a function prove: families of rules, and the claim that a rule makes of a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portaudit.lint.program import Span
    from portaudit.model.finding import Confidence


@dataclass(frozen=True, slots=True)
class Claim:
    """A finding in bytes: the rule, how sure, where, what happens there, and what else explains it."""

    rule: str
    confidence: Confidence
    span: Span
    message: str
    related: tuple[tuple[Span, str], ...] = ()
