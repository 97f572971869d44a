"""Findings that a project had on the day it began to look: recorded once, and told from new ones."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from portaudit.analysis.lasting import fingerprint, lasting
from portaudit.analysis.outcome import outcome_of
from portaudit.model.baseline import Accepted, Baseline
from portaudit.model.finding import Finding, Report


def record(report: Report, known: Baseline | None = None) -> Baseline:
    """Give a baseline that accepts the findings of a report.

    The reasons that a known baseline gives for the same fingerprints are kept; the others are empty, for a
    person to fill in.
    """
    reasons = {one.fingerprint: one.reason for one in known.accepted} if known else {}
    counts = Counter(map(fingerprint, report.findings))
    first = {fingerprint(finding): finding for finding in reversed(report.findings)}
    return Baseline(
        tuple(_accepted(first[mark], mark, count, reasons.get(mark, "")) for mark, count in counts.items()),
        known.file if known else None,
    )


def _accepted(finding: Finding, mark: str, count: int, reason: str) -> Accepted:
    row = lasting(finding.rows[0]) if finding.rows else None
    return Accepted(
        mark,
        finding.rule,
        finding.title,
        role=(row and row.role) or None,
        kobject=(row and row.kobject) or None,
        description=(row and row.description) or None,
        peer=(row and row.peer) or None,
        count=count,
        reason=reason,
    )


def accept(report: Report, baseline: Baseline) -> Report:
    """Move the findings that a baseline knows to `accepted`; of one fingerprint as many as it counts.

    What it knows and nobody found is gone. While anything is undecided nothing is: it may be there still.
    """
    left = Counter[str]()
    reasons: dict[str, str] = {}
    for one in baseline.accepted:
        left[one.fingerprint] += one.count
        reasons.setdefault(one.fingerprint, one.reason)
    new: list[Finding] = []
    old: list[Finding] = []
    for finding in report.findings:
        mark = fingerprint(finding)
        if left[mark] > 0:
            left[mark] -= 1
            old.append(replace(finding, reason=reasons[mark]))
        else:
            new.append(finding)
    return replace(
        report,
        outcome=outcome_of(tuple(new), report.undecided),
        findings=tuple(new),
        accepted=(*report.accepted, *old),
        gone=() if report.undecided else tuple(_gone(baseline, left)),
        notes=(*report.notes, *_missing_reasons(baseline)),
    )


def _gone(baseline: Baseline, left: Counter[str]) -> Iterator[Accepted]:
    for one in baseline.accepted:
        missing = min(one.count, left[one.fingerprint])
        if missing > 0:
            left[one.fingerprint] -= missing
            yield replace(one, count=missing)


def _missing_reasons(baseline: Baseline) -> Iterator[str]:
    empty = sum(not one.reason.strip() for one in baseline.accepted)
    if empty:
        entries = "1 entry" if empty == 1 else f"{empty} entries"
        yield f"the baseline {baseline.file or ''} says of {entries} not why: fill in the reason".replace(
            "  ", " "
        )
