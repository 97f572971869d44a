"""A judged difference as SARIF 2.1.0, for code scanning.

What GitHub asks for beyond the standard: docs.github.com, SARIF support for code scanning.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from portaudit.model.declared import Place
from portaudit.model.finding import Checked, CheckState, Finding, Report
from portaudit.model.severity import Confidence, Severity
from portaudit.render.as_json import finding_rows
from portaudit.render.as_markdown import code, linked_case, plain
from portaudit.render.facts import facts, open_facts, sentence
from portaudit.render.json_text import json_text
from portaudit.render.rest import check_line, check_style
from portaudit.render.sarif_places import stacks, uri
from portaudit.render.style import Style
from portaudit.render.words import counted, ended, task_title
from portaudit.version import HOME, __version__

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
    return _document([_run(judged, style)])


def checks(results: Sequence[Checked], style: Style) -> str:
    """Print a run for each check that was judged, and one that tells of the others.

    GitHub keeps the runs of one upload apart by their ids, and takes alerts that a run does not repeat for
    mended: so what was not judged has no run of its own.
    """
    runs = [
        _run(checked.report, check_style(checked, style)) for checked in results if checked.report is not None
    ]
    others = [checked for checked in results if checked.report is None]
    return _document([*runs, *([_unjudged(others, style)] if others or not runs else [])])


def _document(runs: list[Json]) -> str:
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": runs})


def _unjudged(results: Sequence[Checked], style: Style) -> Json:
    notes = [
        (
            "note" if checked.state is CheckState.SKIPPED else "error",
            check_line(checked, Style()).strip(),
        )
        for checked in results
    ]
    return _run_of([], [], notes, style)


def _run(judged: Report, style: Style) -> Json:
    kinds = (judged.findings, judged.undecided, judged.suppressed, judged.accepted)
    rules = _rules_of(finding for kind in kinds for finding in kind[:RESULTS_MAX])
    return _run_of(rules, list(_numbered(_results(judged, style))), list(_notes(judged)), style)


def _run_of(rules: list[Json], results: list[Json], notes: list[tuple[str, str]], style: Style) -> Json:
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    driver = {
        "name": "portaudit",
        "fullName": f"portaudit {__version__}",
        "informationUri": HOME,
        "version": __version__,
        "semanticVersion": __version__,
        "shortDescription": {"text": "Audits Mach port rights: which references leaked, and why."},
        "rules": rules,
    }
    return {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"portaudit/{style.check}/" if style.check else "portaudit/"},
        "invocations": [_invocation(notes, style)],
        "columnKind": "utf16CodeUnits",
        "results": [result | {"ruleIndex": index[result["ruleId"]]} for result in results],
        **({"properties": {"check": style.check}} if style.check else {}),
    }


def _invocation(notes: list[tuple[str, str]], style: Style) -> Json:
    invocation: Json = {"executionSuccessful": all(level != "error" for level, _ in notes)}
    if style.exit_status is not None:
        invocation["exitCode"] = int(style.exit_status)
    if notes:
        invocation["toolExecutionNotifications"] = [
            {"level": level, "message": {"text": ended(sentence(text))}} for level, text in notes
        ]
    return invocation


def _notes(judged: Report) -> Iterator[tuple[str, str]]:
    yield from (("warning", finding.reason or finding.title) for finding in judged.undecided[:RESULTS_MAX])
    yield from (("note", note) for note in judged.notes)
    yield from _left_out(judged)


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
            **({"check": style.check} if style.check else {}),
            "rows": finding_rows(finding, ROWS_MAX),
            **({"rowsLeftOut": left} if (left := len(finding.rows) - ROWS_MAX) > 0 else {}),
        },
    }
    result |= stacks(finding)
    return result | (
        {"partialFingerprints": {FINGERPRINT: finding.fingerprint}} if finding.fingerprint else {}
    )


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
    place = finding.place or style.place or style.after or style.before or Place("portaudit.json", 1)
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
        "helpUri": f"{HOME}#{finding.rule.lower()}",
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
