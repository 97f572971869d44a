"""A right that stands as it is, as a row: findings and the balance sheet show such rows, too."""

from portaudit.model.difference import Change
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entry, Task


def standing(task: Task, entry: Entry | None, right: Right, held: int | None) -> Change:
    """Give the row of a right with the same references before and after; without an entry it has no name."""
    return Change(
        role=task.role,
        process=task.process,
        name=entry.name if entry else None,
        object=entry.object if entry else None,
        kobject=entry.kobject if entry else None,
        right=right,
        before=held,
        after=held,
        was=entry,
        now=entry,
    )
