"""From values to text; nothing else. Each renderer is imported when it is asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, assert_never

from portaudit.harmless import in_annotations, in_json, in_log, in_markup
from portaudit.render.style import Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portaudit.model.finding import Checked, Report
    from portaudit.model.shown import View

__all__ = [
    "ROWS_FORMATS",
    "Format",
    "Style",
    "for_a_log",
    "render_checks",
    "render_report",
    "render_view",
]


class Format(StrEnum):
    """How a result is printed, as --format says it: a report in each of them, the first by default."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"
    JUNIT = "junit"
    SARIF = "sarif"
    HTML = "html"


ROWS_FORMATS = (Format.TABLE, Format.JSON)
"""How the rows of a snapshot are printed."""


class ReportRenderer(Protocol):
    """What the module of a report's format offers."""

    def report(self, judged: Report, style: Style) -> str:
        """Print a judged difference."""

    def checks(self, results: Sequence[Checked], style: Style) -> str:
        """Print all checks of a project as one document."""


class RowsRenderer(Protocol):
    """What the module of a format of rows offers."""

    def rows(self, view: View, style: Style) -> str:
        """Print the rows of a snapshot."""

    def summary(self, view: View, style: Style) -> str:
        """Print one line a kind of right and kobject type."""


def render_report(report: Report, form: Format, style: Style) -> str:
    """Print a judged difference."""
    return _report_renderer(form).report(report, style)


def render_checks(results: Sequence[Checked], form: Format, style: Style) -> str:
    """Print all checks of a project as one document."""
    return _report_renderer(form).checks(results, style)


def render_view(view: View, form: Format, style: Style, *, summary: bool) -> str:
    """Print the rows of a snapshot, or their summary, in one of the ROWS_FORMATS."""
    renderer = _rows_renderer(form)
    return renderer.summary(view, style) if summary else renderer.rows(view, style)


LOG_DOORS = {
    **dict.fromkeys((Format.JSON, Format.SARIF), in_json),
    **dict.fromkeys((Format.JUNIT, Format.HTML), in_markup),
    Format.GITHUB: in_annotations,
}
"""How a finished text is made harmless for whoever reads the log that it goes to, format by format."""


def for_a_log(text: str, form: Format) -> str:
    """Spell a text of this format so that no part of it is a CI runner's command."""
    return LOG_DOORS.get(form, in_log)(text)


def _report_renderer(form: Format) -> ReportRenderer:
    match form:
        case Format.TABLE:
            from portaudit.render import as_table

            return as_table
        case Format.JSON:
            from portaudit.render import as_json

            return as_json
        case Format.MARKDOWN:
            from portaudit.render import as_markdown

            return as_markdown
        case Format.GITHUB:
            from portaudit.render import as_github

            return as_github
        case Format.JUNIT:
            from portaudit.render import as_junit

            return as_junit
        case Format.SARIF:
            from portaudit.render import as_sarif

            return as_sarif
        case Format.HTML:
            from portaudit.render import as_html

            return as_html
        case _:
            assert_never(form)


def _rows_renderer(form: Format) -> RowsRenderer:
    if form is Format.JSON:
        from portaudit.render import as_json

        return as_json
    from portaudit.render import rows_table

    return rows_table
