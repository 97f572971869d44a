"""A judged difference as JUnit XML, as CI servers count it.

Each process is one case, `balance`, whose name stays when what it fails for is mended; what fails it is a
case a rule beside it. Of a project's checks each is such a case. What is undecided is an error, never a case
that passes or is skipped: servers show skipped cases in green. Names hold no pid: servers know a case by its
name from run to run.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree as ET

from portaudit.harmless import safe
from portaudit.model.difference import Change
from portaudit.model.finding import Checked, CheckState, Finding, Report
from portaudit.model.severity import Severity
from portaudit.model.snapshot import Process
from portaudit.render.facts import facts, left_behind, open_facts, row_cells, sentence
from portaudit.render.rest import check_reason, check_style, how
from portaudit.render.style import Style
from portaudit.render.words import counted

PASSED, FAILURE, ERROR, SKIPPED = "passed", "failure", "error", "skipped"
GRAVEST_FIRST = (FAILURE, ERROR, SKIPPED, PASSED)
TOTALS = {
    "tests": (PASSED, FAILURE, ERROR, SKIPPED),
    "failures": (FAILURE,),
    "errors": (ERROR,),
    "skipped": (SKIPPED,),
}
OUTCOMES = {
    CheckState.PASSED: PASSED,
    CheckState.FAILED: FAILURE,
    CheckState.UNDECIDED: ERROR,
    CheckState.SKIPPED: SKIPPED,
}
ROWS_MAX = 100
"""Rows of one finding in the text of a case."""
TOLD_MAX = 100
"""Findings of one rule and process that a case tells of."""
NO_PROCESS = "all processes"
BALANCE = "balance"


@dataclass(frozen=True, slots=True)
class Case:
    """What one test case says of one process; several of one rule are told as one."""

    process: str
    name: str
    outcome: str
    kind: str = ""
    message: str = ""
    text: str = ""


def report(judged: Report, style: Style) -> str:
    """Print a well-formed document in ASCII, without any character that XML forbids: a suite a process."""
    by_process = groupby(_cases(judged, style), key=lambda case: case.process)
    suites = [
        _suite(process, [(f"portaudit.{safe(process)}", case) for case in cases], judged)
        for process, cases in by_process
    ]
    return _document(suites)


def checks(results: Sequence[Checked], style: Style) -> str:
    """Print a suite a check: the check itself is a case, and each rule that fails it in a process."""
    return _document([_check(checked, check_style(checked, style)) for checked in results])


def _check(checked: Checked, style: Style) -> ET.Element:
    place = f"portaudit.{safe(checked.name)}"
    cases = _cases(checked.report, style) if checked.report else []
    told = "\n\n".join(case.text for case in cases if case.name == BALANCE and case.text)
    why = check_reason(checked)
    whole = Case("", BALANCE, OUTCOMES[checked.state], checked.state, why, told)
    rules = [(f"{place}.{safe(case.process)}", case) for case in cases if case.name != BALANCE]
    return _suite(checked.name, [(place, whole), *rules], checked.report)


def _document(suites: list[ET.Element]) -> str:
    # Jenkins' schema knows no total of what was skipped
    known = TOTALS.keys() - {"skipped"}
    totals = {key: str(sum(int(suite.get(key, 0)) for suite in suites)) for key in TOTALS if key in known}
    root = ET.Element("testsuites", {"name": "portaudit", **totals})
    root.extend(suites)
    ET.indent(root)
    return f"{ET.tostring(root, encoding='us-ascii', xml_declaration=True).decode()}\n"


def _cases(judged: Report, style: Style) -> list[Case]:
    """Give the cases in the order of processes, each process's balance first."""
    told: dict[tuple[str, str], list[Case]] = {}
    for case in (*_rules(judged, style), *_passing(judged, style)):
        told.setdefault((case.process, case.name), []).append(case)
    joined = [_joined(cases) for cases in told.values()]
    processes = sorted({case.process for case in joined})
    return [case for process in processes for case in _of_process(process, joined, judged, style)]


def _of_process(process: str, joined: list[Case], judged: Report, style: Style) -> Iterator[Case]:
    mine = [case for case in joined if case.process == process]
    rules = sorted((case for case in mine if case.name != BALANCE), key=lambda case: case.name)
    text = "\n\n".join(case.text for case in mine if case.name == BALANCE)
    worst = min(rules, key=lambda case: GRAVEST_FIRST.index(case.outcome), default=None)
    if worst is not None and worst.outcome in (FAILURE, ERROR):
        yield Case(process, BALANCE, worst.outcome, worst.kind, f"{worst.name}: {worst.message}", text)
    elif style.fail_on == Severity.NOTE and (moved := _moved(process, judged)):
        yield Case(process, BALANCE, FAILURE, "moved", f"{counted(moved, 'right')} changed", text)
    else:
        yield Case(process, BALANCE, PASSED, text=text)
    yield from rules


