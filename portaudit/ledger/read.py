"""Reading a ledger, whoever wrote it, and however it ended: cut off, still written to, or forged."""

import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from portaudit.errors import LedgerFileError
from portaudit.ledger import layout
from portaudit.ledger.images import read_images
from portaudit.ledger.layout import NoteKind, State
from portaudit.model.ledger import Event, Ledger


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
    """A ledger's bytes with what its header says of them."""

    path: Path
    data: bytes | mmap.mmap
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
        size = path.stat().st_size
        if size < layout.HEADER_SIZE:
            raise LedgerFileError(f"{path} is no ledger: it has {size} bytes, fewer than a header")
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read(path, data)
    except OSError as error:
        raise LedgerFileError(f"{path} cannot be read: {error.strerror or error}") from error


def parse_ledger(data: bytes, path: str = "ledger") -> Ledger:
    """Read a ledger's bytes; see read_ledger."""
    if len(data) < layout.HEADER_SIZE:
        raise LedgerFileError(f"{path} is no ledger: it has {len(data)} bytes")
    return _read(Path(path), data)


def _read(path: Path, data: bytes | mmap.mmap) -> Ledger:
    source = Bytes(path, data, *_header(path, data))
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


def _header(path: Path, data: bytes | mmap.mmap) -> tuple[str, Header]:
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
    if too_small or header.event_size % 8:
        raise LedgerFileError(
            f"{path} is damaged: a header of {header.header_size} and events of {header.event_size} bytes"
        )
    return order, header


def _notes(source: Bytes) -> Iterator[Note]:
    """Give the notes up to the first that was not finished."""
    header, data = source.header, source.data
    packed = struct.Struct(source.byte_order + layout.NOTE)
    at = header.header_size
    end = min(at + min(header.notes, header.notes_size), len(data))
    while at + packed.size <= end:
        size, kind, function, sequence, base, length, raw, id_length = packed.unpack_from(data, at)
        if size < packed.size or at + size > end:
            return
        text = bytes(data[at + packed.size : at + size]).split(b"\0", 1)[0].decode(errors="replace")
        yield Note(kind, function, sequence, base, length, raw[: min(id_length, len(raw))], text)
        at += size


def _events(source: Bytes, names: dict[int, str], stacks: dict[bytes, int]) -> Iterator[Event]:
    # A million events are read in this loop: what can be looked up before it is
    header, data = source.header, source.data
    spelled = f"{source.byte_order}{layout.EVENT}{header.event_size - layout.EVENT_SIZE}s"
    first = header.header_size + header.notes_size
    there = max(0, len(data) - first) // header.event_size
    end = first + min(header.head, header.capacity, there) * header.event_size
    begun, done, refused = map(int, (State.BEGUN, State.DONE, State.REFUSED))
    when, known, stack_of = source.when, names.get, stacks.setdefault
    with memoryview(data) as whole, whole[first : max(first, end)] as view:
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
        ) in enumerate(struct.iter_unpack(spelled, view)):
            if state != done and state not in {begun, refused}:
                continue
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
