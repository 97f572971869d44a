"""Findings in sources as text: for a terminal the place, what happens there, the line itself, the way out.

As JSON: stable, with a format name of its own. What CI reads is imported when it is asked for.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import asdict
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from portaudit.harmless import safe
from portaudit.model.severity import Severity
from portaudit.render import Format
from portaudit.render.json_text import json_text
from portaudit.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.model.lint import SourceFinding, SourceReport
    from portaudit.render.style import Style

RENDERERS = (Format.TABLE, Format.JSON, Format.GITHUB, Format.JUNIT, Format.SARIF)
"""--format of lint."""


def render(report: SourceReport, form: Format, style: Style, *, fail_on: str, status: int) -> str:
    """Print a report in one of the RENDERERS; `status` is how the command will end."""
    if form is Format.TABLE:
        return table(report, style)
    if form is Format.JSON:
        return document(report, status)
    from portaudit.render.sources import for_ci

    if form is Format.GITHUB:
        return for_ci.github(report, summed(report))
    return for_ci.junit(report, fail_on) if form is Format.JUNIT else for_ci.sarif(report, status)


COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
TAB = 4
"""Columns of a tab in a line that is shown."""


def table(judged: SourceReport, style: Style) -> str:
    """Print the findings in the order of the files, then one line that sums up."""
    lines = [line for finding in judged.findings for line in (*_finding(finding, style), "")]
    return "\n".join((*lines, summed(judged))) + "\n"


def _finding(finding: SourceFinding, style: Style) -> Iterator[str]:
    region = finding.region
    place = f"{safe(finding.path, 1000)}:{region.line}:{region.column}"
    head = f"{finding.rule} {finding.severity} ({finding.confidence})"
    yield f"{place}: {_coloured(head, COLOURS[finding.severity], style)}"
    yield from _told(f"{finding.message}.", style)
    yield from _shown(finding, style)
    for related in finding.related:
        yield from _told(f"line {related.region.line}: {related.text}", style)
    yield from _told(f"Fix:  {finding.fix}", style)
    yield f"    More: portaudit explain {finding.rule}"


def _told(text: str, style: Style) -> Iterator[str]:
    indent = " " * 4
    yield from wrap(safe(text, 1000), style.width, initial_indent=indent, subsequent_indent=indent + "  ")


def _shown(finding: SourceFinding, style: Style) -> Iterator[str]:
    number = f"{finding.region.line:>7} | "
    room = max(20, style.width - len(number))
    before = finding.line[: finding.region.column - 1].expandtabs(TAB)
    text = safe(finding.line.expandtabs(TAB), 2000)
    indent = len(text) - len(text.lstrip())
    text = text[indent:]
    start = max(0, _width(before) - indent)
    cut = max(0, start - room // 2) if len(text) > room else 0
    yield f"{number}{text[cut : cut + room]}"
    same_line = finding.region.end_line == finding.region.line
    length = finding.region.end_column - finding.region.column if same_line else len(text) - start
    marks = max(1, min(length, room - (start - cut)))
    yield f"{'':>7} | {' ' * (start - cut)}{_coloured('^' * marks, '1', style)}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in safe(text, 2000))


def _coloured(text: str, colour: str, style: Style) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if style.colour else text


def summed(judged: SourceReport) -> str:
    """Say in one line how many files were looked at, and what was found."""
    times = Counter(finding.severity for finding in judged.findings)
    told = [counted(times[severity], severity) for severity in Severity if times[severity]]
    accepted = f"; {counted(len(judged.accepted), 'finding')} accepted" if judged.accepted else ""
    unread = sum(note.unread for note in judged.notes)
    rest = f"; {counted(unread, 'file')} not read" if unread else ""
    return f"{counted(judged.files, 'file')}: {', '.join(told) or 'no findings'}{accepted}{rest}"


FORMAT = "portaudit-lint/1"


def document(judged: SourceReport, status: int) -> str:
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
