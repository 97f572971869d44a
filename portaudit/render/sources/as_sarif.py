"""Findings in sources as SARIF 2.1.0, with the region of each."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from portaudit.harmless import safe
from portaudit.render.as_sarif import LEVELS, PRECISION, PROBLEM, RANKS, SCHEMA
from portaudit.render.json_text import json_text
from portaudit.render.sarif_places import uri
from portaudit.render.words import ended
from portaudit.version import HOME, __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.model.lint import Region, SourceFinding, SourceReport
    from portaudit.render.style import Style

FINGERPRINT = "portauditSource/v1"

Json = dict[str, Any]


def report(judged: SourceReport, _style: Style, *, fail_on: str, status: int) -> str:  # noqa: ARG001  as all renderers
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
