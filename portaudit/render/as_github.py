"""A judged difference as GitHub's annotations: one workflow command a finding, graver ones first.

The form and the escapes: docs.github.com, workflow commands; actions/toolkit packages/core/src/command.ts.
"""

from collections.abc import Callable, Iterator, Sequence

from portaudit.harmless import safe
from portaudit.model.declared import Place
from portaudit.model.finding import Checked, CheckState, Finding, Report
from portaudit.render.facts import facts, left_behind, open_facts, row_cells, sentence, verdict_sentence
from portaudit.render.rest import check_line, check_reason, check_style
from portaudit.render.style import Style
from portaudit.render.words import counted

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}
Tell = Callable[[Finding], Iterator[tuple[str, str]]]
FINDINGS_MAX = 50
"""Annotations of a kind: GitHub shows 10 of a step and 50 of a run."""
ROWS_MAX = 20
"""Rows of one finding in an annotation; a web page shows it in a few lines."""


def report(judged: Report, style: Style) -> str:
    """Print one annotation a finding, at the line of the rule that it breaks if there is one.

    The verdict comes last, and the snapshots have no lines that a review could show.
    """
    last = f"portaudit: {judged.outcome}: {harmless(verdict_sentence(judged))}"
    return "\n".join((*_annotations(judged, style), last)) + "\n"


def checks(results: Sequence[Checked], style: Style) -> str:
    """Print the annotations of each check, by name and at the line that declares it, and how each ended."""
    lines = [line for checked in results for line in _check(checked, check_style(checked, style))]
    last = [f"portaudit: {harmless(check_line(checked, Style()))}" for checked in results]
    return "".join((*(f"{line}\n" for line in lines), *last))


def _check(checked: Checked, style: Style) -> Iterator[str]:
    if checked.report is not None:
        yield from _annotations(checked.report, style)
    elif checked.state is not CheckState.PASSED:
        command = "notice" if checked.state is CheckState.SKIPPED else "warning"
        yield _command(command, checked.state, check_reason(checked), style.place, style)


def _annotations(judged: Report, style: Style) -> Iterator[str]:
    found, open_ = judged.findings[:FINDINGS_MAX], judged.undecided[:FINDINGS_MAX]
    more = len(judged.findings) + len(judged.undecided) - len(found) - len(open_)
    for one in found:
        yield _annotation(COMMANDS[one.severity], one, one.verdict, facts, style)
    for one in open_:
        yield _annotation("warning", one, "undecided", open_facts, style)
    if judged.warm_up:
        listed = ", ".join(map(left_behind, judged.warm_up[:ROWS_MAX]))
        yield _command("notice", "left by the warm-up, which is not judged", listed, style.place, style)
    for told in judged.allowances:
        yield _command("notice", "allowed", sentence(told), style.place, style)
    if more:
        yield f"portaudit: {counted(more, 'more finding')}: --format json has all of them"


def _annotation(command: str, finding: Finding, word: str, tell: Tell, style: Style) -> str:
    title = f"{safe(finding.rule)} {word}: {sentence(finding.title)}"
    return _command(command, title, _message(finding, tell), finding.place or style.place, style)


def _command(command: str, title: str, message: str, place: Place | None, style: Style) -> str:
    where = {"file": safe(place.file, 1000), "line": str(place.line)} if place else {}
    titled = {"title": f"{safe(style.check)}: {title}" if style.check else title}
    properties = ",".join(f"{key}={property_value(value)}" for key, value in (where | titled).items())
    return f"::{command} {properties}::{data(message)}"


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
