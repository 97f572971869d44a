"""One row of lsmp's table as a value, however it was printed; and runs of rows, read as columns.

In a large table many rows are alike but for their name, their object and the receiver's name of the port.
So these three are cut out of each row, and what is left of it (its shape) is read once, by the reader that
reads every other row: a run has the rows that this one would have made of it, in a fraction of the time. It
ends at the first row of which that cannot be said.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, pairwise
from operator import attrgetter
from struct import unpack
from typing import NamedTuple

from portaudit.model.kobject import NUMBERS, TASK_CONTROL, UNKNOWN_KOBJECT
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Peer, Receive, receive_values

TYPES: dict[str, int] = {
    "recv,send": TYPE_BIT[Right.RECEIVE] | TYPE_BIT[Right.SEND],
    "recv": TYPE_BIT[Right.RECEIVE],
    "send": TYPE_BIT[Right.SEND],
    "send-once": TYPE_BIT[Right.SEND_ONCE],
    "dead-name": TYPE_BIT[Right.DEAD_NAME],
    "port-set": TYPE_BIT[Right.PORT_SET],
}
"""The rights column, and the type bits that it stands for."""

UNLABELLED = "UNKNOWN"
"""What lsmp prints for a kobject type beyond its table."""

COUNT_MAX = 0xFFFF_FFFF

_OLD_LABELS = {"TASK": "TASK-CONTROL", "THREAD": "THREAD-CONTROL"}
_OLD_LABELS |= {"MASTER-DEVICE": "MAIN-DEVICE", "IOKIT-SPARE": "IOKIT-IDENT"}
"""Labels of lsmp up to system_cmds-880 (2020), and what they are called today."""


class Row(NamedTuple):
    """A name of a space, as one row of lsmp's output tells of it."""

    name: int
    type: int
    object: int | None
    urefs: int | None
    kobject: int | None = None
    description: str | None = None
    peer: Peer | None = None
    receive: Receive | None = None
    members: int | None = None
    """How many members a port set says it has."""
    own: bool = False
    """lsmp calls it the process's own task port (which release kernels make it say of all of them)."""
    unlabelled: bool = False
    """lsmp had no label for what is behind it, no address and no description: a queue, it may be."""
    elided: bool = False
    """Columns were left out by whoever pasted the row."""
    text_at: int | None = None
    """Where in the line the free text (description or process name) begins."""


def kobject_of(label: str) -> int:
    """Give the kobject type's number for a label of any lsmp; UNKNOWN_KOBJECT if no lsmp had it."""
    return NUMBERS.get(_OLD_LABELS.get(label, label), UNKNOWN_KOBJECT)


def is_unlabelled(label: str, address: int) -> bool:
    """Whether lsmp says no more of a right than that it has no label: of a plain port of macOS 26, too.

    There the kernel answers IPC_OTYPE_UNKNOWN of it, and address 0 (lsmp tests `kotype != 0`,
    lsmp/port_details.c:664).
    """
    return label == UNLABELLED and not address


def object_of(printed: int, row_type: int) -> int | None:
    """Give the object id; None where the kernel kept a port's id to itself (it says 0 then)."""
    return printed if printed or row_type & TYPE_BIT[Right.DEAD_NAME] else None


def count_of(number: int) -> int | None:
    """Give a count that a kernel can have; None for the garbage that lsmp prints after a failed call."""
    return number if 0 <= number <= COUNT_MAX else None


def is_own_control_port(row: Row) -> bool:
    """Whether lsmp calls this the control port of the task that it prints."""
    return row.own and row.kobject == TASK_CONTROL


_LEAST, _MOST = 1 << 10, 1 << 16
"""Bytes that are looked at together: few after a run that was short, more the longer runs are."""

SHAPES_MAX = 4096
"""So many shapes are kept: where hardly two rows are alike, keeping them is of no use."""

Key = tuple[bytes, ...]
"""What is left of a row, in the order of the pattern's groups."""

_length = attrgetter("length")
_row = attrgetter("row")


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A row without its name, object and receiver's name; or a line that is no row, and changes none."""

    row: Row | None
    length: int
    """Bytes of it, with what ends it."""
    text_at: int = 0
    """Where in it the free text begins that it ends with."""
    text_room: int = 0
    """Bytes that this text can have; 0 if there is none."""
    receive: tuple[int | bool | None, ...] = ()
    """What the row says of a receive right, in the order of its fields."""
    more: bool = False
    """The row says something that few rows do."""

    @classmethod
    def of(cls, row: Row, length: int, text_room: int) -> "Shape":
        """Give the shape of a row, whose free text (if it has any) can have so many bytes."""
        more = (row.description is not None, row.peer, row.members, row.own, row.unlabelled)
        receive = receive_values(row.receive) if row.receive else ()
        room = 0 if row.text_at is None else text_room
        return cls(row, length, row.text_at or 0, room, receive, any(more))

    def reaches(self, following: "Shape") -> bool:
        """Whether what follows could still be part of its text."""
        return self.length + following.length - 1 <= self.text_at + self.text_room


