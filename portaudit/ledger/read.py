"""Reading a ledger, whoever wrote it, and however it ended: cut off, still written to, or forged."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from portaudit.errors import LedgerFileError
from portaudit.ledger import layout
from portaudit.ledger.images import read_images
from portaudit.ledger.layout import NoteKind, State
from portaudit.model.ledger import Event, Ledger
from portaudit.trust import NotRegularError, open_regular

NOTES_MAX = 64 << 20
"""Bytes of notes; both recorders write one MiB at most."""
GIVEN_MAX = 1 << 24
"""References that calls gave beyond one each; a name has 65,535 at most (XNU osfmk/ipc/ipc_entry.h)."""
AT_ONCE = 1 << 21
"""Bytes of events read at a time."""
EVENT_MAX = 1 << 16
"""Bytes of one event; its stack has 255 frames at most."""
EVENTS_MAX = 16 << 30
"""Bytes of events that are looked through: no recorder makes room for more, a sparse file has any size."""


class Header(NamedTuple):
    """The fields of a ledger's header, in the order of its bytes."""

    order: int
    version: int
    header_size: int
    event_size: int
    notes_size: int
    recorder: int
    architecture: int
    task_self: int
    capacity: int
    head: int
    notes: int
    pid: int
    started_ns: int
    started_ticks: int
    tick_numer: int
    tick_denom: int
    ended_ns: int
    spare: int
    spare2: int
    spare3: int


class Note(NamedTuple):
    """A note: a function's number and name, or an image that was loaded or unloaded."""

    kind: int
    function: int
    sequence: int
    base: int
    length: int
    id: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Bytes:
    """A ledger's bytes with what its header says of them.

    They are read and not mapped: whoever still has the file may cut it off, which kills who looks at a map.
    """

    path: Path
    file: BinaryIO
    byte_order: str
    header: Header

    def when(self, ticks: int) -> float:
        """Turn a recorder's clock into seconds since 1970."""
        header = self.header
        passed = (ticks - header.started_ticks) * header.tick_numer // max(header.tick_denom, 1)
        return (header.started_ns + passed) / 1e9


def read_ledger(path: str | Path) -> Ledger:
    """Read a ledger. What a process that was killed left behind is complete to its last event.

    Raises LedgerFileError, which names the file, if it is no ledger or one that this version cannot read.
    """
    path = Path(path)
    try:
        with open_regular(path) as file:
            return _read(path, file)
    except NotRegularError as error:
        raise LedgerFileError(f"{path} is no ledger: {error}") from error
    except OSError as error:
        raise LedgerFileError(f"{path} cannot be read: {error.strerror or error}") from error
    except ValueError as error:
        raise LedgerFileError(f"{path!s} cannot be read: {error}") from error


def _read(path: Path, file: BinaryIO) -> Ledger:
    source = Bytes(path, file, *_header(path, file.read(layout.HEADER_SIZE)))
    header = source.header
    notes = list(_notes(source))
    names = {note.function: note.text for note in notes if note.kind == NoteKind.FUNCTION}
    stacks: dict[bytes, int] = {b"": 0}
    events = tuple(_events(source, names, stacks))
    return Ledger(
        path=str(path),
        pid=header.pid,
        recorder=layout.RECORDERS.get(header.recorder, f"recorder {header.recorder}"),
        architecture=layout.ARCHITECTURES.get(header.architecture, "unknown"),
        started=header.started_ns / 1e9,
        ended=header.ended_ns / 1e9 if header.ended_ns else None,
        taken=header.head,
        dropped=max(0, header.head - header.capacity),
        events=events,
        stacks=tuple(struct.unpack(f"{source.byte_order}{len(raw) // 8}Q", raw) for raw in stacks),
        images=read_images(notes),
        functions=frozenset(names.values()),
    )


def _header(path: Path, data: bytes) -> tuple[str, Header]:
    if len(data) < layout.HEADER_SIZE:
        raise LedgerFileError(f"{path} is no ledger: it has {len(data)} bytes, fewer than a header")
    if data[: len(layout.MAGIC)] != layout.MAGIC:
        raise LedgerFileError(f"{path} is no ledger: it does not begin with {layout.MAGIC.decode()}")
    order = "<" if data[8:12] == struct.pack("<I", layout.ORDER) else ">"
    header = Header._make(struct.unpack_from(order + layout.HEADER, data, len(layout.MAGIC)))
    if header.order != layout.ORDER:
        raise LedgerFileError(f"{path} is damaged: its byte order is unknown")
    if header.version != layout.VERSION:
        raise LedgerFileError(
            f"{path} is a ledger of version {header.version}; this portaudit reads version {layout.VERSION}"
        )
    too_small = header.header_size < layout.HEADER_SIZE or header.event_size < layout.EVENT_SIZE
    if too_small or header.event_size % 8 or header.event_size > EVENT_MAX:
        raise LedgerFileError(
            f"{path} is damaged: a header of {header.header_size} and events of {header.event_size} bytes"
        )
    return order, header


def _notes(source: Bytes) -> Iterator[Note]:
    """Give the notes up to the first that was not finished."""
    header = source.header
    packed = struct.Struct(source.byte_order + layout.NOTE)
    source.file.seek(header.header_size)
    data = source.file.read(min(header.notes, header.notes_size, NOTES_MAX))
    at = 0
    while at + packed.size <= len(data):
        size, kind, function, sequence, base, length, raw, id_length = packed.unpack_from(data, at)
        if size < packed.size or at + size > len(data):
            return
        text = data[at + packed.size : at + size].split(b"\0", 1)[0].decode(errors="replace")
        yield Note(kind, function, sequence, base, length, raw[: min(id_length, len(raw))], text)
        at += size


def _parts(source: Bytes) -> Iterator[tuple[int, bytes]]:
    """Give the events as they stand, so many at a time with the first's number; what is empty is left out."""
    header = source.header
    source.file.seek(header.header_size + header.notes_size)
    left = min(header.head, header.capacity, EVENTS_MAX // header.event_size)
    first, many = 0, AT_ONCE // header.event_size
    while left > 0:
        data = source.file.read(min(many, left) * header.event_size)
        whole = len(data) // header.event_size
        if not whole:
            return
        if data != bytes(len(data)):
            yield first, data[: whole * header.event_size]
        first, left = first + whole, left - whole


def _events(source: Bytes, names: dict[int, str], stacks: dict[bytes, int]) -> Iterator[Event]:
    # A million events are read in this loop: what can be looked up before it is
    header = source.header
    spelled = f"{source.byte_order}{layout.EVENT}{header.event_size - layout.EVENT_SIZE}s"
    begun, done, refused = map(int, (State.BEGUN, State.DONE, State.REFUSED))
    when, known, stack_of = source.when, names.get, stacks.setdefault
    given = 0
    for first, data in _parts(source):
        for sequence, (
            state,
            code,
            ticks,
            thread,
            name,
            change,
            call,
            function,
            right,
            depth,
            raw,
        ) in enumerate(struct.iter_unpack(spelled, data), first):
            if state != done and state not in {begun, refused}:
                continue
            if change > 1:
                given += change
                if given > GIVEN_MAX:
                    raise LedgerFileError(f"{source.path} is damaged: no calls give so many references")
            yield Event(
                sequence,
                state == done,
                state == begun,
                code,
                when(ticks),
                thread,
                name,
                change,
                call,
                known(function) or f"function {function}",
                right,
                stack_of(raw[: 8 * depth], len(stacks)),
            )