def _moved(process: str, judged: Report) -> int:
    return sum(row.residual != 0 and _called(row) == process for row in judged.changes)


def _rules(judged: Report, style: Style) -> Iterator[Case]:
    """Yield what fails, is undecided or accepted, a case for each process that has a row of it."""
    for finding in judged.findings:
        if style.fails(finding):
            yield from _told(finding, FAILURE, facts(finding), finding.title)
    unread = iter(_name(task.role, task.process) for task in judged.difference.unread)
    for finding in judged.undecided:
        without_rows = next(unread, NO_PROCESS) if not finding.rows else NO_PROCESS
        told = finding.reason or finding.title
        yield from _told(finding, ERROR, open_facts(finding), told, without_rows)
    for finding in (*judged.suppressed, *judged.accepted):
        yield from _told(finding, SKIPPED, facts(finding), finding.reason or "accepted")


def _passing(judged: Report, style: Style) -> Iterator[Case]:
    """Yield each process's balance, with what is told of it and fails nothing."""
    titles = {task.title: _name(task.role, task.process) for task in judged.difference.after.tasks}
    for title in judged.difference.unchanged:
        yield Case(titles.get(title, title), BALANCE, PASSED)
    for finding in judged.findings:
        if not style.fails(finding):
            for case in _told(finding, PASSED, facts(finding), finding.title):
                yield Case(case.process, BALANCE, PASSED, text=f"{safe(finding.rule)}  {case.text}")
    for row in judged.warm_up:
        left = f"left by the warm-up, which is not judged: {left_behind(row)}"
        yield Case(_called(row), BALANCE, PASSED, text=left)


def _told(
    finding: Finding, outcome: str, told: Iterable[tuple[str, str]], message: str, process: str = NO_PROCESS
) -> Iterator[Case]:
    rows = ("  ".join(filter(None, row_cells(row))) for row in finding.rows[:ROWS_MAX])
    left = len(finding.rows) - ROWS_MAX
    more = [f"… and {counted(left, 'more row')}"] if left > 0 else []
    text = "\n".join((sentence(finding.title), *rows, *more, *(f"{label}: {fact}" for label, fact in told)))
    for one in dict.fromkeys(map(_called, finding.rows)) or (process,):
        yield Case(one, finding.rule, outcome, finding.verdict, sentence(message), text)


def _called(row: Change) -> str:
    return _name(row.role, row.process)


def _name(role: str | None, process: Process) -> str:
    return role or process.name or "process"


def _joined(cases: list[Case]) -> Case:
    # The gravest outcome is that of all: one failure among passes is a failure
    worst = min(cases, key=lambda case: GRAVEST_FIRST.index(case.outcome))
    told = [case for case in cases if case.text][:TOLD_MAX]
    more = f" (and {len(cases) - 1} more)" if len(cases) > 1 and worst.message else ""
    text = "\n\n".join(case.text for case in told)
    return Case(worst.process, worst.name, worst.outcome, worst.kind, worst.message + more, text)


def _suite(title: str, placed: list[tuple[str, Case]], judged: Report | None) -> ET.Element:
    outcomes = [case.outcome for _, case in placed]
    totals = {key: str(sum(one in counted_ones for one in outcomes)) for key, counted_ones in TOTALS.items()}
    suite = ET.Element("testsuite", {"name": safe(title), **totals})
    if judged is not None:
        properties = ET.SubElement(suite, "properties")
        ET.SubElement(properties, "property", {"name": "reading", "value": how(judged.difference.after)})
        for told in judged.allowances:
            ET.SubElement(properties, "property", {"name": "allowed", "value": sentence(told)})
    for place, case in placed:
        _tell(ET.SubElement(suite, "testcase", {"classname": place, "name": safe(case.name)}), case)
    return suite


def _tell(element: ET.Element, case: Case) -> None:
    if case.outcome == SKIPPED:
        ET.SubElement(element, SKIPPED, {"message": case.message})
    elif case.outcome != PASSED:
        told = {"type": case.kind, "message": case.message}
        ET.SubElement(element, case.outcome, told).text = case.text
    elif case.text:
        ET.SubElement(element, "system-out").text = case.text
