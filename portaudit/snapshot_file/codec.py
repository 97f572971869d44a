"""Snapshot <-> bytes: JSON with a format number of its own, the columns of the model as they are.

What types cannot say is checked when it is read: columns of equal length, rows that exist.
"""

from dataclasses import dataclass, fields
from typing import Any

import msgspec

from portaudit.errors import SnapshotFileError
from portaudit.model.once import ascend, name_twice, pid_twice
from portaudit.model.rights import RIGHTS_MASK
from portaudit.model.snapshot import Entries, ReceiveColumns, Snapshot, Task

FORMAT = 2
"""What is written. Format 1 is read as well: it has no `gaps`, and is the same otherwise."""

READ = frozenset({1, FORMAT})


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotDocument(Snapshot):
    """A snapshot as its file holds it: with the number of the format in front."""

    portaudit_snapshot: int


class _Head(msgspec.Struct):
    portaudit_snapshot: int | None = None


def looks_like_snapshot(data: bytes) -> bool:
    """Whether these bytes call themselves a snapshot of any format."""
    return b'"portaudit_snapshot"' in data[:4096] or b'"portaudit_snapshot"' in data[-4096:]


def encode(snapshot: Snapshot) -> bytes:
    """Write a snapshot; decode gives it back."""
    columns = {field.name: getattr(snapshot, field.name) for field in fields(Snapshot)}
    return msgspec.json.encode({"portaudit_snapshot": FORMAT, **columns}) + b"\n"


def decode(data: bytes, source: str) -> Snapshot:
    """Read a snapshot; `source` names the file in messages.

    Raises SnapshotFileError, in one sentence, for whatever is not a sound snapshot of this format.
    """
    try:
        document = msgspec.json.decode(data, type=SnapshotDocument)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise SnapshotFileError(_complaint(data, source, error)) from error
    if document.portaudit_snapshot not in READ:
        raise SnapshotFileError(_wrong_format(source, document.portaudit_snapshot))
    check_tasks(document.tasks, source)
    return document


def _complaint(data: bytes, source: str, error: Exception) -> str:
    try:
        head = msgspec.json.decode(data, type=_Head)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return f"{source} is no sound JSON, it may be cut off: {error}"
    if head.portaudit_snapshot not in {None, *READ}:
        return _wrong_format(source, head.portaudit_snapshot)
    return f"{source} is not a sound snapshot: {error}"


def _wrong_format(source: str, number: int | None) -> str:
    return (
        f"{source} is a snapshot of format {number}, and this version reads up to format {FORMAT}: "
        f"use the portaudit that wrote it, or a newer one"
    )


def schema() -> dict[str, Any]:
    """Give the JSON Schema of the snapshot file (2020-12)."""
    described = msgspec.json.schema(SnapshotDocument)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "portaudit snapshot",
    } | described


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
    if not ascend(receive.row):
        raise SnapshotFileError(f"{place}: the rows of the receive rights are not in ascending order")
