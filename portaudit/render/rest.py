"""The end of a report: expected changes, remarks, and what did not change."""

from collections.abc import Iterator

from portaudit.model.difference import Change
from portaudit.model.finding import Report
from portaudit.model.snapshot import Snapshot
from portaudit.render.words import counted, name, object_id, safe


def rest(report: Report, *, everything: bool) -> Iterator[str]:
    """Say in brief what a report holds beside its findings."""
    expected = [change for change in report.changes if change.change and not change.residual]
    if expected:
        yield f"Expected: {'; '.join(_brief(change) for change in expected)}"
    yield from (f"note: {safe(note, 1000)}" for note in report.notes)
    if everything:
        yield from _unchanged(report)
    counts = ", ".join(f"{number} in {safe(title)}" for title, number in report.difference.unchanged.items())
    if counts:
        yield f"Unchanged rights: {counts}; {_how(report.difference.after)}."


def _brief(change: Change) -> str:
    kind = change.kobject_label or change.right
    owner = f" of {change.of}" if change.of else ""
    return f"{safe(change.role or change.process.name or 'task')} {kind}{owner} {change.change:+d}"


def _how(snapshot: Snapshot) -> str:
    ways = ", ".join(sorted({task.way for task in snapshot.tasks if task.way})) or "unknown means"
    state = {True: "settled", False: "not settled", None: "one reading"}[snapshot.settled]
    return f"read by {ways}; {state}"


def _unchanged(report: Report) -> Iterator[str]:
    for task in report.difference.after.tasks:
        if task.entries is None or task.title not in report.difference.unchanged:
            continue
        changed = {change.name for change in report.changes if change.process == task.process}
        for entry in task.entries:
            if entry.name not in changed:
                words = (safe(task.title), name(entry.name), object_id(entry.object), ",".join(entry.rights))
                yield f"  {'  '.join(words)}  {entry.urefs}  {entry.kobject_label or ''}"
        yield counted(len(task.entries), "name") + f" in {safe(task.title)}"
