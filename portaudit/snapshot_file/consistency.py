"""What types cannot say of a snapshot: columns of equal length, rows that exist."""

from dataclasses import fields

from portaudit.errors import SnapshotFileError
from portaudit.model.once import name_twice, pid_twice
from portaudit.model.rights import RIGHTS_MASK
from portaudit.model.snapshot import Entries, ReceiveColumns, Task

COLUMNS = ("name", "type", "urefs", "object", "kobject")


def check_tasks(tasks: tuple[Task, ...], source: str) -> None:
    """Raise SnapshotFileError, naming the task and the column, unless every task is sound."""
    for number, task in enumerate(tasks):
        if task.entries is not None:
            check_entries(task.entries, f"{source}: task {number}")
    if pid := pid_twice(tasks):
        raise SnapshotFileError(f"{source} has process {pid} twice: it is damaged, or it is two snapshots")


def check_entries(entries: Entries, place: str) -> None:
    """Raise SnapshotFileError unless the columns agree and name rows that exist."""
    length = len(entries.name)
    for column in COLUMNS:
        values = getattr(entries, column)
        if len(values) != length:
            raise SnapshotFileError(f"{place} has {len(values)} of {column} for {length} names")
    if not all(map(RIGHTS_MASK.__and__, set(entries.type))):
        raise SnapshotFileError(f"{place} has a name without any right")
    if (name := name_twice(entries)) is not None:
        raise SnapshotFileError(f"{place} has the name 0x{name:x} twice, and no space has: it is damaged")
    for row in (*entries.description, *entries.peer):
        if not 0 <= row < length:
            raise SnapshotFileError(f"{place} tells of row {row}, and there are {length}")
    _check_receive(entries.receive, length, place)


def _check_receive(receive: ReceiveColumns, length: int, place: str) -> None:
    for column in fields(ReceiveColumns):
        values = getattr(receive, column.name)
        if len(values) != len(receive.row):
            raise SnapshotFileError(f"{place}: the receive column {column.name} has {len(values)} elements")
    if receive.row and receive.row[-1] >= length:
        raise SnapshotFileError(f"{place} tells of a receive right in a row that is not there")
    if receive.row != sorted(set(receive.row)):
        raise SnapshotFileError(f"{place}: the rows of the receive rights are not in ascending order")
