"""A judged difference as SARIF 2.1.0, for code scanning.

What GitHub asks for beyond the standard: docs.github.com, SARIF support for code scanning.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from portaudit.model.finding import Confidence, Finding, Report, Severity
from portaudit.model.origin import Frame
from portaudit.model.place import Place
from portaudit.render.as_json import finding_rows
from portaudit.render.as_markdown import code, linked_case, plain
from portaudit.render.facts import facts, open_facts, sentence
from portaudit.render.json_text import json_text
from portaudit.render.origins import stacks_of
from portaudit.render.style import Style
from portaudit.render.words import counted, ended, task_title
from portaudit.version import __version__

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RANKS = {Confidence.CERTAIN: 100.0, Confidence.LIKELY: 70.0, Confidence.HINT: 30.0}
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
"""SARIF 2.1.0, 3.27.10."""

PROBLEM = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "recommendation"}
PRECISION = {Confidence.CERTAIN: "very-high", Confidence.LIKELY: "high", Confidence.HINT: "medium"}
"""GitHub's words for how bad and how sure an alert is."""
RESULTS_MAX = 500
"""Results of each kind in a run: GitHub shows 5,000 at most, and takes 10 MB."""
ROWS_MAX = 100
"""Rows of one result."""
FINGERPRINT = "portauditFinding/v1"

Json = dict[str, Any]


def report(judged: Report, style: Style) -> str:
    """Print one run: a result a finding, with what is undecided as open and what is accepted suppressed."""
    kinds = (judged.findings, judged.undecided, judged.suppressed, judged.accepted)
    rules = _rules_of(finding for kind in kinds for finding in kind[:RESULTS_MAX])
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": "portaudit",
        "fullName": f"portaudit {__version__}",
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Audits Mach port rights: which references leaked, and why."},
        "rules": rules,
    }
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": "portaudit/"},
        "invocations": [_invocation(judged, style)],
        "columnKind": "utf16CodeUnits",
        "results": [
            result | {"ruleIndex": index[result["ruleId"]]} for result in _numbered(_results(judged, style))
        ],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _invocation(judged: Report, style: Style) -> Json:
    invocation: Json = {"executionSuccessful": True}
    if style.exit_status is not None:
        invocation["exitCode"] = int(style.exit_status)
    notes = [
        *(("warning", finding.reason or finding.title) for finding in judged.undecided[:RESULTS_MAX]),
        *(("note", note) for note in judged.notes),
        *_left_out(judged),
    ]
    if notes:
        invocation["toolExecutionNotifications"] = [
            {"level": level, "message": {"text": ended(sentence(text))}} for level, text in notes
        ]
    return invocation


def _left_out(judged: Report) -> Iterator[tuple[str, str]]:
    kinds = {
        "finding": judged.findings,
        "undecided finding": judged.undecided,
        "suppressed finding": judged.suppressed,
        "accepted finding": judged.accepted,
    }
    for word, kind in kinds.items():
        if len(kind) > RESULTS_MAX:
            yield (
                "warning",
                f"{counted(len(kind) - RESULTS_MAX, f'more {word}')}: --format json has all of them",
            )


def _results(judged: Report, style: Style) -> Iterator[Json]:
    for finding in judged.findings[:RESULTS_MAX]:
        yield _result(finding, style) | {"level": LEVELS[finding.severity]}
    for finding in judged.undecided[:RESULTS_MAX]:
        yield _result(finding, style, undecided=True) | {"kind": "open", "level": "none"}
    for finding in (*judged.suppressed[:RESULTS_MAX], *judged.accepted[:RESULTS_MAX]):
        why = {"kind": "external", "status": "accepted", "justification": sentence(finding.reason or "")}
        yield _result(finding, style) | {"level": LEVELS[finding.severity], "suppressions": [why]}


def _result(finding: Finding, style: Style, *, undecided: bool = False) -> Json:
    told = open_facts(finding) if undecided else facts(finding)
    told_lines = (f"{label}: {ended(text)}" for label, text in told)
    result: Json = {
        "ruleId": finding.rule,
        "rank": RANKS[finding.confidence],
        "message": {"text": "\n".join((ended(sentence(finding.title)), *told_lines))},
        "locations": [_location(finding, style)],
        "properties": {
            "verdict": finding.verdict,
            "confidence": finding.confidence,
            "rows": finding_rows(finding, ROWS_MAX),
            **({"rowsLeftOut": left} if (left := len(finding.rows) - ROWS_MAX) > 0 else {}),
        },
    }
    result |= _stacks(finding)
    return result | (
        {"partialFingerprints": {FINGERPRINT: finding.fingerprint}} if finding.fingerprint else {}
    )


