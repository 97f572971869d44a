"""What a cause rule is: a text that explains, and a function that finds what it explains."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from portaudit.analysis.causes.evidence import Evidence
from portaudit.model.difference import Change
from portaudit.model.finding import Confidence, Finding, Severity, Verdict
from portaudit.model.kobject import GRAVE
from portaudit.model.rights import Right


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that one rule explains together, and the fact that its explanation rests on."""

    rows: tuple[Change, ...]
    evidence: str
    confidence: Confidence
    covers: tuple[Change, ...] | None = None
    """The residuals that are explained by this; None: the rows themselves."""
    severity: Severity | None = None
    """None: as the kobject type and the direction demand."""
    verdict: Verdict | None = None
    """None: as the sum of the residuals demands."""
    title: str | None = None
    """None: the rule's own."""
    reason: str | None = None
    """Why this cannot be decided; None for a plain finding."""

    @property
    def explained(self) -> tuple[Change, ...]:
        """The residuals that no later rule shall see."""
        return self.rows if self.covers is None else self.covers


@dataclass(frozen=True, slots=True)
class Rule:
    """A cause: its stable id, its short texts, and how it is recognised."""

    id: str
    title: str
    cause: str
    fix: str
    case: str
    """A real case by its address; empty for a rule that is derived from XNU's source alone."""
    find: Callable[[Evidence], Iterable[Claim]]


def finding(rule: Rule, claim: Claim) -> Finding:
    """Turn a claim into a finding in the rule's words."""
    return Finding(
        rule=rule.id,
        severity=claim.severity or severity_of(claim.rows),
        verdict=claim.verdict or verdict_of(claim.rows),
        title=claim.title or rule.title,
        rows=claim.rows,
        evidence=claim.evidence,
        cause=rule.cause,
        fix=rule.fix,
        case=rule.case,
        confidence=claim.confidence,
        reason=claim.reason,
        place=next((row.allowed_by.place for row in claim.rows if row.allowed_by), None),
    )


def verdict_of(rows: tuple[Change, ...]) -> Verdict:
    """Leaked if references are too many in sum, over-released if they are too few."""
    total = sum(row.residual for row in rows) or rows[0].residual
    return Verdict.LEAKED if total > 0 else Verdict.OVER_RELEASED


def severity_of(rows: tuple[Change, ...]) -> Severity:
    """Error for task, thread and host ports and for over-released send rights; else warning."""
    if any(row.kobject in GRAVE for row in rows):
        return Severity.ERROR
    freed_twice = any(row.residual < 0 and row.right is Right.SEND for row in rows)
    return Severity.ERROR if freed_twice else Severity.WARNING
