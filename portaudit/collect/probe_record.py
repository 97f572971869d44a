"""A probe record: what a process wrote of itself, read into a snapshot of one task."""

from typing import Any

import msgspec

from portaudit.errors import SnapshotFileError
from portaudit.model.kobject import as_read
from portaudit.model.once import name_twice
from portaudit.model.rights import RIGHTS_MASK, TYPE_BIT, UREFS_MAX, Right
from portaudit.model.snapshot import Entries, Machine, Process, ReceiveColumns, Snapshot, Task
from portaudit.model.way import PROBE

FORMAT = 1
WORD_MAX = 0xFFFF_FFFF
RECEIVE_COLUMNS = ReceiveColumns.__slots__[1:]
BOOLEANS = frozenset({"has_senders", "no_senders_request", "port_destroyed_request", "in_set"})

Cell = int | bool | str | None


class ProbeRecord(msgspec.Struct, forbid_unknown_fields=False):
    """The record as DESIGN has it; what is missing is unknown."""

    portaudit_probe: int
    columns: list[str]
    rows: list[list[Cell]]
    pid: int | None = None
    process: str | None = None
    role: str | None = None
    start_time: float | None = None
    boot: str | None = None
    os: str | None = None
    model: str | None = None
    kernel: str | None = None
    taken: float | None = None
    method: str | None = None
    task_self: int | None = None
    """The name that mach_task_self_ holds in the process."""


def looks_like_probe(data: bytes) -> bool:
    """Whether these bytes call themselves a probe record of any format."""
    return b'"portaudit_probe"' in data[:4096] or b'"portaudit_probe"' in data[-4096:]


def read_probe(data: bytes, source: str) -> Snapshot:
    """Read a probe record; `source` names the file in messages.

    Raises SnapshotFileError, in one sentence, for whatever is not a sound record of this format.
    """
    try:
        record = msgspec.json.decode(data, type=ProbeRecord)
    except (msgspec.MsgspecError, RecursionError, ValueError) as error:
        raise SnapshotFileError(f"{source} is not a sound probe record: {error}") from error
    if record.portaudit_probe != FORMAT:
        raise SnapshotFileError(
            f"{source} is a probe record of format {record.portaudit_probe}, and this version reads {FORMAT}"
        )
    entries = _entries(record, source)
    if (twice := name_twice(entries)) is not None:
        raise SnapshotFileError(f"{source} has the name 0x{twice:x} twice, and no space has: it is damaged")
    task = Task(
        process=Process(record.pid, record.start_time, record.process),
        role=record.role,
        way=PROBE,
        flavour="self",
        self_object=_object_named(entries, record.task_self),
        entries=entries,
    )
    machine = Machine(record.model, record.os, record.boot, record.kernel)
    return Snapshot(tasks=(task,), taken=record.taken, machine=machine)


def _entries(record: ProbeRecord, source: str) -> Entries:
    width = len(record.columns)
    for number, row in enumerate(record.rows):
        if len(row) != width:
            raise SnapshotFileError(f"{source}: row {number} has {len(row)} cells for {width} columns")
    cells = zip(*record.rows, strict=True) if record.rows else ([] for _ in record.columns)
    columns: dict[str, list[Any]] = {
        name: list(column) for name, column in zip(record.columns, cells, strict=True)
    }
    for name in ("name", "type"):
        if name not in columns:
            raise SnapshotFileError(f"{source} has no column {name!r}")
    columns["kobject"] = columns.pop("kobject_type", [])
    for name, most in (
        ("name", WORD_MAX),
        ("type", WORD_MAX),
        ("urefs", UREFS_MAX),
        ("object", WORD_MAX),
        ("kobject", WORD_MAX),
    ):
        required = name in ("name", "type")
        columns[name] = columns.get(name) or [None] * len(record.rows)
        _check_numbers(columns[name], most, required=required, place=f"{source}, column {name}")
    columns["kobject"] = [None if cell is None else as_read(cell) for cell in columns["kobject"]]
    return _build(columns)


def _check_numbers(column: list[Any], most: int, *, required: bool, place: str) -> None:
    for number, cell in enumerate(column):
        if cell is None and not required:
            continue
        if type(cell) is not int or not 0 <= cell <= most:
            raise SnapshotFileError(
                f"{place}, row {number}: {cell!r:.40} is not a number between 0 and {most}"
            )


def _build(columns: dict[str, list[Any]]) -> Entries:
    kept = [row for row, bits in enumerate(columns["type"]) if bits & RIGHTS_MASK]
    kept.sort(key=columns["name"].__getitem__)
    columns = {name: [column[row] for row in kept] for name, column in columns.items()}
    return Entries(
        name=columns["name"],
        type=columns["type"],
        urefs=columns["urefs"],
        object=columns["object"],
        kobject=columns["kobject"],
        description={
            row: text for row, text in enumerate(columns.get("description", ())) if isinstance(text, str)
        },
        receive=_receive(columns),
    )


def _receive(columns: dict[str, list[Any]]) -> ReceiveColumns:
    told = [name for name in RECEIVE_COLUMNS if name in columns]
    bit = TYPE_BIT[Right.RECEIVE]
    rows = [row for row, bits in enumerate(columns["type"]) if bits & bit] if told else []
    known: dict[str, list[Any]] = {
        name: [_receive_cell(name, columns[name][row]) if name in told else None for row in rows]
        for name in RECEIVE_COLUMNS
    }
    return ReceiveColumns(row=rows, **known)


def _receive_cell(name: str, cell: Cell) -> int | bool | None:
    if not isinstance(cell, int):
        return None
    return bool(cell) if name in BOOLEANS else cell


def _object_named(entries: Entries, name: int | None) -> int | None:
    return entries.object[entries.name.index(name)] if name in entries.name else None
