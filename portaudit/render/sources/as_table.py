"""Findings in sources for a terminal: the place, what happens there, the line itself, the way out."""

from __future__ import annotations

import unicodedata
from collections import Counter
from textwrap import wrap
from typing import TYPE_CHECKING

from portaudit.harmless import safe
from portaudit.model.finding import Severity
from portaudit.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.model.lint import SourceFinding, SourceReport
    from portaudit.render.style import Style

COLOURS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.NOTE: "36"}
TAB = 4
"""Columns of a tab in a line that is shown."""


def report(judged: SourceReport, style: Style, *, fail_on: str, status: int) -> str:  # noqa: ARG001  as all renderers
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
