"""Rows and reports as JSON: stable, versioned, for programs."""

import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec

from portaudit.model.difference import Change
from portaudit.model.finding import Finding, Report
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entry, Receive, Task
from portaudit.model.view import TaskView, View
from portaudit.render import Style
from portaudit.render.words import HARMFUL

ROWS_FORMAT = "portaudit-rows/1"
DIFF_FORMAT = "portaudit-diff/1"
KINDS = {
    Right.DEAD_NAME: "DEAD-NAME",
    Right.SEND_ONCE: "SEND-ONCE",
    Right.RECEIVE: "RECEIVE",
    Right.PORT_SET: "PORT-SET",
}
NOTHING_KNOWN = Receive()


def rows(view: View) -> str:
    """Give the rows that a snapshot was understood to hold."""
    return _text(_document(view, "entries", lambda shown: [_entry(entry) for entry in shown.entries]))


def summary(view: View) -> str:
    """Give the number of names and references of each kind of right and kobject type."""
    return _text(_document(view, "summary", lambda shown: _kinds(shown.entries)))


def _document(view: View, key: str, content: Callable[[TaskView], list[Any]]) -> dict[str, Any]:
    snapshot = view.snapshot
    return {
        "format": ROWS_FORMAT,
        "taken": snapshot.taken,
        "label": snapshot.label,
        "settled": snapshot.settled,
        "tasks": [_task(shown.task) | {key: content(shown)} for shown in view.tasks],
        "not_understood": [{"line": line.line, "text": line.text} for line in snapshot.not_understood],
    }


def _kinds(entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
    names: Counter[tuple[tuple[Right, ...], str | None]] = Counter()
    references: Counter[tuple[tuple[Right, ...], str | None]] = Counter()
    for entry in entries:
        kind = (entry.rights, entry.kobject_label)
        names[kind] += 1
        references[kind] += entry.urefs or 0
    return [
        {"rights": list(kind[0]), "kobject": kind[1], "names": names[kind], "urefs": references[kind]}
        for kind in names
    ]


def _task(task: Task) -> dict[str, Any]:
    return {
        "role": task.role,
        "pid": task.process.pid,
        "process": task.process.name,
        "way": task.way,
        "flavour": task.flavour,
        "not_read": task.not_read.reason if task.not_read else None,
        "notes": list(task.notes),
    }


def _entry(entry: Entry) -> dict[str, Any]:
    known = entry.receive or NOTHING_KNOWN
    peer = entry.peer
    return {
        "name": f"0x{entry.name:08x}",
        "object": None if entry.object is None else f"0x{entry.object:08x}",
        "rights": list(entry.rights),
        "urefs": entry.urefs,
        "kobject": entry.kobject_label,
        "description": entry.description,
        "peer": None if peer is None else {"pid": peer.pid, "process": peer.process, "name": peer.name},
        **{column: getattr(known, column) for column in Receive.__slots__},
    }


def report(judged: Report, _style: Style) -> str:
    """Give a judged difference: what CI and other tools read."""
    document = {
        "format": DIFF_FORMAT,
        "verdict": judged.outcome,
        "findings": [_finding(finding) for finding in judged.findings],
        "undecided": [_finding(finding) for finding in judged.undecided],
        "suppressed": [_finding(finding) for finding in judged.suppressed],
        "balance": [
            {
                "object": _object(row.object),
                "kobject": label_of(row.kobject),
                "of": row.of,
                "tasks": {title: _change(side) for title, side in row.sides.items()},
            }
            for row in judged.balance
        ],
        "unchanged": judged.difference.unchanged,
        "notes": list(judged.notes),
    }
    if judged.series:
        document["series"] = [_change(row.change) | {"course": row.kept.course} for row in judged.series]
    return _text(document)


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "verdict": finding.verdict,
        "title": finding.title,
        "evidence": finding.evidence,
        "cause": finding.cause,
        "fix": finding.fix,
        "case": finding.case,
        "confidence": finding.confidence,
        "reason": finding.reason,
        "rows": [_change(row) for row in finding.rows],
    } | _course(finding)


def _change(row: Change) -> dict[str, Any]:
    dead = row.right is Right.DEAD_NAME
    return {
        "role": row.role,
        "pid": row.process.pid,
        "process": row.process.name,
        "name": None if row.name is None else f"0x{row.name:x}",
        "object": _object(row.object),
        "kobject": None if dead else row.kobject_label,
        "was": row.kobject_label if dead else None,
        "kind": KINDS.get(row.right, row.kobject_label),
        "description": row.description,
        "of": row.of,
        "right": row.right,
        "before": row.before,
        "after": row.after,
        "change": row.change,
        "expected": row.expected,
        "residual": row.residual,
    } | _course(row)


def _course(told: Finding | Change) -> dict[str, Any]:
    if told.rate is None:
        return {}
    return {"rate": rounded(told.rate), "series": list(told.series)}


def rounded(rate: float) -> float:
    """Give a rate with two decimals, or two digits where that would be nothing: 1, 0.33, 0.0042."""
    number = round(rate, 2) or float(f"{rate:.2g}")
    return int(number) if number == int(number) else number


def _object(number: int | None) -> str | None:
    return None if number is None else f"0x{number:08x}"


def _text(document: dict[str, Any]) -> str:
    text = msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"
    # Only strings can hold such characters, and JSON spells any character of a string as an escape
    return text if text.isascii() else "".join(map(_spelled, text))


def _spelled(char: str) -> str:
    if char == "\n" or unicodedata.category(char) not in HARMFUL:
        return char
    units = char.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
