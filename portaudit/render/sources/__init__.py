"""Findings in sources as text. Each renderer is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from portaudit.render import Format

if TYPE_CHECKING:
    from portaudit.model.lint import SourceReport
    from portaudit.render.style import Style

RENDERERS = (Format.TABLE, Format.JSON, Format.GITHUB, Format.JUNIT, Format.SARIF)
"""--format of lint; the modules here whose `report` prints them."""


def render(report: SourceReport, form: Format, style: Style, *, fail_on: str, status: int) -> str:
    """Print a report in one of the RENDERERS; `status` is how the command will end."""
    module = import_module(f"portaudit.render.sources.as_{form}")
    return str(module.report(report, style, fail_on=fail_on, status=status))
