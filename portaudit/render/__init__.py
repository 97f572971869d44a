"""From values to text; nothing else. Each renderer is imported when it is asked for."""

from dataclasses import dataclass
from importlib import import_module

from portaudit.model.finding import Report
from portaudit.model.view import View

REPORT_RENDERERS = {"table": "report_table", "json": "as_json"}
"""--format of diff, run and check -> the module here whose `report` prints it."""

VIEW_RENDERERS = {"table": "spaces", "json": "as_json"}
"""--format of show -> the module here whose `rows` and `summary` print it."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a report shall look, beyond its format."""

    everything: bool = False
    """Show what did not change, too."""
    colour: bool = False
    width: int = 80


def render_report(report: Report, form: str, style: Style) -> str:
    """Print a judged difference in one of the REPORT_RENDERERS."""
    module = import_module(f"portaudit.render.{REPORT_RENDERERS[form]}")
    return str(module.report(report, style))


def render_view(view: View, form: str, *, summary: bool) -> str:
    """Print the rows of a snapshot, or their summary, in one of the VIEW_RENDERERS."""
    module = import_module(f"portaudit.render.{VIEW_RENDERERS[form]}")
    return str(module.summary(view) if summary else module.rows(view))
