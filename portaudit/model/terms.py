"""What a difference is judged under, beside its own numbers and what is expected of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portaudit.model.baseline import Baseline
    from portaudit.model.difference import Difference
    from portaudit.model.guard import GuardEvent
    from portaudit.model.suppression import Suppression

LEAST_PRIVILEGE = "least-privilege"
"""The policy under which an extension must not hold the control port of its host."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Suppressions, baseline, idle pair, guard exceptions and policy; nothing of it by default."""

    suppressions: tuple[Suppression, ...] = ()
    baseline: Baseline | None = None
    idle: Difference | None = None
    """What changed in a pair that was taken while nothing was transferred."""
    guards: tuple[GuardEvent, ...] = ()
    """Guard exceptions that were raised between the two readings."""
    policy: str | None = None
    today: date = date.min
    """The day that suppressions are held against."""
