"""A judged difference, and a snapshot's rows, as JSON for programs: stable, versioned, as schemas/ says."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from portaudit.model.check import Accepted, SuppressionUse
from portaudit.model.declared import Place
from portaudit.model.difference import BalanceRow, Change, rounded
from portaudit.model.finding import Checked, Finding, IdleClass, Report
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right
from portaudit.model.shown import TaskView, View
from portaudit.model.snapshot import Entry, Receive, Task
from portaudit.render.json_text import json_text
from portaudit.render.origins import where_json
from portaudit.render.style import Style

FORMAT = "portaudit-diff/1"
CHECK_FORMAT = "portaudit-check/1"
KINDS = {
    Right.DEAD_NAME: "DEAD-NAME",
    Right.SEND_ONCE: "SEND-ONCE",
    Right.RECEIVE: "RECEIVE",
    Right.PORT_SET: "PORT-SET",
}


def report(judged: Report, _style: Style) -> str:
    """Give a judged difference: what CI and other tools read."""
    return json_text(_report(judged))


def checks(results: Sequence[Checked], _style: Style) -> str:
    """Give all checks, each with its report as it stands alone."""
    return json_text({"format": CHECK_FORMAT, "checks": list(map(_check, results))})


def _check(checked: Checked) -> dict[str, Any]:
    return {
        "name": checked.name,
        "state": checked.state,
        "reason": checked.reason,
        "place": _place(checked.place),
        "snapshots": list(checked.files),
        "report": None if checked.report is None else _report(checked.report),
    }


def _report(judged: Report) -> dict[str, Any]:
    document: dict[str, Any] = {
        "format": FORMAT,
        "verdict": judged.outcome,
        "findings": [_finding(finding) for finding in judged.findings],
        "undecided": [_finding(finding) for finding in judged.undecided],
        "suppressed": [_finding(finding) for finding in judged.suppressed],
        "accepted": [_finding(finding) for finding in judged.accepted],
        "gone": [_gone(accepted) for accepted in judged.gone],
        "suppressions": [_suppression(use) for use in judged.suppressions],
        "idle": [_idle(known) for known in judged.idle],
        "changes": [_change(change) for change in judged.changes if change.change or change.doubt],
        "balance": [_balance(row) for row in judged.balance],
        "unchanged": judged.difference.unchanged,
        "notes": list(judged.notes),
    }
    if judged.series:
        document["series"] = [_change(row.change) | {"course": row.course} for row in judged.series]
    return document


def _balance(row: BalanceRow) -> dict[str, Any]:
    return {
        "object": _object(row.object),
        "kobject": label_of(row.kobject),
        "of": row.of,
        "tasks": {title: _change(side) for title, side in row.sides.items()},
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return (
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "verdict": finding.verdict,
            "judged_as": finding.judged_as,
            "title": finding.title,
            "evidence": finding.evidence,
            "cause": finding.cause,
            "fix": finding.fix,
            "case": finding.case,
            "confidence": finding.confidence,
            "reason": finding.reason,
            "fingerprint": finding.fingerprint or None,
            "place": _place(finding.place),
            "rows": finding_rows(finding),
        }
        | _course(finding)
        | where_json(finding)
    )


def _place(place: Place | None) -> dict[str, Any] | None:
    return None if place is None else {"file": place.file, "line": place.line}


def _gone(known: Accepted) -> dict[str, Any]:
    columns = ("rule", "title", "role", "kobject", "description", "peer", "count", "reason", "fingerprint")
    return {column: getattr(known, column) for column in columns}


def _suppression(use: SuppressionUse) -> dict[str, Any]:
    columns = ("rule", "role", "kobject", "description", "peer", "reason")
    return {
        "state": use.state,
        **{column: getattr(use.suppression, column) for column in columns},
        "until": use.suppression.until.isoformat(),
        "days_left": use.days_left,
        "findings": use.findings,
        "place": _place(use.suppression.place),
    }


def _idle(known: IdleClass) -> dict[str, Any]:
    columns = ("task", "right", "kobject", "description", "change", "subtracted")
    return {column: getattr(known, column) for column in columns}


def finding_rows(finding: Finding, most: int | None = None) -> list[dict[str, Any]]:
    """Give the rows of a finding, or the first ones, as every format for programs has them."""
    return [_change(row) for row in finding.rows[:most]]


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
        "idle": row.idle,
        "residual": row.residual,
    } | _course(row)


def _course(told: Finding | Change) -> dict[str, Any]:
    if told.rate is None:
        return {}
    return {"rate": rounded(told.rate), "series": list(told.series)}


def _object(number: int | None) -> str | None:
    return None if number is None else f"0x{number:08x}"


ROWS_FORMAT = "portaudit-rows/1"
NOTHING_KNOWN = Receive()


def rows(view: View, _style: Style) -> str:
    """Give the rows that a snapshot was understood to hold."""
    return json_text(
        _document(
            view, "entries", lambda shown: [_entry(entry, view.owner(entry)) for entry in shown.entries]
        )
    )


def summary(view: View, _style: Style) -> str:
    """Give the number of names and references of each kind of right and kobject type."""
    return json_text(_document(view, "summary", lambda shown: _kinds(shown.entries)))


def _document(view: View, key: str, content: Callable[[TaskView], list[Any]]) -> dict[str, Any]:
    snapshot = view.snapshot
    return {
        "format": ROWS_FORMAT,
        "taken": snapshot.taken,
        "label": snapshot.label,
        "settled": snapshot.settled,
        "tasks": [_task(shown.task) | {key: content(shown)} for shown in view.tasks],
        "not_understood": [{"line": line.line, "text": line.text} for line in snapshot.not_understood],
        "gaps": list(snapshot.gaps),
    }


def _kinds(entries: Iterable[Entry]) -> list[dict[str, Any]]:
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
        "gaps": list(task.gaps),
    }


def _entry(entry: Entry, owner: str | None) -> dict[str, Any]:
    known = entry.receive or NOTHING_KNOWN
    peer = entry.peer
    return {
        "name": f"0x{entry.name:08x}",
        "object": None if entry.object is None else f"0x{entry.object:08x}",
        "rights": list(entry.rights),
        "urefs": entry.urefs,
        "kobject": entry.kobject_label,
        "of": owner,
        "description": entry.description,
        "peer": None if peer is None else {"pid": peer.pid, "process": peer.process, "name": peer.name},
        **{column: getattr(known, column) for column in Receive.__struct_fields__},
    }
