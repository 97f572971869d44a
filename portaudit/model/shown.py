"""A snapshot as it shall be shown: which tasks, and their rows in which order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entries, Entry, Snapshot, Task


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task with its rows in the order to show."""

    task: Task
    order: Sequence[int]
    """Rows of its entries."""

    @property
    def columns(self) -> Entries:
        """The entries in columns, in the order of the space; empty where the task was not read."""
        return self.task.entries or Entries()

    @property
    def entries(self) -> Iterator[Entry]:
        """The entries as values, in the order to show."""
        return map(self.columns.entry, self.order)


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot with the tasks to show."""

    snapshot: Snapshot
    tasks: tuple[TaskView, ...]
    owners: dict[int, str] = field(default_factory=dict)
    """Object of a task's own control port, where it can be told -> the task's title."""

    def owner(self, entry: Entry) -> str | None:
        """Name the task whose control port a row denotes, where that is known."""
        alive = entry.kobject == TASK_CONTROL and Right.DEAD_NAME not in entry.rights
        return self.owners.get(entry.object or 0) if alive else None
