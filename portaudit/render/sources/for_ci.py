"""Findings in sources for CI: as GitHub's annotations, as JUnit XML, and as SARIF 2.1.0.

Annotations and SARIF stand at the very columns. In JUnit XML a file is a suite, a finding a case, and what
could not be read an error.
"""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from portaudit.harmless import safe
from portaudit.model.severity import Severity
from portaudit.render.as_github import COMMANDS, data, harmless, property_value
from portaudit.render.as_sarif import LEVELS, PRECISION, PROBLEM, RANKS, SCHEMA
from portaudit.render.json_text import json_text
from portaudit.render.sarif_places import uri
from portaudit.render.words import ended
from portaudit.version import HOME, __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.model.lint import Region, SourceFinding, SourceReport


def github(judged: SourceReport, summed: str) -> str:
    """Print one annotation a finding, graver ones first; GitHub shows only the first few of a step."""
    order = list(COMMANDS)
    findings = sorted(judged.findings, key=lambda finding: order.index(finding.severity))
    lines = [*map(_annotation, findings), f"portaudit lint: {harmless(summed)}"]
    return "\n".join(lines) + "\n"


def _annotation(finding: SourceFinding) -> str:
    region = finding.region
    one_line = region.line == region.end_line  # columns are shown within one line only
    where = {"file": safe(finding.path, 1000), "line": str(region.line), "endLine": str(region.end_line)}
    if one_line:
        where |= {"col": str(region.column), "endColumn": str(region.end_column)}
    title = f"{finding.rule} {finding.confidence}: {safe(finding.function or finding.rule)}"
    properties = ",".join(
        f"{key}={property_value(value)}" for key, value in (where | {"title": title}).items()
    )
    related = [f"line {one.region.line}: {one.text}" for one in finding.related]
    told = "\n".join(safe(part, 1000) for part in (f"{finding.message}.", *related, f"Fix: {finding.fix}"))
    return f"::{COMMANDS[finding.severity]} {properties}::{data(told)}"


Case = tuple[str, str, str, str, str]
"""File, name, outcome, message, text."""


def junit(judged: SourceReport, fail_on: str) -> str:
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


FINGERPRINT = "portauditSource/v1"

Json = dict[str, Any]


def sarif(judged: SourceReport, status: int) -> str:
    """Print one run: a result a finding, those that are accepted as suppressed."""
    told = (*judged.findings, *judged.accepted)
    rules = _rules(told)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": "portaudit",
        "fullName": f"portaudit lint {__version__}",
        "informationUri": HOME,
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Finds Mach port rights that leak, in sources."},
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "portaudit-lint/"},
        "invocations": [_invocation(judged, status)],
        "columnKind": "utf16CodeUnits",
        "results": [result | {"ruleIndex": index[result["ruleId"]]} for result in _results(told)],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _invocation(judged: SourceReport, status: int) -> Json:
    unread = any(note.unread for note in judged.notes)
    invocation: Json = {"executionSuccessful": not unread, "exitCode": int(status)}
    if judged.notes:
        invocation["toolExecutionNotifications"] = [
            {
                "level": "warning" if note.unread else "note",
                "message": {"text": ended(safe(f"{note.path}: {note.text}", 1000))},
            }
            for note in judged.notes
        ]
    return invocation


def _rules(told: Iterable[SourceFinding]) -> list[Json]:
    first = {finding.rule: finding for finding in reversed(list(told))}
    return [_rule(first[rule]) for rule in sorted(first, key=lambda rule: int(rule[1:]))]


def _rule(finding: SourceFinding) -> Json:
    fix = ended(safe(finding.fix, 1000))
    return {
        "id": finding.rule,
        "helpUri": f"{HOME}#{finding.rule.lower()}",
        "shortDescription": {"text": ended(finding.title)},
        "help": {"text": f"Fix: {fix}\nMore: run portaudit explain {finding.rule}."},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {
            "tags": ["mach-ports"],
            "problem.severity": PROBLEM[finding.severity],
            "precision": PRECISION[finding.confidence],
        },
    }


def _results(told: Iterable[SourceFinding]) -> Iterator[Json]:
    seen: Counter[str] = Counter()
    for finding in told:
        seen[finding.fingerprint] += 1
        yield _result(finding, seen[finding.fingerprint])


def _result(finding: SourceFinding, number: int) -> Json:
    result: Json = {
        "ruleId": finding.rule,
        "level": LEVELS[finding.severity],
        "rank": RANKS[finding.confidence],
        "message": {"text": ended(safe(finding.message, 1000))},
        "locations": [_location(finding.path, finding.region, finding.function)],
        "partialFingerprints": {FINGERPRINT: f"{finding.fingerprint}:{number}"},
        "properties": {"confidence": finding.confidence},
    }
    if finding.related:
        result["relatedLocations"] = [
            {
                "id": at,
                **_location(finding.path, one.region),
                "message": {"text": ended(safe(one.text, 1000))},
            }
            for at, one in enumerate(finding.related)
        ]
    if finding.reason is not None:
        why = {"kind": "inSource", "status": "accepted", "justification": safe(finding.reason, 1000)}
        result["suppressions"] = [why]
    return result


def _location(path: str, region: Region, function: str = "") -> Json:
    location: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(path)},
            "region": {
                "startLine": region.line,
                "startColumn": region.column,
                "endLine": region.end_line,
                "endColumn": region.end_column,
            },
        }
    }
    if function:
        location["logicalLocations"] = [{"name": safe(function), "kind": "function"}]
    return location
