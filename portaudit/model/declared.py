"""What a project declares of its audits, and the terms that this makes for a judgement.

Every diff imports this, and most projects declare nothing: so what can be declared stands in `check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portaudit.model.check import Baseline, Check, Suppression
    from portaudit.model.difference import Difference
    from portaudit.model.expectation import Expectation, Pattern
    from portaudit.model.guard import GuardEvent

LEAST_PRIVILEGE = "least-privilege"
"""The policy under which an extension must not hold the control port of its host."""

POLICIES = (LEAST_PRIVILEGE,)


@dataclass(frozen=True, slots=True)
class Lint:
    """`[lint]`: what of the sources is not looked at, and what is accepted."""

    exclude: tuple[str, ...] = ()
    """Shell-style patterns for paths."""
    baseline: str | None = None
    """The path of its baseline, joined to the folder of the configuration."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """All that a configuration file says; nothing of it by default."""

    file: str | None = None
    expectations: tuple[Expectation, ...] = ()
    """What every transfer may change."""
    suppressions: tuple[Suppression, ...] = ()
    baseline: str | None = None
    """The path of the baseline, joined to the folder of the configuration."""
    checks: tuple[Check, ...] = ()
    policy: str | None = None
    """What is forbidden in every transfer, as --policy takes it."""
    lint: Lint = Lint()
    subjects: tuple[Pattern, ...] = ()
    """What every transfer hands over beside task ports: judged as strictly."""

    def check(self, name: str) -> Check | None:
        """Find a check by its name."""
        return next((check for check in self.checks if check.name == name), None)


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
    subjects: tuple[Pattern, ...] = ()
    """Rights that are judged as strictly as another task's port."""
    audited: frozenset[int] = frozenset()
    """Pids of tasks that are under audit although they have no role."""
    operations: int = 1
    """How many operations one round makes: rates are told for one."""
    warmed: bool = False
    """Whether the operation ran before the first snapshot: what fills at its first use has filled."""
    every_gain: bool = False
    """Whether the process audits itself around its own code, so that all that it gains counts."""
