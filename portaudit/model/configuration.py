"""What a project declares of its audits: expectations, suppressions, a baseline, and checks to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portaudit.model.check import Check
    from portaudit.model.expectation import Expectation
    from portaudit.model.suppression import Suppression


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

    def check(self, name: str) -> Check | None:
        """Find a check by its name."""
        return next((check for check in self.checks if check.name == name), None)
