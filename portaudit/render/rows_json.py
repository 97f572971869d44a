"""The rows of a snapshot as JSON for programs: stable, versioned; schemas/portaudit-rows-1.schema.json."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from portaudit.model.shown import TaskView, View
from portaudit.model.snapshot import Entry, Receive, Task
from portaudit.render.json_text import json_text
from portaudit.render.style import Style

if TYPE_CHECKING:
    from portaudit.model.rights import Right

FORMAT = "portaudit-rows/1"
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
        "format": FORMAT,
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
        **{column: getattr(known, column) for column in Receive.__slots__},
    }
