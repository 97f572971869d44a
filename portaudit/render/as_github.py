"""A judged difference as GitHub's annotations: one workflow command a finding, graver ones first.

The form and the escapes: docs.github.com, workflow commands; actions/toolkit packages/core/src/command.ts.
"""

from collections.abc import Callable, Iterator

from portaudit.harmless import safe
from portaudit.model.finding import Finding, Report
from portaudit.render.facts import facts, left_behind, open_facts, row_cells, sentence, verdict_sentence
from portaudit.render.style import Style
from portaudit.render.words import counted

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
Tell = Callable[[Finding], Iterator[tuple[str, str]]]
FINDINGS_MAX = 50
"""Annotations of a kind: GitHub shows 10 of a step and 50 of a run."""
ROWS_MAX = 20
"""Rows of one finding in an annotation; a web page shows it in a few lines."""


def report(judged: Report, _style: Style) -> str:
    """Print one annotation a finding, at the line of the rule that it breaks if there is one.

    The verdict comes last, and the snapshots have no lines that a review could show.
    """
    found, open_ = judged.findings[:FINDINGS_MAX], judged.undecided[:FINDINGS_MAX]
    more = len(judged.findings) + len(judged.undecided) - len(found) - len(open_)
    lines = [
        *(_annotation(COMMANDS[one.severity], one, one.verdict, facts) for one in found),
        *(_annotation("warning", one, "undecided", open_facts) for one in open_),
        *_warm_up(judged),
        *([f"portaudit: {counted(more, 'more finding')}: --format json has all of them"] if more else []),
        f"portaudit: {judged.outcome}: {harmless(verdict_sentence(judged))}",
    ]
    return "\n".join(lines) + "\n"


def _annotation(command: str, finding: Finding, word: str, tell: Tell) -> str:
    place = finding.place
    title = f"{safe(finding.rule)} {word}: {sentence(finding.title)}"
    where = {"file": safe(place.file, 1000), "line": str(place.line)} if place else {}
    properties = ",".join(
        f"{key}={property_value(value)}" for key, value in (where | {"title": title}).items()
    )
    return f"::{command} {properties}::{data(_message(finding, tell))}"


def _warm_up(judged: Report) -> Iterator[str]:
    if judged.warm_up:
        listed = ", ".join(map(left_behind, judged.warm_up[:ROWS_MAX]))
        yield f"::notice title={property_value('left by the warm-up, which is not judged')}::{data(listed)}"


def _message(finding: Finding, tell: Tell) -> str:
    rows = ["  ".join(filter(None, row_cells(row))) for row in finding.rows[:ROWS_MAX]]
    if len(finding.rows) > ROWS_MAX:
        rows.append(f"… and {counted(len(finding.rows) - ROWS_MAX, 'more row')}")
    return "\n".join((*rows, *(f"{label}: {text}" for label, text in tell(finding))))


def data(text: str) -> str:
    """Escape the message of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def property_value(text: str) -> str:
    """Escape a property of a workflow command."""
    return data(text).replace(":", "%3A").replace(",", "%2C")


def harmless(text: str) -> str:
    """Keep a plain line of output from being taken for a command."""
    # The runner takes ##[command] anywhere in a line of output for a command of the old form
    return text.replace("##[", "## [")
