"""Choosing what to show of a snapshot, and in which order."""

from collections.abc import Callable, Collection, Sequence

from portaudit.analysis.roles import key_of, own_ports
from portaudit.errors import UsageError
from portaudit.model.kobject import label_of
from portaudit.model.shown import TaskView, View
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE, Entries, Snapshot


def view(snapshot: Snapshot, roles: Collection[str], pids: Collection[int], order: str) -> View:
    """Choose the tasks with these roles or pids (all if there are none of them) and sort their rows.

    Raises UsageError if no task has such a role.
    """
    there = {task.role for task in snapshot.tasks}
    for role in roles:
        if role not in there:
            known = ", ".join(sorted(filter(None, there))) or "none"
            option = f"; --{role} NAME or PID gives it" if role in (HOST_ROLE, EXTENSION_ROLE) else ""
            raise UsageError(
                f"no task of the snapshot has the role {role!r}; the roles there are: {known}{option}"
            )
    chosen = [task for task in snapshot.tasks if task.role in roles or task.process.pid in pids]
    tasks = chosen if roles or pids else snapshot.tasks
    titles = {key_of(task): task.title for task in snapshot.tasks}
    return View(
        snapshot,
        tuple(TaskView(task, ORDERS[order](task.entries or Entries())) for task in tasks),
        {port: titles[key] for key, port in own_ports([snapshot]).items()},
    )


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
