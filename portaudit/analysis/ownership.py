"""Whose task port is it: object ids of the compared tasks' own control ports."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Entries, Snapshot, Task

SEND_BIT = TYPE_BIT[Right.SEND]
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

    The reader's word counts first. Else it is the first control port under a name that was never reused,
    for the kernel inserts the own port when it makes the task; or the only one in the space.
    """
    if task.self_object is not None or task.entries is None:
        return task.self_object
    entries, others = task.entries, set()
    for row in _control_ports(entries):
        if entries.name[row] & GENERATION_MASK == FIRST_GENERATION:
            return entries.object[row]
        others.add(entries.object[row])
    return others.pop() if len(others) == 1 else None


def told_once(snapshot: Snapshot) -> Snapshot:
    """Give the snapshot with each task's own port in its place, so that nobody has to look again."""
    return replace(
        snapshot, tasks=tuple(replace(task, self_object=self_object(task)) for task in snapshot.tasks)
    )


def _control_ports(entries: Entries) -> Iterator[int]:
    row = -1
    with suppress(ValueError):  # index says so that there are no more
        while True:
            row = entries.kobject.index(TASK_CONTROL, row + 1)
            if entries.type[row] & SEND_BIT and entries.object[row]:
                yield row
