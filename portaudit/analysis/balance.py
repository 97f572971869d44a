"""The balance sheet: for each transferred object, what every compared task holds of it, side by side."""

from collections.abc import Iterable

from portaudit.analysis.ownership import self_object
from portaudit.model.difference import BalanceRow, Change, Difference
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import HOST_ROLE, Task


def balance(difference: Difference, changes: Iterable[Change]) -> tuple[BalanceRow, ...]:
    """Give the host's own port, and each changed object that more than one compared task knows.

    A task that holds the object without a change stands there with its unchanged references.
    """
    sends = [change for change in changes if change.right in (Right.SEND, Right.DEAD_NAME)]
    tasks = [task for task in difference.after.tasks if task.title in difference.unchanged]
    objects = dict.fromkeys(change.object for change in sends if change.object is not None)
    rows = [_row(number, tasks, sends) for number in objects]
    shared = [row for row in rows if row.of is not None or len(_holders(row)) > 1]
    own = _host_object(difference)
    if own is not None and own not in objects and len(tasks) > 1:
        shared.insert(0, _row(own, tasks, sends))
    return tuple(sorted(shared, key=lambda row: row.of != HOST_ROLE))


def _host_object(difference: Difference) -> int | None:
    for snapshot in (difference.after, difference.before):
        host = snapshot.task_of(HOST_ROLE)
        if host is not None and (own := self_object(host)) is not None:
            return own
    return None


def _holders(row: BalanceRow) -> list[Change]:
    return [side for side in row.sides.values() if side.before or side.after]


def _row(number: int, tasks: list[Task], changes: list[Change]) -> BalanceRow:
    sides = {task.title: _side(number, task, changes) for task in tasks}
    known = [change for change in (*changes, *sides.values()) if change.object == number]
    return BalanceRow(
        number,
        next((change.kobject for change in known if change.kobject is not None), None),
        next((change.of for change in known if change.of is not None), None),
        sides,
    )


def _side(number: int, task: Task, changes: list[Change]) -> Change:
    for change in changes:
        if change.object == number and change.process == task.process and change.role == task.role:
            return change
    entries = task.entries
    row = entries.object.index(number) if entries and number in entries.object else None
    entry = entries.entry(row) if entries and row is not None else None
    held = entry.urefs if entry and Right.SEND in entry.rights else 0
    owner = task.role if self_object(task) == number else None
    return Change(
        role=task.role,
        process=task.process,
        name=entry.name if entry else None,
        object=number,
        kobject=entry.kobject if entry else (TASK_CONTROL if owner else None),
        right=Right.SEND,
        before=held,
        after=held,
        of=owner,
        was=entry,
        now=entry,
    )