_UNUSUAL = Shape(None, 0)
"""What is not usual, in the place of a shape."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rows that follow each other, in columns."""

    begin: int
    names: Sequence[int]
    objects: Sequence[int]
    """Ids as they are printed: 0 where the kernel kept one to itself."""
    holders: Sequence[bytes]
    """The receiver's name of the port, in hexadecimal; empty where the shape has it."""
    rows: Sequence[Row]
    lines: Sequence[Shape]
    """The shapes of the rows, and of lines between them."""

    def receives(self) -> Iterator[tuple[int | bool | None, ...]]:
        """Give what is said of receive rights, in columns; nothing if there are none."""
        return zip(*[shape.receive for shape in self.lines if shape.receive], strict=True)

    def saying_more(self) -> list[int]:
        """Give the rows that say something that few rows do."""
        shapes = self.lines if len(self.lines) == len(self.rows) else [s for s in self.lines if s.row]
        return [place for place, shape in enumerate(shapes) if shape.more]

    def bounds(self) -> list[int]:
        """Give the offsets at which its lines begin, and the one behind the last."""
        return list(accumulate(map(_length, self.lines), initial=self.begin))

    def reaching(self) -> list[int]:
        """Give the lines whose text could go on in the next one, or behind the run."""
        pairs = list(pairwise(self.lines))
        reaching = {pair for pair in set(pairs) if pair[0].reaches(pair[1])}
        lines = [line for line, pair in enumerate(pairs) if pair in reaching] if reaching else []
        return [*lines, len(self.lines) - 1]


class Runs:
    """Finds the runs of a print.

    The groups `name`, `object` and `holder` of the pattern are what differs from row to row, in
    hexadecimal; the others are the key, from which `shape_of` reads the shape, or None if it is not usual.
    Whatever is no such row the pattern matches as a whole, with empty groups.
    """

    def __init__(
        self, data: bytes, pattern: re.Pattern[bytes], shape_of: Callable[[Key], Shape | None]
    ) -> None:
        """Prepare to read runs of these bytes."""
        self._data = data
        self._pattern = pattern
        self._shape_of = shape_of
        self._shapes: dict[Key, Shape] = {}
        self._size = _LEAST

    def at(self, begin: int, *, kept_back: int = 0) -> Run | None:
        """Read the run that begins at this offset, but for its last rows; None if there is none."""
        found = self._pattern.findall(self._data, begin, begin + self._size)
        if found and not any(found[-1]):
            found.pop()
        run = self._run(begin, found, kept_back) if len(found) > kept_back else None
        grows = run is not None and 2 * len(run.lines) > len(found)
        self._size = min(2 * self._size, _MOST) if grows else _LEAST
        return run

    def _run(self, begin: int, found: list[Key], kept_back: int) -> Run | None:
        columns = dict(enumerate(zip(*found, strict=True), 1))
        special = [columns.pop(self._pattern.groupindex[name]) for name in ("name", "object", "holder")]
        lines = self._shapes_of(list(zip(*columns.values(), strict=True)))[: len(found) - kept_back]
        if not lines:
            return None
        rows = [shape.row for shape in lines if shape.row]
        if len(rows) < len(lines):
            special = [tuple(compress(column, map(_row, lines))) for column in special]
        names, objects, holders = (column[: len(rows)] for column in special)
        return Run(begin, _numbers(names), _numbers(objects), holders, rows, lines)

    def _shapes_of(self, keys: list[Key]) -> list[Shape]:
        """Give the shapes up to the first that is not usual."""
        if missing := set(keys) - self._shapes.keys():
            if len(self._shapes) > SHAPES_MAX:
                self._shapes.clear()
                missing = set(keys)
            self._shapes.update((key, self._shape_of(key) or _UNUSUAL) for key in missing)
        shapes = list(map(self._shapes.__getitem__, keys))
        return shapes[: shapes.index(_UNUSUAL)] if _UNUSUAL in shapes else shapes


def _numbers(column: Sequence[bytes]) -> tuple[int, ...]:
    return unpack(f">{len(column)}I", bytes.fromhex(b"".join(column).decode()))
