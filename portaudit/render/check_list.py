"""The checks of a project after they ran: one line each, details of what failed; or one document."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

from portaudit.harmless import safe
from portaudit.model.finding import Checked, CheckState, Outcome
from portaudit.render import Format, render_report
from portaudit.render.columns import BOLD, GREEN, RED, YELLOW, paint
from portaudit.render.facts import sentence, verdict_sentence
from portaudit.render.json_text import json_text
from portaudit.render.style import Style

FORMAT = "portaudit-check/1"
INK = {
    CheckState.PASSED: GREEN,
    CheckState.FAILED: RED,
    CheckState.UNDECIDED: YELLOW,
    CheckState.SKIPPED: YELLOW,
}


def line(checked: Checked, style: Style) -> str:
    """Say in one line how a check ended; a skip begins so, and never sounds like a verdict."""
    state = paint(checked.state, BOLD, INK[checked.state], colour=style.colour)
    return f"{state}: {safe(checked.name)}: {_why(checked)}\n"


def _why(checked: Checked) -> str:
    if checked.reason is not None or checked.report is None:
        return sentence(checked.reason or "nothing was read").replace("\n", " ")
    told = f"{_outcome(checked.report.outcome, checked.state)}{verdict_sentence(checked.report)}"
    return f"{told} ({checked.report.basis})"


def _outcome(outcome: Outcome, state: CheckState) -> str:
    return "" if state is CheckState.PASSED else f"{outcome}: "


def details(results: Iterable[Checked], form: Format, style: Style) -> Iterator[str]:
    """Print the report of each check that failed or is undecided, under the check's name."""
    for checked in results:
        if checked.report is not None and checked.state in (CheckState.FAILED, CheckState.UNDECIDED):
            heading = f"\n{safe(checked.name)}\n\n" if form is Format.TABLE else ""
            yield heading + render_report(checked.report, form, style)


def document(results: Sequence[Checked], form: Format, style: Style) -> str:
    """Print all checks as one document: json, junit or sarif."""
    if form is Format.JSON:
        return json_text({"format": FORMAT, "checks": [_as_json(one, style) for one in results]})
    judged = [one for one in results if one.report is not None]
    return _joined_sarif(judged, style) if form is Format.SARIF else _joined_junit(results, style)


def _as_json(checked: Checked, style: Style) -> dict[str, Any]:
    report = None if checked.report is None else json.loads(render_report(checked.report, Format.JSON, style))
    return {
        "name": checked.name,
        "state": checked.state,
        "reason": checked.reason,
        "seconds": round(checked.seconds, 3),
        "report": report,
    }


def _joined_sarif(judged: Sequence[Checked], style: Style) -> str:
    runs = []
    whole: dict[str, Any] = {"version": "2.1.0"}
    for checked in judged:
        if checked.report is None:
            continue
        whole |= json.loads(render_report(checked.report, Format.SARIF, style))
        # GitHub keeps the runs of one upload apart by this id
        runs += [run | {"automationDetails": {"id": f"portaudit/{checked.name}/"}} for run in whole["runs"]]
    return json_text(whole | {"runs": runs})


def _joined_junit(results: Sequence[Checked], style: Style) -> str:
    root = ET.Element("testsuites", {"name": "portaudit"})
    for checked in results:
        if checked.report is None:
            root.append(_unjudged(checked))
            continue
        text = render_report(checked.report, Format.JUNIT, replace(style, width=100))
        for suite in ET.fromstring(text):  # noqa: S314  our own text of a moment ago
            suite.set("name", f"{checked.name}: {suite.get('name')}")
            root.append(suite)
    ET.indent(root)
    return f"{ET.tostring(root, encoding='us-ascii', xml_declaration=True).decode()}\n"


def _unjudged(checked: Checked) -> ET.Element:
    skipped = checked.state is CheckState.SKIPPED
    counts = {"tests": "1", "failures": "0", "errors": str(int(not skipped)), "skipped": str(int(skipped))}
    suite = ET.Element("testsuite", {"name": checked.name, **counts})
    case = ET.SubElement(suite, "testcase", {"classname": checked.name, "name": "check"})
    ET.SubElement(case, "skipped" if skipped else "error", {"message": _why(checked)})
    return suite
