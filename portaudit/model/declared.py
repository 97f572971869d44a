"""What a project declares of its audits, as values: what a transfer may change, and the terms of a judgement.

An expectation reads `extension: task-control of host +1`. Every diff imports this, and most projects declare
nothing: so checks, suppressions and baselines stand in `check`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

from portaudit.model.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portaudit.model.check import Baseline, Check, Suppression
    from portaudit.model.difference import Difference
    from portaudit.model.guard import GuardEvent

LEAST_PRIVILEGE = "least-privilege"
"""The policy under which an extension must not hold the control port of its host."""

POLICIES = (LEAST_PRIVILEGE,)


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


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


@dataclass(frozen=True, slots=True)
class Pattern:
    """Rights of one kind in one task: what `--subject` names."""

    task: str
    """The role or process name in whose space they stand."""
    kobject: str
    """The kobject label, spelled as lsmp spells it, or a kind of right, or `any`."""
    of: str | None = None
    """The role or process whose task port it must be."""
    right: Right = Right.SEND
    text: str = ""
    """The pattern as it was written, for messages."""
    place: Place | None = None
    """Where it was written; None for the command line."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """References that a task may gain (or lose) in one round, over all that the rule matches."""

    task: str
    """The role or process name whose space may change."""
    kobject: str
    """The kobject label, spelled as lsmp spells it, or `any`."""
    low: int
    high: int
    of: str | None = None
    """The role or process whose task port it must be."""
    right: Right = Right.SEND
    reason: str | None = None
    text: str = ""
    """The rule as it was written, for messages."""
    place: Place | None = None
    """Where it was written; None for the command line."""

    @property
    def quoted(self) -> str:
        """The rule as it was written, with its place where it has one."""
        return f"{self.text!r} ({self.place})" if self.place else repr(self.text)

    @property
    def subject(self) -> tuple[str, str, str | None, Right]:
        """What it speaks of: task, kobject type, owner and right."""
        return self.task, self.kobject, self.of, self.right


def contradiction(rules: Iterable[Expectation]) -> tuple[Expectation, Expectation] | None:
    """Find two rules of one subject that no change can satisfy together."""
    for one, other in combinations(rules, 2):
        if one.subject == other.subject and (one.low > other.high or other.low > one.high):
            return one, other
    return None
