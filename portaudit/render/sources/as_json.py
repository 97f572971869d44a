"""Findings in sources as JSON: stable, with a format name of its own."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from portaudit.render.json_text import json_text

if TYPE_CHECKING:
    from portaudit.model.lint import SourceFinding, SourceReport
    from portaudit.render.style import Style

FORMAT = "portaudit-lint/1"


def report(judged: SourceReport, _style: Style, *, fail_on: str, status: int) -> str:  # noqa: ARG001  as all renderers
    """Print all that is known of each finding."""
    return json_text(
        {
            "format": FORMAT,
            "exit_status": int(status),
            "files": judged.files,
            "findings": [_plain(finding) for finding in judged.findings],
            "accepted": [_plain(finding) for finding in judged.accepted],
            "notes": [asdict(note) for note in judged.notes],
        }
    )


def _plain(finding: SourceFinding) -> dict[str, Any]:
    return asdict(finding) | {"related": [asdict(related) for related in finding.related]}
