"""The overall verdict of what was found and what stays open."""

from portaudit.model.finding import Finding, Outcome, Severity


def outcome_of(findings: tuple[Finding, ...], undecided: tuple[Finding, ...]) -> Outcome:
    """Give the verdict: notes fail nothing, and what is undecided is never balanced."""
    if any(finding.severity is not Severity.NOTE for finding in findings):
        return Outcome.FINDINGS
    return Outcome.UNDECIDED if undecided else Outcome.BALANCED
