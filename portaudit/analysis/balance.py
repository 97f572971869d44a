"""The balance sheet: for each subject, what every task holds of it, side by side."""

from collections import defaultdict
from collections.abc import Iterable

from msgspec import structs

from portaudit.analysis.kinds import title_of
from portaudit.analysis.spaces import Spaces, standing
from portaudit.model.difference import BalanceRow, Change, Kind
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import HOST_ROLE, Task


def balance(spaces: Spaces, changes: Iterable[Change]) -> tuple[BalanceRow, ...]:
    """Give the host's own port, and each subject that changed, with all tasks that hold one of them.

    A task that holds the object without a change stands there with its unchanged references; so do tasks
    that are not under audit.
    """
    by_object: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        if change.object is not None and (change.kind is Kind.SUBJECT or change.of is not None):
            by_object[change.object].append(change)
    own = spaces.host_object
    if own is not None and len(spaces.tasks) > 1:
        by_object = {own: by_object.pop(own, []), **by_object}
    tasks = [task for task in spaces.tasks.values() if task.role or _holds_any(task, by_object, spaces)]
    rows = [_row(number, spaces, tasks, known) for number, known in by_object.items()]
    return tuple(sorted(rows, key=lambda row: row.of != HOST_ROLE))


def _holds_any(task: Task, numbers: Iterable[int], spaces: Spaces) -> bool:
    return any(spaces.rows_with(number, (task.role, task.process)) for number in numbers)


def _row(number: int, spaces: Spaces, tasks: list[Task], changes: list[Change]) -> BalanceRow:
    sides = {task.title: _side(number, spaces, task, changes) for task in tasks}
    known = (*changes, *sides.values())
    return BalanceRow(
        number,
        next((change.kobject for change in known if change.kobject is not None), None),
        spaces.difference.own.get(number),
        sides,
    )


def _side(number: int, spaces: Spaces, task: Task, changes: list[Change]) -> Change:
    for change in changes:
        if change.process == task.process and change.role == task.role:
            return change
    rows = spaces.rows_with(number, (task.role, task.process))
    entry = task.entries.entry(rows[0]) if task.entries and rows else None
    held = entry.urefs if entry and Right.SEND in entry.rights else 0
    row = standing(task, entry, Right.SEND, held)
    mine = spaces.difference.own.get(number) == title_of(row)
    kobject = entry.kobject if entry else (TASK_CONTROL if mine else None)
    return structs.replace(row, object=number, kobject=kobject, of=spaces.difference.own.get(number))
