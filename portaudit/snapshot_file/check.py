"""What types cannot say of a snapshot: columns of equal length, numbers in their range, rows that exist."""

from collections.abc import Sequence
from dataclasses import fields

from portaudit.errors import SnapshotFileError
from portaudit.model.rights import RIGHTS_MASK, UREFS_MAX
from portaudit.model.snapshot import Entries, ReceiveColumns, Task

WORD_MAX = 0xFFFF_FFFF
COLUMNS = ("name", "type", "urefs", "object", "kobject")
LIMITS = {"name": WORD_MAX, "type": WORD_MAX, "urefs": UREFS_MAX, "object": WORD_MAX, "kobject": WORD_MAX}


def check_tasks(tasks: tuple[Task, ...], source: str) -> None:
    """Raise SnapshotFileError, naming the task and the column, unless every task is sound."""
    for number, task in enumerate(tasks):
        if task.entries is not None:
            check_entries(task.entries, f"{source}: task {number}")


def check_entries(entries: Entries, place: str) -> None:
    """Raise SnapshotFileError unless the columns agree and every number can come from a kernel."""
    length = len(entries.name)
    for column in COLUMNS:
        values = getattr(entries, column)
        if len(values) != length:
            raise SnapshotFileError(f"{place} has {len(values)} of {column} for {length} names")
        _check_range(values, LIMITS[column], f"{place}, column {column}")
    if not all(bits & RIGHTS_MASK for bits in set(entries.type)):
        raise SnapshotFileError(f"{place} has a name without any right")
    for row in (*entries.description, *entries.peer):
        if not 0 <= row < length:
            raise SnapshotFileError(f"{place} tells of row {row}, and there are {length}")
    _check_receive(entries.receive, length, place)


def _check_receive(receive: ReceiveColumns, length: int, place: str) -> None:
    for column in fields(ReceiveColumns):
        values = getattr(receive, column.name)
        if len(values) != len(receive.row):
            raise SnapshotFileError(f"{place}: the receive column {column.name} has {len(values)} elements")
        _check_range(values, WORD_MAX, f"{place}, receive column {column.name}")
    if any(row >= length for row in receive.row):
        raise SnapshotFileError(f"{place} tells of a receive right in a row that is not there")


def _check_range(values: Sequence[int | None], most: int, place: str) -> None:
    # Distinct values are few, and a set costs one pass in C
    known = set(values)
    known.discard(None)
    numbers = [value for value in known if value is not None]
    if numbers and not 0 <= min(numbers) <= max(numbers) <= most:
        wrong = min(numbers) if min(numbers) < 0 else max(numbers)
        raise SnapshotFileError(f"{place} has {wrong}, which is not between 0 and {most}")
