"""Findings in sources as GitHub's annotations, at the very columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portaudit.harmless import safe
from portaudit.render.as_github import COMMANDS, data, harmless, property_value
from portaudit.render.sources.as_table import summed

if TYPE_CHECKING:
    from portaudit.model.lint import SourceFinding, SourceReport
    from portaudit.render.style import Style


def report(judged: SourceReport, _style: Style, *, fail_on: str, status: int) -> str:  # noqa: ARG001  as all renderers
    """Print one annotation a finding, graver ones first; GitHub shows only the first few of a step."""
    order = list(COMMANDS)
    findings = sorted(judged.findings, key=lambda finding: order.index(finding.severity))
    lines = [*map(_annotation, findings), f"portaudit lint: {harmless(summed(judged))}"]
    return "\n".join(lines) + "\n"


def _annotation(finding: SourceFinding) -> str:
    region = finding.region
    one_line = region.line == region.end_line  # columns are shown within one line only
    where = {"file": safe(finding.path, 1000), "line": str(region.line), "endLine": str(region.end_line)}
    if one_line:
        where |= {"col": str(region.column), "endColumn": str(region.end_column)}
    title = f"{finding.rule} {finding.confidence}: {safe(finding.function or finding.rule)}"
    properties = ",".join(
        f"{key}={property_value(value)}" for key, value in (where | {"title": title}).items()
    )
    related = [f"line {one.region.line}: {one.text}" for one in finding.related]
    told = "\n".join(safe(part, 1000) for part in (f"{finding.message}.", *related, f"Fix: {finding.fix}"))
    return f"::{COMMANDS[finding.severity]} {properties}::{data(told)}"
