"""What `show` shows: some tasks of a snapshot, their rows in some order."""

from dataclasses import dataclass

from portaudit.model.snapshot import Entry, Snapshot, Task


@dataclass(frozen=True, slots=True)
class TaskView:
    """One task with its rows in the order to show."""

    task: Task
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class View:
    """A snapshot with the tasks to show."""

    snapshot: Snapshot
    tasks: tuple[TaskView, ...]
