"""What all tasks hold of one object: look-ups in the spaces of a difference, and the balance sheet.

The look-ups are in columns, and each space is gone through once.
"""

from collections import defaultdict
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import compress

from portaudit.analysis.pairing import READERS
from portaudit.model.difference import SUBJECT, BalanceRow, Change, Difference
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import RECEIVE_BIT, SEND, Right
from portaudit.model.snapshot import HOST_ROLE, Entries, Entry, Process, Task

Holder = tuple[str | None, Process]
"""What a row tells of the task that it belongs to."""


class Spaces:
    """The spaces after, of all tasks but the reader, and where the objects of some changes stand in them."""

    def __init__(self, difference: Difference, changes: Iterable[Change]) -> None:
        self.difference = difference
        self.tasks: dict[Holder, Task] = {
            (task.role, task.process): task
            for task in difference.after.tasks
            if task.entries is not None and (task.role or task.process.name not in READERS)
        }
        self.host_object = next((port for port, title in difference.own.items() if title == HOST_ROLE), None)
        self._wanted = {self.host_object, *(change.object for change in changes)} - {None, 0}

    def after(self, row: Change) -> Entries:
        """Give the space that a row stands in, as it is after."""
        task = self.tasks.get((row.role, row.process))
        return (task.entries if task else None) or Entries()

    def names_of(self, row: Change, kobject: int | None) -> int:
        """Count the names of a kobject type in a row's space."""
        return self.after(row).kobject.count(kobject)

    def row_with(self, number: int | None, holder: Holder) -> int | None:
        """Give the first row of a space in which the object of one of the changes stands, or the host's."""
        return self._rows[holder].get(number)

    def others_that_hold(self, row: Change) -> list[str]:
        """Name the other tasks that know a row's object after."""
        return [
            task.title
            for holder, task in self.tasks.items()
            if holder != (row.role, row.process) and self.row_with(row.object, holder) is not None
        ]

    def receiver(self, row: Change) -> str | None:
        """Name the task that receives from a row's port: one that was read, or whom the reader saw."""
        entry = row.now or row.was
        if entry is not None and entry.peer is not None and entry.peer.process:
            return entry.peer.process
        return self._receivers.get(row.object)

    @cached_property
    def _receivers(self) -> dict[int | None, str]:
        """The first task that receives at each of these ports."""
        first: dict[int | None, str] = {}
        for task in reversed(self.tasks.values()):
            entries = task.entries or Entries()
            receiving = compress(entries.object, map(RECEIVE_BIT.__and__, entries.type))
            first |= dict.fromkeys(self._wanted.intersection(receiving), task.title)
        return first

    @cached_property
    def _rows(self) -> dict[Holder, dict[int | None, int]]:
        return {
            holder: _rows_of(task.entries or Entries(), self._wanted) for holder, task in self.tasks.items()
        }


def _rows_of(entries: Entries, wanted: AbstractSet[int | None]) -> dict[int | None, int]:
    rows = list(compress(range(len(entries)), map(wanted.__contains__, entries.object)))
    return {entries.object[row]: row for row in reversed(rows)}


def untouched(task: Task, number: int | None, right: Right) -> Change:
    """Give the row of an object of which a task holds as much as before, or nothing at all."""
    entries = task.entries or Entries()
    entry = entries.entry(entries.object.index(number)) if number in entries.object and number else None
    return standing(task, entry, right, entry.urefs if entry and right in entry.rights else 0)


def standing(
    task: Task,
    entry: Entry | None,
    right: Right,
    held: int | None,
    *,
    of: str | None = None,
    number: int | None = None,
) -> Change:
    """Give the row of a right with the same references before and after; without an entry it has no name.

    Whose port it is says then what it is, if that is the task itself.
    """
    own = TASK_CONTROL if of is not None and of == task.title else None
    return Change(
        role=task.role,
        process=task.process,
        name=entry.name if entry else None,
        object=entry.object if entry else number,
        kobject=entry.kobject if entry else own,
        right=right,
        before=held,
        after=held,
        of=of,
        was=entry,
        now=entry,
    )


def balance(spaces: Spaces, changes: Iterable[Change]) -> tuple[BalanceRow, ...]:
    """Give the host's own port, and each subject that changed, with all tasks that hold one of them.

    A task that holds the object without a change stands there with its unchanged references; so do tasks
    that are not under audit.
    """
    by_object: dict[int, list[Change]] = defaultdict(list)
    for change in changes:
        if change.object is not None and (change.kind is SUBJECT or change.of is not None):
            by_object[change.object].append(change)
    own = spaces.host_object
    if own is not None and len(spaces.tasks) > 1:
        by_object = {own: by_object.pop(own, []), **by_object}
    there = (task for task in spaces.tasks.values() if task.role or _holds_any(task, by_object, spaces))
    tasks = {task.title: task for task in there}
    rows = [_row(number, spaces, tasks, known) for number, known in by_object.items()]
    return tuple(sorted(rows, key=lambda row: row.of != HOST_ROLE))


def _holds_any(task: Task, numbers: Iterable[int], spaces: Spaces) -> bool:
    holder = (task.role, task.process)
    return any(spaces.row_with(number, holder) is not None for number in numbers)


def _row(number: int, spaces: Spaces, tasks: dict[str, Task], changes: list[Change]) -> BalanceRow:
    sides = {title: _side(number, spaces, task, changes) for title, task in tasks.items()}
    known = (*changes, *sides.values())
    return BalanceRow(
        number,
        next((change.kobject for change in known if change.kobject is not None), None),
        spaces.difference.own.get(number),
        sides,
    )


def _side(number: int, spaces: Spaces, task: Task, changes: list[Change]) -> Change:
    for change in changes:
        if change.role == task.role and change.process == task.process:
            return change
    place = spaces.row_with(number, (task.role, task.process))
    entry = task.entries.entry(place) if task.entries and place is not None else None
    held = entry.urefs if entry and SEND in entry.rights else 0
    of = spaces.difference.own.get(number)
    return standing(task, entry, SEND, held, of=of, number=number)
