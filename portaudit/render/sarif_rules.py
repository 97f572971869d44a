"""What SARIF tells of a rule: the texts that every finding of it shares, and the numbers of none."""

from collections.abc import Iterable
from typing import Any

from portaudit.model.finding import Confidence, Finding, Severity
from portaudit.render.as_markdown import code, linked_case, plain
from portaudit.render.facts import sentence
from portaudit.render.words import ended

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
"""SARIF 2.1.0, 3.27.10."""

PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "high", Confidence.HINT: "medium"}
"""GitHub's words for how bad and how sure an alert is."""


def rules_of(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Describe each rule that has a finding, in the order of their ids."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.rule, finding)
    return [_rule(first[name]) for name in sorted(first)]


def _rule(finding: Finding) -> dict[str, Any]:
    cause = ended(sentence(finding.cause or finding.verdict))
    return {
        "id": finding.rule,
        "shortDescription": {"text": cause},
        "fullDescription": {"text": cause},
        "help": {"text": _help(finding), "markdown": _help_markdown(finding)},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {
            "tags": ["mach-ports", str(finding.verdict)],
            "problem.severity": PROBLEM[finding.severity],
            "precision": PRECISION[finding.confidence],
        },
    }


def _help(finding: Finding) -> str:
    lines = [f"Cause: {ended(sentence(finding.cause))}", f"Fix: {ended(sentence(finding.fix))}"]
    if finding.case:
        lines.append(f"A real case: {ended(sentence(finding.case))}")
    return "\n".join((*lines, f"More: run portaudit explain {finding.rule}."))


def _help_markdown(finding: Finding) -> str:
    lines = [
        f"**Cause:** {plain(ended(sentence(finding.cause)))}",
        f"**Fix:** {plain(ended(sentence(finding.fix)))}",
    ]
    if finding.case:
        lines.append(f"**A real case:** {linked_case(sentence(finding.case))}")
    return "\n\n".join((*lines, f"**More:** {code(f'portaudit explain {finding.rule}')}"))
