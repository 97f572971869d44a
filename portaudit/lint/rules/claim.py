"""What a rule says of a function, before it is put in place and in words for a reader."""

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
