"""Choosing what to show of a snapshot, and in which order."""

from collections.abc import Callable
from typing import Any

from portaudit.errors import UsageError
from portaudit.model.snapshot import Entry, Snapshot, TaskView, View

ORDERS: dict[str, Callable[[Entry], Any]] = {
    "name": lambda entry: entry.name,
    "urefs": lambda entry: (-(entry.urefs or 0), entry.name),
    "kobject": lambda entry: (entry.kobject_label is None, entry.kobject_label or "", entry.name),
}


def view(snapshot: Snapshot, role: str | None, order: str) -> View:
    """Choose the tasks with a role (or all) and sort their rows. Raises UsageError if none has it."""
    tasks = [task for task in snapshot.tasks if role in (None, task.role)]
    if role is not None and not tasks:
        known = ", ".join(sorted({task.role for task in snapshot.tasks if task.role})) or "none"
        raise UsageError(f"no task of the snapshot has the role {role!r}; the roles there are: {known}")
    return View(
        snapshot,
        tuple(TaskView(task, tuple(sorted(task.entries or (), key=ORDERS[order]))) for task in tasks),
    )
