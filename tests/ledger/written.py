"""Ledgers as a recorder would write them, byte by byte."""

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from portaudit.ledger import layout
from portaudit.ledger.images import images_at
from portaudit.ledger.read import _read
from portaudit.model.ledger import Ledger


def parse_ledger(data: bytes, path: str = "ledger") -> Ledger:
    """Read a ledger's bytes, as read_ledger does from a file."""
    return _read(Path(path), io.BytesIO(data))


@dataclass(frozen=True, slots=True)
class EventBytes:
    """One event's fields."""

    name: int = 0x103
    change: int = 1
    function: int = 1
    stack: tuple[int, ...] = ()
    state: int = layout.State.DONE
    code: int = 0
    right: int = 0
    thread: int = 1
    call: int = 0


def written(  # noqa: PLR0913  what a header has
    events: Sequence[EventBytes],
    *,
    functions: dict[int, str] | None = None,
    images: Sequence[tuple[int, int, int, str]] = (),
    order: str = "<",
    depth: int = 19,
    header_size: int = layout.HEADER_SIZE,
    head: int | None = None,
    capacity: int | None = None,
    pid: int = 4242,
) -> bytes:
    """Write a ledger whose events are a millisecond apart, the first at 1000 seconds.

    Images are given as since, base, length, path.
    """
    notes = b"".join(_note(order, 1, number, name, (0, 0, 0)) for number, name in (functions or {}).items())
    notes += b"".join(_note(order, 2, 0, path, where) for *where, path in images)
    event_size = layout.EVENT_SIZE + 8 * depth
    header = layout.MAGIC + struct.pack(
        order + layout.HEADER,
        *(layout.ORDER, layout.VERSION, header_size, event_size, len(notes), 1, 2, 0x203),
        *(len(events) if capacity is None else capacity, len(events) if head is None else head),
        *(len(notes), pid, 1000 * 10**9, 0, 1, 1, 0, 0, 0, 0),
    )
    return (
        header.ljust(header_size, b"\0")
        + notes
        + b"".join(_event(order, at, event, depth) for at, event in enumerate(events))
    )


def _note(order: str, kind: int, number: int, text: str, where: Sequence[int]) -> bytes:
    body = text.encode() + b"\0"
    size = (layout.NOTE_SIZE + len(body) + 7) // 8 * 8
    packed = struct.pack(order + layout.NOTE, size, kind, number, *where, b"", 0)
    return (packed + body).ljust(size, b"\0")


def _event(order: str, at: int, event: EventBytes, depth: int) -> bytes:
    stack = event.stack + (0,) * (depth - len(event.stack))
    return struct.pack(
        f"{order}{layout.EVENT}{depth}Q",
        *(event.state, event.code, at * 1_000_000, event.thread, event.name, event.change, event.call or at),
        *(event.function, event.right, len(event.stack), *stack),
    )


def image_at(ledger, address, sequence):
    """Give what was loaded at one address at one event, or None."""
    return images_at(ledger.images, [(address, sequence)]).get((address, sequence))


def unresolved(_ledger, _addresses):
    """Leave every address of a stack as it is."""
    return {}
