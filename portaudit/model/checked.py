"""What came of one check of a project."""

from dataclasses import dataclass
from enum import StrEnum

from portaudit.model.finding import Report


class CheckState(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Checked:
    """One check after it ran, or why it did not."""

    name: str
    state: CheckState
    report: Report | None = None
    """None if there was nothing to judge."""
    reason: str | None = None
    """Why it was skipped, or is undecided without a report."""
    seconds: float = 0.0
