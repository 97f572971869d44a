"""Look-ups in the spaces of a difference that rules need: in columns, and each index made once."""

from functools import cached_property
from itertools import compress

from portaudit.analysis.ownership import self_object
from portaudit.model.difference import Change, Difference
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Entries, Process, Task

Holder = tuple[str | None, Process]
"""What a row tells of the task that it belongs to."""


class Spaces:
    """The spaces after, as far as they were compared."""

    def __init__(self, difference: Difference) -> None:
        self.difference = difference
        compared = [task for task in difference.after.tasks if task.title in difference.unchanged]
        self.tasks: dict[Holder, Task] = {(task.role, task.process): task for task in compared}

    def after(self, row: Change) -> Entries:
        """Give the space that a row stands in, as it is after."""
        task = self.tasks.get((row.role, row.process))
        return (task.entries if task else None) or Entries()

    def names_of(self, row: Change, kobject: int | None) -> int:
        """Count the names of a kobject type in a row's space."""
        return self.after(row).kobject.count(kobject)

    def is_own(self, row: Change) -> bool:
        """Whether a row is the control port of the task that holds it, as far as that can be told."""
        if row.kobject != TASK_CONTROL or row.object is None:
            return False
        if row.of is not None and row.of == row.role:
            return True
        task = self.tasks.get((row.role, row.process))
        return task is not None and self_object(task) == row.object

    def others_that_hold(self, row: Change) -> list[str]:
        """Name the other tasks that know a row's object after."""
        return [
            task.title
            for holder, task in self.tasks.items()
            if holder != (row.role, row.process) and row.object in self._objects[holder]
        ]

    def receiver(self, row: Change) -> str | None:
        """Name the task that receives from a row's port: one that was compared, or whom the reader saw."""
        entry = row.now or row.was
        if entry is not None and entry.peer is not None and entry.peer.process:
            return entry.peer.process
        titles = (task.title for holder, task in self.tasks.items() if row.object in self._received[holder])
        return next(titles, None)

    @cached_property
    def _objects(self) -> dict[Holder, frozenset[int | None]]:
        return {
            holder: frozenset(task.entries.object) - {None, 0} if task.entries else frozenset()
            for holder, task in self.tasks.items()
        }

    @cached_property
    def _received(self) -> dict[Holder, frozenset[int | None]]:
        return {holder: _received_objects(task.entries or Entries()) for holder, task in self.tasks.items()}


def _received_objects(entries: Entries) -> frozenset[int | None]:
    bit = TYPE_BIT[Right.RECEIVE]
    return frozenset(compress(entries.object, map(bit.__and__, entries.type))) - {None, 0}
