"""The findings as a page tells them: a mark, a heading, rows, and what each fact links to."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from portaudit.harmless import safe
from portaudit.model.finding import Finding, Report
from portaudit.model.origin import Stack
from portaudit.render.as_html.plot import Plot, plot_of
from portaudit.render.facts import alike, facts, heading, open_facts, row_cells
from portaudit.render.origins import stacks_of

ROWS_MAX = 500
"""Rows of one finding on the page."""

CASE = re.compile(r"([\w.-]+/[\w.-]+)#(\d+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of a finding: its label, its text, and where a reader finds more."""

    label: str
    text: str
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """One finding, or several that are told as one."""

    rule: str
    mark: str
    """error, warning, note or undecided."""
    verdict: str
    title: str
    rows: tuple[tuple[str, ...], ...]
    facts: tuple[Fact, ...]
    left: int = 0
    """Rows that are not shown."""
    plot: Plot | None = None
    """Its numbers by round, of a series."""
    stacks: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Stacks of a ledger: a heading, and every frame."""


def told_findings(report: Report) -> tuple[Told, ...]:
    """Give all that a reader must look at, graver ones first, what is undecided last."""
    return (
        *(_told(one, count, one.severity, facts) for one, count in alike(report.findings)),
        *(_told(one, count, "undecided", open_facts) for one, count in alike(report.undecided)),
    )


def _told(
    finding: Finding, count: int, mark: str, tell: Callable[[Finding], Iterator[tuple[str, str]]]
) -> Told:
    return Told(
        finding.rule,
        str(mark),
        str(finding.verdict),
        heading(finding, count),
        tuple(map(row_cells, finding.rows[:ROWS_MAX])),
        tuple(Fact(label, text, _link(label, text)) for label, text in tell(finding)),
        max(0, len(finding.rows) - ROWS_MAX),
        plot_of(finding),
        tuple(map(_spelled, stacks_of(finding))),
    )


def _spelled(told: tuple[str, Stack]) -> tuple[str, tuple[str, ...]]:
    title, stack = told
    return safe(title), tuple(safe(str(frame)) for frame in stack)


def _link(label: str, text: str) -> str | None:
    match = CASE.fullmatch(text) if label == "Case" else None
    return f"https://github.com/{match[1]}/issues/{match[2]}" if match else None
