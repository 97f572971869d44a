"""A judged change: what it is called, why it happened, how to mend it, how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from portaudit.model.difference import Kind
from portaudit.model.severity import Confidence, Severity

if TYPE_CHECKING:
    from portaudit.model.check import Accepted, SuppressionUse
    from portaudit.model.declared import Place
    from portaudit.model.difference import BalanceRow, Change, Difference, SeriesRow
    from portaudit.model.ledger import Where
    from portaudit.model.rights import Right


class Verdict(StrEnum):
    """What a residual is."""

    LEAKED = "leaked"
    OVER_RELEASED = "over-released"
    RECYCLED = "recycled"
    SATURATED = "saturated"
    IN_FLIGHT = "in-flight"
    UNREAD = "unread"
    UNMET = "unmet"
    """What was expected did not come."""
    NOT_ALLOWED = "not-allowed"
    """What the kernel refused, or a policy forbids; no references are missing or too many."""

    __hash__ = str.__hash__  # as that of Kind


class Outcome(StrEnum):
    """The overall verdict of a diff."""

    BALANCED = "balanced"
    KNOWN = "known"
    """Nothing but what a baseline or a suppression accepts, and no more of it."""
    FINDINGS = "findings"
    UNDECIDED = "undecided"


class Finding(Struct, frozen=True, gc=False):
    """One consequence, with the rows that it explains."""

    rule: str
    severity: Severity
    verdict: Verdict
    title: str
    rows: tuple[Change, ...] = ()
    evidence: str = ""
    cause: str = ""
    fix: str = ""
    case: str = ""
    """A real case of the kind, with its address."""
    confidence: Confidence = Confidence.LIKELY
    reason: str | None = None
    """Why it is undecided, suppressed or accepted; None for a plain finding."""
    fingerprint: str = ""
    """The same for the same cause in every run and on every machine."""
    place: Place | None = None
    """The line that it is to be shown at: of the suppression, or of the expectation that it breaks."""
    rate: float | None = None
    """References or names gained or lost in one operation of a series; None for two snapshots."""
    pace: str = ""
    """The rate in words: `+1 every 3 rounds (0.33 a round)`."""
    series: tuple[int, ...] = ()
    """The references of its first row in each snapshot of a series; of a class, its names."""
    where: tuple[Where, ...] = ()
    """What ledgers tell of its references, one a process."""
    judged_as: Kind = Kind.COMING_AND_GOING

    @property
    def weight(self) -> int:
        """How many references it is about: what findings are sorted by."""
        if self.rows:
            return sum(abs(row.residual) for row in self.rows)
        return sum(release.count for where in self.where for release in where.releases)


@dataclass(frozen=True, slots=True)
class IdleClass:
    """One class of rights that changed while nothing was transferred, and what of it was subtracted."""

    task: str
    right: Right
    kobject: str | None
    description: str | None
    change: int
    """References gained or lost in the idle pair."""
    subtracted: int
    """References by which the residuals of the judged pair became smaller."""


@dataclass(frozen=True, slots=True)
class Report:
    """A difference, judged: what `diff` prints."""

    outcome: Outcome
    difference: Difference
    findings: tuple[Finding, ...] = ()
    undecided: tuple[Finding, ...] = ()
    suppressed: tuple[Finding, ...] = ()
    """Findings that a suppression hides, with its reason."""
    accepted: tuple[Finding, ...] = ()
    """Findings that the baseline knows of, with its reason."""
    gone: tuple[Accepted, ...] = ()
    """What the baseline accepts and nobody found: it can be taken out; `count` says how many."""
    suppressions: tuple[SuppressionUse, ...] = ()
    """Every suppression that was given, and what became of it."""
    idle: tuple[IdleClass, ...] = ()
    balance: tuple[BalanceRow, ...] = ()
    changes: tuple[Change, ...] = ()
    """Every change, with what was expected of it."""
    series: tuple[SeriesRow, ...] = ()
    """Every changed row of a series, the steepest first; empty for two snapshots."""
    warm_up: tuple[Change, ...] = ()
    """What a run's warm-up, which is not judged, kept or lost of task, thread and host ports for good."""
    notes: tuple[str, ...] = ()
    allowances: tuple[str, ...] = ()
    """Those of the notes that name a file which allowed a part of this."""
    basis: str = "a pair"
    """What was judged, in words: `a pair`, `a series of 10 rounds`, `3 rounds, judged as a pair`,
    `a pair of 50 operations beside an idle pair`."""


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
    place: Place | None = None
    """The line that declares it."""
    fail_on: str = Severity.WARNING
    """The least severity that fails it."""
    files: tuple[str, ...] = ()
    """Its snapshots, if they were kept."""
    found: tuple[str, ...] = ()
    """How processes were found that are no descendants of a started host, a sentence each."""
