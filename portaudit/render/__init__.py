"""From values to text; nothing else. Each renderer is imported when it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from portaudit.model.finding import Finding, Report, Severity
from portaudit.model.place import Place

if TYPE_CHECKING:
    from portaudit.model.snapshot import View

__all__ = ["REPORT_RENDERERS", "VIEW_RENDERERS", "Place", "Report", "Style", "render_report", "render_view"]

REPORT_RENDERERS = {
    "table": "as_table",
    "json": "as_json",
    "markdown": "as_markdown",
    "github": "as_github",
    "junit": "as_junit",
    "sarif": "as_sarif",
    "html": "as_html",
}
"""--format of diff, run and check -> the module here whose `report` prints it."""

VIEW_RENDERERS = {"table": "rows_table", "json": "rows_json"}
"""--format of show -> the module here whose `rows` and `summary` print it."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a report shall look, beyond its format, and what only the caller knows of it."""

    everything: bool = False
    """Show what did not change, too."""
    colour: bool = False
    width: int = 80
    """Columns that a line of the table may take."""
    fold: int | None = None
    """Rows of one finding to show before the others are only counted; None: all of them."""
    fail_on: str = Severity.WARNING
    """The least severity that fails the check."""
    exit_status: int | None = None
    """How the command will end, if the report shall say so."""
    before: Place | None = None
    """The file of the first snapshot."""
    after: Place | None = None
    """The file of the second one: where a finding is shown that no rule's line explains."""

    def fails(self, finding: Finding) -> bool:
        """Whether a finding is grave enough to fail the check."""
        order = list(Severity)
        return order.index(finding.severity) <= order.index(Severity(self.fail_on))


def render_report(report: Report, form: str, style: Style) -> str:
    """Print a judged difference in one of the REPORT_RENDERERS."""
    module = import_module(f"portaudit.render.{REPORT_RENDERERS[form]}")
    return str(module.report(report, style))


def render_view(view: View, form: str, style: Style, *, summary: bool) -> str:
    """Print the rows of a snapshot, or their summary, in one of the VIEW_RENDERERS."""
    module = import_module(f"portaudit.render.{VIEW_RENDERERS[form]}")
    return str(module.summary(view, style) if summary else module.rows(view, style))
