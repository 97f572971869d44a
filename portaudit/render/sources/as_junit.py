"""Findings in sources as JUnit XML: a suite a file, a case a finding; what could not be read is an error."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from portaudit.harmless import safe
from portaudit.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.model.lint import SourceFinding, SourceReport
    from portaudit.render.style import Style

Case = tuple[str, str, str, str, str]
"""File, name, outcome, message, text."""


def report(judged: SourceReport, _style: Style, *, fail_on: str, status: int) -> str:  # noqa: ARG001  as all renderers
    """Print a well-formed document in ASCII; without any finding one case passes."""
    order = list(Severity)
    grave = order.index(Severity(fail_on))
    cases = [
        _case(one, "failure" if order.index(one.severity) <= grave else "passed") for one in judged.findings
    ]
    cases += [_case(one, "skipped") for one in judged.accepted]
    cases += [(note.path, "reading", "error", note.text, note.text) for note in judged.notes if note.unread]
    totals = _totals(cases or [_passed(judged)])
    del totals["skipped"]  # Jenkins' schema knows no total of what was skipped
    root = ET.Element("testsuites", {"name": "portaudit lint", **totals})
    for path, group in groupby(sorted(cases) or [_passed(judged)], key=lambda case: case[0]):
        root.append(_suite(path, list(group)))
    ET.indent(root)
    return f"{ET.tostring(root, encoding='us-ascii', xml_declaration=True).decode()}\n"


def _passed(judged: SourceReport) -> Case:
    return ("sources", f"{judged.files} files", "passed", "", "")


def _case(finding: SourceFinding, outcome: str) -> Case:
    region = finding.region
    name = f"{finding.rule} {finding.function} line {region.line} column {region.column}"
    lines = (f"{finding.message}.", finding.line.strip(), f"Fix: {finding.fix}")
    return (
        finding.path,
        name,
        outcome,
        finding.reason or finding.message,
        "\n".join(safe(line, 1000) for line in lines),
    )


def _totals(cases: list[Case]) -> dict[str, str]:
    words = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {key: str(sum(case[2] == word for case in cases)) for key, word in words.items()}
    return {"tests": str(len(cases)), **counts}


def _suite(path: str, cases: list[Case]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": safe(path, 1000), **_totals(cases)})
    for case in cases:
        _, name, outcome, message, text = case
        place = {"classname": f"portaudit.{safe(path, 1000)}", "name": safe(name)}
        element = ET.SubElement(suite, "testcase", place)
        for tag in _outcome(outcome):
            ET.SubElement(element, tag, {"message": safe(message, 1000)}).text = text
    return suite


def _outcome(outcome: str) -> Iterator[str]:
    if outcome != "passed":
        yield outcome