def _stacks(finding: Finding) -> Json:
    """Give the stacks of a ledger, and as code flows, outermost first, what of them has lines."""
    told = [
        (sentence(heading), [frame for frame in stack if frame.image])
        for heading, stack in stacks_of(finding)
    ]
    flows = [(heading, [frame for frame in stack if frame.line]) for heading, stack in told]
    found: Json = {}
    if any(stack for _, stack in told):
        found["stacks"] = [
            {"message": {"text": heading}, "frames": [_frame(frame) for frame in stack]}
            for heading, stack in told
        ]
    if any(stack for _, stack in flows):
        found["codeFlows"] = [
            {
                "message": {"text": heading},
                "threadFlows": [{"locations": [{"location": _line(frame)} for frame in reversed(stack)]}],
            }
            for heading, stack in flows
            if stack
        ]
    return found


def _frame(frame: Frame) -> Json:
    told: Json = {"module": sentence(frame.image_name)}
    return told | {"location": _line(frame)}


def _line(frame: Frame) -> Json:
    location: Json = {"message": {"text": sentence(str(frame))}}
    if frame.file:
        location["physicalLocation"] = {
            "artifactLocation": {"uri": uri(frame.file)},
            "region": {"startLine": frame.line or 1},
        }
    return location


def _numbered(results: Iterator[Json]) -> Iterator[Json]:
    # Two findings may be alike in all that lasts; equal fingerprints would make one alert of them
    seen: Counter[str] = Counter()
    for result in results:
        prints = result.get("partialFingerprints")
        if prints:
            seen[prints[FINGERPRINT]] += 1
            prints[FINGERPRINT] += f":{seen[prints[FINGERPRINT]]}"
        yield result


def _location(finding: Finding, style: Style) -> Json:
    place = finding.place or style.after or Place("portaudit.json", 1)
    location: Json = {
        "physicalLocation": {
            "artifactLocation": {"uri": uri(place.file)},
            "region": {"startLine": place.line, "startColumn": 1, "endLine": place.line, "endColumn": 1},
        }
    }
    tasks = dict.fromkeys(map(task_title, finding.rows))
    if tasks:
        location["logicalLocations"] = [
            {"name": sentence(task), "fullyQualifiedName": sentence(task), "kind": "process"}
            for task in tasks
        ]
    return location


def uri(path: str) -> str:
    """Write a path as a URI: relative as it is, or file://; every odd byte is spelled %XX."""
    spelled = quote(PurePath(path).as_posix().encode("utf-8", "backslashreplace"))
    return f"file://{spelled}" if PurePath(path).is_absolute() else spelled


def _rules_of(findings: Iterable[Finding]) -> list[Json]:
    """Describe each rule that has a finding, in the order of their ids."""
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.rule, finding)
    return [_rule(first[name]) for name in sorted(first)]


def _rule(finding: Finding) -> Json:
    cause = ended(sentence(finding.cause or finding.verdict))
    return {
        "id": finding.rule,
        "shortDescription": {"text": cause},
        "fullDescription": {"text": cause},
        "help": {"text": _help(finding), "markdown": _help_markdown(finding)},
        "defaultConfiguration": {"level": LEVELS[finding.severity]},
        "properties": {
            "tags": ["mach-ports", str(finding.verdict)],
            "problem.severity": PROBLEM[finding.severity],
            "precision": PRECISION[finding.confidence],
        },
    }


def _help(finding: Finding) -> str:
    lines = [f"Cause: {ended(sentence(finding.cause))}", f"Fix: {ended(sentence(finding.fix))}"]
    if finding.case:
        lines.append(f"A real case: {ended(sentence(finding.case))}")
    return "\n".join((*lines, f"More: run portaudit explain {finding.rule}."))


def _help_markdown(finding: Finding) -> str:
    lines = [
        f"**Cause:** {plain(ended(sentence(finding.cause)))}",
        f"**Fix:** {plain(ended(sentence(finding.fix)))}",
    ]
    if finding.case:
        lines.append(f"**A real case:** {linked_case(sentence(finding.case))}")
    return "\n\n".join((*lines, f"**More:** {code(f'portaudit explain {finding.rule}')}"))
