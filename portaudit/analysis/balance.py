"""The balance sheet: for each transferred object, what every compared task holds of it, side by side."""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from itertools import compress

from portaudit.analysis.ownership import self_object
from portaudit.model.difference import BalanceRow, Change, Difference
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import HOST_ROLE, Task


def balance(difference: Difference, changes: Iterable[Change]) -> tuple[BalanceRow, ...]:
    """Give the host's own port, and each changed object that more than one compared task knows.

    A task that holds the object without a change stands there with its unchanged references.
    """
    by_object: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        if change.right in (Right.SEND, Right.DEAD_NAME) and change.object is not None:
            by_object[change.object].append(change)
    own = _host_object(difference)
    wanted = by_object.keys() | {own}
    tasks = [_Side(task, wanted) for task in difference.after.tasks if task.title in difference.unchanged]
    shared = [number for number, known in by_object.items() if _is_shared(number, known, tasks)]
    if own is not None and own not in by_object and len(tasks) > 1:
        shared.insert(0, own)
    rows = [_row(number, tasks, by_object.get(number, [])) for number in shared]
    kept = [row for row in rows if row.of is not None or len(_holders(row)) > 1 or row.object == own]
    return tuple(sorted(kept, key=lambda row: row.of != HOST_ROLE))


class _Side:
    """A task, and which row of its space each of the wanted objects stands in."""

    def __init__(self, task: Task, wanted: AbstractSet[int | None]) -> None:
        self.task = task
        self.own = self_object(task)
        objects = task.entries.object if task.entries else []
        rows = list(compress(range(len(objects)), map(wanted.__contains__, objects)))
        # The first row of an object counts, so the last one is put in first
        self.rows = {objects[row]: row for row in reversed(rows)}


def _is_shared(number: int, known: list[Change], tasks: list[_Side]) -> bool:
    if any(change.of is not None for change in known):
        return True
    changed = {(change.role, change.process) for change in known}
    there = {(side.task.role, side.task.process) for side in tasks if number in side.rows}
    return len(changed | there) > 1


def _host_object(difference: Difference) -> int | None:
    for snapshot in (difference.after, difference.before):
        host = snapshot.task_of(HOST_ROLE)
        if host is not None and (own := self_object(host)) is not None:
            return own
    return None


def _holders(row: BalanceRow) -> list[Change]:
    return [side for side in row.sides.values() if side.before or side.after]


def _row(number: int, tasks: list[_Side], changes: list[Change]) -> BalanceRow:
    sides = {side.task.title: _side(number, side, changes) for side in tasks}
    known = (*changes, *sides.values())
    return BalanceRow(
        number,
        next((change.kobject for change in known if change.kobject is not None), None),
        next((change.of for change in known if change.of is not None), None),
        sides,
    )


def _side(number: int, side: _Side, changes: list[Change]) -> Change:
    task = side.task
    for change in changes:
        if change.process == task.process and change.role == task.role:
            return change
    row = side.rows.get(number)
    entry = task.entries.entry(row) if task.entries and row is not None else None
    held = entry.urefs if entry and Right.SEND in entry.rights else 0
    owner = task.role if side.own == number else None
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
