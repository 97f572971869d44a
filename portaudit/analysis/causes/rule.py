"""What a cause rule is: a text that explains, and a function that finds what it explains."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from portaudit.model.difference import Change, Difference
from portaudit.model.finding import Confidence, Finding, Severity, Verdict
from portaudit.model.kobject import HOST_PORTS, TASK_PORTS, THREAD_PORTS
from portaudit.model.rights import Right


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules look at: the residuals that no earlier rule has claimed, and where they come from."""

    residuals: tuple[Change, ...]
    difference: Difference


@dataclass(frozen=True, slots=True)
class Claim:
    """Rows that one rule explains together, and the fact that its explanation rests on."""

    rows: tuple[Change, ...]
    evidence: str
    confidence: Confidence
    severity: Severity | None = None
    """None: as the kobject type and the direction demand."""
    title: str | None = None
    """None: the rule's own."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A cause: its stable id, its texts, and how it is recognised."""

    id: str
    title: str
    cause: str
    fix: str
    case: str
    find: Callable[[Evidence], Iterable[Claim]]


def finding(rule: Rule, claim: Claim) -> Finding:
    """Turn a claim into a finding in the rule's words."""
    return Finding(
        rule=rule.id,
        severity=claim.severity or severity_of(claim.rows),
        verdict=verdict_of(claim.rows),
        title=claim.title or rule.title,
        rows=claim.rows,
        evidence=claim.evidence,
        cause=rule.cause,
        fix=rule.fix,
        case=rule.case,
        confidence=claim.confidence,
    )


def verdict_of(rows: tuple[Change, ...]) -> Verdict:
    """Leaked if references are too many in sum, over-released if they are too few."""
    total = sum(row.residual for row in rows) or rows[0].residual
    return Verdict.LEAKED if total > 0 else Verdict.OVER_RELEASED


def severity_of(rows: tuple[Change, ...]) -> Severity:
    """Error for task, thread and host ports and for over-released send rights; else warning."""
    grave = TASK_PORTS | THREAD_PORTS | HOST_PORTS
    if any(row.kobject in grave for row in rows):
        return Severity.ERROR
    freed_twice = any(row.residual < 0 and row.right is Right.SEND for row in rows)
    return Severity.ERROR if freed_twice else Severity.WARNING


def gains(evidence: Evidence, right: Right = Right.SEND) -> Iterator[Change]:
    """Yield the rows of one right that have too many references."""
    return (row for row in evidence.residuals if row.right is right and row.residual > 0)


def losses(evidence: Evidence, right: Right = Right.SEND) -> Iterator[Change]:
    """Yield the rows of one right that have too few references."""
    return (row for row in evidence.residuals if row.right is right and row.residual < 0)


def count(row: Change) -> str:
    """Say a row's numbers in words: `0 -> 3 references, 0 expected`."""
    expected = f", {row.expected:+d} expected" if row.expected else ""
    return f"{row.before} -> {row.after} references{expected}"


def new_or_known(row: Change) -> str:
    """Say whether the name is new: most leaks only raise the references of a name that existed."""
    if not row.before:
        return "the name is new and nothing released it"
    return "the name existed before: only its references rose, which no port count shows"
