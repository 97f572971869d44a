"""Choosing what to show of a snapshot, and in which order."""

from collections.abc import Callable, Sequence

from portaudit.errors import UsageError
from portaudit.model.kobject import label_of
from portaudit.model.shown import TaskView, View
from portaudit.model.snapshot import Entries, Snapshot


def view(snapshot: Snapshot, role: str | None, order: str) -> View:
    """Choose the tasks with a role (or all) and sort their rows. Raises UsageError if none has it."""
    tasks = [task for task in snapshot.tasks if role in (None, task.role)]
    if role is not None and not tasks:
        known = ", ".join(sorted({task.role for task in snapshot.tasks if task.role})) or "none"
        raise UsageError(f"no task of the snapshot has the role {role!r}; the roles there are: {known}")
    return View(snapshot, tuple(TaskView(task, ORDERS[order](task.entries or Entries())) for task in tasks))


def _by_name(entries: Entries) -> list[int]:
    return sorted(range(len(entries)), key=entries.name.__getitem__)


def _by_references(entries: Entries) -> list[int]:
    return sorted(_by_name(entries), key=lambda row: -(entries.urefs[row] or 0))


def _by_kobject(entries: Entries) -> list[int]:
    labels = {kobject: label_of(kobject) for kobject in set(entries.kobject)}
    ranks = {kobject: (label is None, label or "") for kobject, label in labels.items()}
    return sorted(_by_name(entries), key=lambda row: ranks[entries.kobject[row]])


ORDERS: dict[str, Callable[[Entries], Sequence[int]]] = {
    "name": _by_name,
    "urefs": _by_references,
    "kobject": _by_kobject,
}
