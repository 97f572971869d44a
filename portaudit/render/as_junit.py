"""A judged difference as JUnit XML: one test case a process and rule, as CI servers count them.

A process without findings is one case that passes. What is undecided is an error, never a case that
passes or is skipped: servers show skipped cases in green.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, groupby
from xml.etree import ElementTree as ET

from portaudit.harmless import safe
from portaudit.model.finding import Finding, Report
from portaudit.render.facts import facts, left_behind, open_facts, row_cells, sentence
from portaudit.render.rest import how
from portaudit.render.style import Style
from portaudit.render.words import counted, task_title

PASSED, FAILURE, ERROR, SKIPPED = "passed", "failure", "error", "skipped"
TOTALS = {
    "tests": (PASSED, FAILURE, ERROR, SKIPPED),
    "failures": (FAILURE,),
    "errors": (ERROR,),
    "skipped": (SKIPPED,),
}
ROWS_MAX = 100
"""Rows of one finding in the text of a case."""
TOLD_MAX = 100
"""Findings of one rule and process that a case tells of."""
NO_PROCESS = "all processes"


@dataclass(frozen=True, slots=True)
class Case:
    """What one test case says of one process; several of one rule are told as one."""

    suite: str
    name: str
    outcome: str
    kind: str = ""
    message: str = ""
    text: str = ""


def report(judged: Report, style: Style) -> str:
    """Print a well-formed document in ASCII, without any character that XML forbids."""
    cases = sorted(_cases(judged, style), key=lambda case: (case.suite, case.name))
    suites = {suite: list(group) for suite, group in groupby(cases, key=lambda case: case.suite)}
    told = {suite: [_joined(group) for group in _by_name(group)] for suite, group in suites.items()}
    root = ET.Element("testsuites", {"name": "portaudit", **_totals([*chain(*told.values())])})
    for suite, group in told.items():
        root.append(_suite(suite, group, judged))
    ET.indent(root)
    return f"{ET.tostring(root, encoding='us-ascii', xml_declaration=True).decode()}\n"


def _cases(judged: Report, style: Style) -> Iterator[Case]:
    for finding in judged.findings:
        outcome = FAILURE if style.fails(finding) else PASSED
        yield from _told(finding, outcome, facts(finding), finding.title)
    unread = iter(task.title for task in judged.difference.unread)
    for finding in judged.undecided:
        without_rows = next(unread, NO_PROCESS) if not finding.rows else NO_PROCESS
        told = finding.reason or finding.title
        yield from _told(finding, ERROR, open_facts(finding), told, without_rows)
    for finding in (*judged.suppressed, *judged.accepted):
        yield from _told(finding, SKIPPED, facts(finding), finding.reason or "accepted")
    for row in judged.warm_up:
        left = f"left by the warm-up, which is not judged: {left_behind(row)}"
        yield Case(task_title(row), "warm-up", PASSED, text=left)
    told_of = {suite for finding in (*judged.findings, *judged.undecided) for suite in _suites(finding)}
    yield from (Case(title, "balance", PASSED) for title in judged.difference.unchanged.keys() - told_of)


def _told(
    finding: Finding, outcome: str, told: Iterable[tuple[str, str]], message: str, process: str = NO_PROCESS
) -> Iterator[Case]:
    rows = ("  ".join(filter(None, row_cells(row))) for row in finding.rows[:ROWS_MAX])
    left = len(finding.rows) - ROWS_MAX
    more = [f"… and {counted(left, 'more row')}"] if left > 0 else []
    text = "\n".join((sentence(finding.title), *rows, *more, *(f"{label}: {fact}" for label, fact in told)))
    for suite in _suites(finding, process):
        yield Case(suite, finding.rule, outcome, finding.verdict, sentence(message), text)


def _suites(finding: Finding, process: str = NO_PROCESS) -> Iterable[str]:
    return dict.fromkeys(map(task_title, finding.rows)) or (process,)


def _by_name(cases: list[Case]) -> Iterator[list[Case]]:
    return (list(group) for _, group in groupby(cases, key=lambda case: case.name))


def _joined(cases: list[Case]) -> Case:
    # The gravest outcome is that of all: one failure among passes is a failure
    worst = min(cases, key=lambda case: (FAILURE, ERROR, SKIPPED, PASSED).index(case.outcome))
    told = [case for case in cases if case.text][:TOLD_MAX]
    more = f" (and {len(cases) - 1} more)" if len(cases) > 1 else ""
    text = "\n\n".join(case.text for case in told)
    return Case(worst.suite, worst.name, worst.outcome, worst.kind, worst.message + more, text)


def _totals(cases: list[Case]) -> dict[str, str]:
    return {key: str(sum(case.outcome in outcomes for case in cases)) for key, outcomes in TOTALS.items()}


def _suite(title: str, cases: list[Case], judged: Report) -> ET.Element:
    suite = ET.Element("testsuite", {"name": safe(title), **_totals(cases)})
    properties = ET.SubElement(suite, "properties")
    ET.SubElement(properties, "property", {"name": "reading", "value": how(judged.difference.after)})
    for case in cases:
        place = {"classname": f"portaudit.{safe(title)}", "name": safe(case.name)}
        _tell(ET.SubElement(suite, "testcase", place), case)
    return suite


def _tell(element: ET.Element, case: Case) -> None:
    if case.outcome == SKIPPED:
        ET.SubElement(element, SKIPPED, {"message": case.message})
    elif case.outcome != PASSED:
        told = {"type": case.kind, "message": case.message}
        ET.SubElement(element, case.outcome, told).text = case.text
    elif case.text:
        ET.SubElement(element, "system-out").text = case.text
