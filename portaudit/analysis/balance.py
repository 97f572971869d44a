"""The balance sheet: for each transferred object, what every compared task holds of it, side by side."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from portaudit.analysis.ownership import self_object
from portaudit.analysis.spaces import Spaces
from portaudit.analysis.standing import standing
from portaudit.model.difference import BalanceRow, Change
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import HOST_ROLE, Task


def balance(spaces: Spaces, changes: Iterable[Change]) -> tuple[BalanceRow, ...]:
    """Give the host's own port, and each changed object that more than one compared task knows.

    A task that holds the object without a change stands there with its unchanged references.
    """
    by_object: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        if change.right in (Right.SEND, Right.DEAD_NAME) and change.object is not None:
            by_object[change.object].append(change)
    own = spaces.host_object
    shared = [number for number, known in by_object.items() if _is_shared(number, known, spaces)]
    if own is not None and own not in by_object and len(spaces.tasks) > 1:
        shared.insert(0, own)
    rows = [_row(number, spaces, by_object.get(number, [])) for number in shared]
    kept = [row for row in rows if row.of is not None or len(_holders(row)) > 1 or row.object == own]
    return tuple(sorted(kept, key=lambda row: row.of != HOST_ROLE))


def _is_shared(number: int, known: list[Change], spaces: Spaces) -> bool:
    if any(change.of is not None for change in known):
        return True
    changed = {(change.role, change.process) for change in known}
    there = {holder for holder in spaces.tasks if spaces.rows_with(number, holder)}
    return len(changed | there) > 1


def _holders(row: BalanceRow) -> list[Change]:
    return [side for side in row.sides.values() if side.before or side.after]


def _row(number: int, spaces: Spaces, changes: list[Change]) -> BalanceRow:
    sides = {task.title: _side(number, spaces, task, changes) for task in spaces.tasks.values()}
    known = (*changes, *sides.values())
    return BalanceRow(
        number,
        next((change.kobject for change in known if change.kobject is not None), None),
        next((change.of for change in known if change.of is not None), None),
        sides,
    )


def _side(number: int, spaces: Spaces, task: Task, changes: list[Change]) -> Change:
    for change in changes:
        if change.process == task.process and change.role == task.role:
            return change
    rows = spaces.rows_with(number, (task.role, task.process))
    entry = task.entries.entry(rows[0]) if task.entries and rows else None
    held = entry.urefs if entry and Right.SEND in entry.rights else 0
    owner = task.role if self_object(task) == number else None
    kobject = entry.kobject if entry else (TASK_CONTROL if owner else None)
    return replace(standing(task, entry, Right.SEND, held), object=number, kobject=kobject, of=owner)
