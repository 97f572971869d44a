"""Whose task port is it: object ids of the compared tasks' own control ports."""

from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entries, Snapshot, Task

GENERATION_MASK = 0xFF
FIRST_GENERATION = 0x03
"""The low byte of a name whose slot was never used before (XNU osfmk/mach/port.h:244-247)."""


def self_objects(*snapshots: Snapshot) -> dict[int, str]:
    """Map the object id of each role's own control port to the role, as far as it can be told."""
    found: dict[int, str] = {}
    for snapshot in snapshots:
        for task in snapshot.tasks:
            own = self_object(task)
            if own is not None and task.role is not None:
                found.setdefault(own, task.role)
    return found


def self_object(task: Task) -> int | None:
    """Give the object id of a task's own control port; None where it cannot be told.

    The reader's word counts first. Else it is the only control port in the space, or the one under
    the lowest name that was never reused: the kernel inserts the own port when it makes the task.
    """
    if task.self_object is not None or task.entries is None:
        return task.self_object
    rows = _control_ports(task.entries)
    objects = {task.entries.object[row] for row in rows}
    if len(objects) > 1:
        objects = _oldest(task.entries, rows)
    return objects.pop() if objects else None


def _control_ports(entries: Entries) -> list[int]:
    if TASK_CONTROL not in entries.kobject:
        return []
    return [
        row
        for row, kobject in enumerate(entries.kobject)
        if kobject == TASK_CONTROL and Right.SEND in entries.entry(row).rights and entries.object[row]
    ]


def _oldest(entries: Entries, rows: list[int]) -> set[int | None]:
    first = [row for row in rows if entries.name[row] & GENERATION_MASK == FIRST_GENERATION]
    if not first:
        return set()
    return {entries.object[min(first, key=entries.name.__getitem__)]}
