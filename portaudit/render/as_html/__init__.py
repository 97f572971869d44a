"""A judged difference as one page: nothing is fetched, nothing is sent, and it prints.

Jinja2 escapes every value; before that, every text is spelled harmlessly. The page's own policy lets
only the style and the script run whose hashes it names.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from portaudit.harmless import safe
from portaudit.model.finding import Checked, Finding, Report
from portaudit.model.ledger import Stack
from portaudit.render.as_html.drawing import drawing_of
from portaudit.render.as_html.plot import Plot, balance_plots, plot_of, sparks_of
from portaudit.render.as_html.spaces import ROWS_AT_ONCE, spaces_of
from portaudit.render.facts import (
    SENTENCE_MAX,
    alike,
    facts,
    heading,
    open_facts,
    row_cells,
    verdict_sentence,
)
from portaudit.render.origins import stacks_of
from portaudit.render.rest import (
    UNSETTLED,
    accepted_lines,
    brief,
    check_reason,
    check_style,
    checks_summary,
    expected_changes,
    how,
    last_line,
)
from portaudit.render.style import Style
from portaudit.render.words import counted, held, moment, object_id, signed, thing, title_of, total
from portaudit.version import __version__

TEMPLATES = Path(__file__).parent / "templates"
WORDS = (counted, held, moment, object_id, signed, thing, title_of, total)
"""What templates may call."""

ROWS_MAX, PLOTS_MAX = 100, 8
"""Rows of a series with a picture each, and plots of a balance."""

FINDINGS_MAX = 500
"""Findings on a page; what differs in nothing but its rows is told as one."""


def report(judged: Report, style: Style) -> str:
    """Print a page in ASCII that says the verdict first and holds both snapshots."""
    told = _told(judged, style)
    return _page("report.html.j2", word=str(judged.outcome), **told)


def checks(results: Sequence[Checked], style: Style) -> str:
    """Print one page for all checks: how each ended, and its whole report below, folded if it passed."""
    word, verdict = checks_summary(results)
    told = [_told_check(number, checked, style) for number, checked in enumerate(results, 1)]
    return _page("checks.html.j2", word=word, verdict=verdict, checks=told, last_line=f"{verdict}.")


def _page(template: str, **told: Any) -> str:  # noqa: ANN401  what the template shows
    css, script = (Markup(_asset(name)) for name in ("page.css", "page.js"))  # noqa: S704  our own files
    shell = {"version": __version__, "css": css, "script": script, "policy": _policy(css, script)}
    text = _environment().get_template(template).render(**shell, **told)
    return text.encode("ascii", "xmlcharrefreplace").decode()


def _told(judged: Report, style: Style, at: str = "", level: int = 2) -> dict[str, Any]:
    """Give what the parts of a report show; its ids begin with `at`, its headings are of this level."""
    told = told_findings(judged)
    shown, left = spaces_of(judged)
    return {
        "at": at,
        "level": level,
        "report": judged,
        "style": style,
        "verdict": verdict_sentence(judged),
        "findings": told[:FINDINGS_MAX],
        "findings_left": max(0, len(told) - FINDINGS_MAX),
        "drawing": drawing_of(judged),
        "sparks": sparks_of(judged, ROWS_MAX),
        "sparks_left": max(0, len(judged.series) - ROWS_MAX),
        "balance_plots": list(balance_plots(judged))[:PLOTS_MAX],
        "spaces": shown,
        "spaces_left": left,
        "expected": [brief(change) for change in expected_changes(judged)],
        "accepted": list(accepted_lines(judged)),
        "reading": how(judged.difference.after),
        "last_line": last_line(judged, style),
        "rows_at_once": ROWS_AT_ONCE,
    }


def _told_check(number: int, checked: Checked, style: Style) -> dict[str, Any]:
    at = f"check-{number}"
    shown = {
        "id": at,
        "name": checked.name,
        "state": str(checked.state),
        "told": check_reason(checked),
        "open": checked.state in UNSETTLED,
        "body": "",
    }
    if checked.report is None:
        return shown
    told = _told(checked.report, check_style(checked, style), f"{at}-", 3)
    parts = {"body": "judged.html.j2", "moments": "moments.html.j2"}
    # Markup, as each part has escaped its own texts
    made = {name: Markup(_environment().get_template(part).render(**told)) for name, part in parts.items()}  # noqa: S704
    return shown | made | {"last_line": told["last_line"]}


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        finalize=_spelled,
    )
    environment.globals.update({word.__name__: word for word in WORDS})
    return environment


def _spelled(value: Any) -> Any:  # noqa: ANN401  whatever a template prints
    if isinstance(value, str) and not isinstance(value, Markup):
        return safe(value, 4 * SENTENCE_MAX)
    return value  # a number, or what a template or a file of ours made


def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="ascii")


def _policy(css: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {_hash(css)}; script-src {_hash(script)}; img-src data:; "
        f"base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


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
        *(_told_finding(one, count, one.severity, facts) for one, count in alike(report.findings)),
        *(_told_finding(one, count, "undecided", open_facts) for one, count in alike(report.undecided)),
    )


def _told_finding(
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
        tuple(map(_spelled_stack, stacks_of(finding))),
    )


def _spelled_stack(told: tuple[str, Stack]) -> tuple[str, tuple[str, ...]]:
    title, stack = told
    return safe(title), tuple(safe(str(frame)) for frame in stack)


def _link(label: str, text: str) -> str | None:
    match = CASE.fullmatch(text) if label == "Case" else None
    return f"https://github.com/{match[1]}/issues/{match[2]}" if match else None
