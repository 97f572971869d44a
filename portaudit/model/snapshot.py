"""What was read: the port spaces of a few tasks at one moment, in columns."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Annotated

from msgspec import Meta, Struct

from portaudit.model.kobject import class_of, label_of
from portaudit.model.rights import RECEIVE_BIT, RIGHTS_MASK, UREFS_MAX, Right, rights_of

Word = Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)]
"""A natural_t of the kernel: a reader of files refuses what no kernel can have said."""

References = Annotated[int, Meta(ge=0, le=UREFS_MAX)]
"""User references, up to where they stick."""

HOST_ROLE = "host"
EXTENSION_ROLE = "extension"


class Process(Struct, frozen=True, gc=False, cache_hash=True):
    """Who a task is: pid, start time in seconds since 1970, name, executable and parent's pid."""

    pid: int | None = None
    start_time: float | None = None
    name: str | None = None
    executable: str | None = None
    parent: int | None = None


@dataclass(frozen=True, slots=True)
class Machine:
    """Where a snapshot was taken; object ids mean nothing outside one boot."""

    model: str | None = None
    os: str | None = None
    boot: str | None = None
    kernel: str | None = None
    """xnu, simulated or gnumach; None where a file does not say."""


class Peer(Struct, frozen=True, gc=False):
    """The task that holds the receive right of a port, and its name for it there."""

    pid: int | None = None
    process: str | None = None
    name: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiveColumns:
    """What is known of receive rights beyond their row: one element each, None where unknown."""

    row: list[Word] = field(default_factory=list)
    """Which row of the entries each element tells of, ascending."""
    queued: list[Word | None] = field(default_factory=list)
    queue_limit: list[Word | None] = field(default_factory=list)
    make_send: list[Word | None] = field(default_factory=list)
    send_once: list[Word | None] = field(default_factory=list)
    has_senders: list[bool | None] = field(default_factory=list)
    no_senders_request: list[bool | None] = field(default_factory=list)
    port_destroyed_request: list[bool | None] = field(default_factory=list)
    in_set: list[bool | None] = field(default_factory=list)
    flags: list[Word | None] = field(default_factory=list)
    """MACH_PORT_STATUS_FLAG_* bits (mach/port.h)."""

    def of(self, row: int) -> "Receive | None":
        """Give what is known of the receive right in a row; None if nothing is."""
        place = bisect_left(self.row, row)
        if place == len(self.row) or self.row[place] != row:
            return None
        return Receive(*[column[place] for column in receive_values(self)])


class Receive(Struct, frozen=True, gc=False):
    """One element of ReceiveColumns."""

    queued: int | None = None
    queue_limit: int | None = None
    make_send: int | None = None
    send_once: int | None = None
    has_senders: bool | None = None
    no_senders_request: bool | None = None
    port_destroyed_request: bool | None = None
    in_set: bool | None = None
    flags: int | None = None


class Entry(Struct, frozen=True, gc=False):
    """One name of a space: its rights, the user references of its send right or dead name, its object."""

    name: int
    rights: tuple[Right, ...]
    urefs: int | None
    object: int | None
    kobject: int | None
    """The kobject type's number; 0 for a message queue, None if it was not read."""
    description: str | None = None
    peer: Peer | None = None
    receive: Receive | None = None

    @property
    def kobject_label(self) -> str | None:
        """The kobject type as lsmp spells it."""
        return label_of(self.kobject)

    @property
    def class_name(self) -> str | None:
        """What the kernel says of all objects of this kind."""
        return class_of(self.kobject, self.description)


receive_values = attrgetter(*Receive.__struct_fields__)
"""Gives what is told of receive rights: the values of a Receive, the columns of ReceiveColumns but `row`."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A space in columns of equal length, one element a name; a million names stay small.

    `urefs` counts the send right or the dead name: 1 for send-once, 0 for a bare receive right or a
    port set, None if it was not read. `object` is as the kernel gave it: that of a dead name is no
    port's id, whatever it says (XNU gives 0, or the hash of it).
    """

    name: list[Word] = field(default_factory=list)
    type: list[Word] = field(default_factory=list)
    urefs: list[References | None] = field(default_factory=list)
    object: list[Word | None] = field(default_factory=list)
    kobject: list[Word | None] = field(default_factory=list)
    description: dict[int, str] = field(default_factory=dict)
    """Row -> what the kernel says of the object (an IOKit class, a task identity), where it says so."""
    peer: dict[int, Peer] = field(default_factory=dict)
    """Row -> who receives, where the source tells (lsmp does)."""
    receive: ReceiveColumns = field(default_factory=ReceiveColumns)

    def __len__(self) -> int:
        return len(self.name)

    def entry(self, row: int) -> Entry:
        """Give one row as a value, with all that is known of it."""
        return Entry(
            self.name[row],
            rights_of(self.type[row] & RIGHTS_MASK),
            self.urefs[row],
            self.object[row],
            self.kobject[row],
            self.description.get(row),
            self.peer.get(row),
            self.receive.of(row) if self.type[row] & RECEIVE_BIT else None,
        )

    def named(self, name: int) -> Entry | None:
        """Give the entry under a name; None if the space has no such name."""
        return self.entry(self.name.index(name)) if name in self.name else None

    def only(self, rows: Sequence[int]) -> "Entries":
        """Give a space of these rows alone; they ascend."""
        place = {row: number for number, row in enumerate(rows)}
        told = [number for number, row in enumerate(self.receive.row) if row in place]
        receive = [[column[number] for number in told] for column in receive_values(self.receive)]
        return Entries(
            [self.name[row] for row in rows],
            [self.type[row] for row in rows],
            [self.urefs[row] for row in rows],
            [self.object[row] for row in rows],
            [self.kobject[row] for row in rows],
            description={place[row]: text for row, text in self.description.items() if row in place},
            peer={place[row]: peer for row, peer in self.peer.items() if row in place},
            receive=ReceiveColumns([place[self.receive.row[number]] for number in told], *receive),
        )

    def __iter__(self) -> Iterator[Entry]:
        return map(self.entry, range(len(self)))


@dataclass(frozen=True, slots=True)
class NotRead:
    """A task that could not be read, and the sentence that says why and what would help."""

    reason: str


@dataclass(frozen=True, slots=True)
class Task:
    """One task of a snapshot: its role, who it is, how it was read, and its entries or why not."""

    process: Process
    role: str | None = None
    way: str | None = None
    """names, space-info, lsmp or probe."""
    flavour: str | None = None
    """The task port that served: control, read, self; None where none was needed."""
    self_object: int | None = None
    """The object id of the task's own control port, where the reader could tell."""
    entries: Entries | None = None
    not_read: NotRead | None = None
    calls: dict[str, int] = field(default_factory=dict)
    """Kernel calls that the reading took."""
    notes: tuple[str, ...] = ()
    """What the reader noticed and nothing follows from: columns left out, calls that failed."""
    gaps: tuple[str, ...] = ()
    """Why rows of this space may be missing, a sentence each; empty if none is, as far as one can tell."""
    seams: tuple[Word, ...] = ()
    """Names before which lines were left out: from each on the rows may be another process's."""

    def __post_init__(self) -> None:
        if (self.entries is None) == (self.not_read is None):
            raise ValueError("a task has either entries or a reason why it was not read")

    @property
    def title(self) -> str:
        """How messages call the task: its role, or its name and pid."""
        name, pid = self.process.name or "process", self.process.pid
        return self.role or (name if pid is None else f"{name} ({pid})")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an imported text that was not understood: nothing is lost in silence."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The spaces of some tasks at one moment."""

    tasks: tuple[Task, ...]
    taken: float | None = None
    """Seconds since 1970."""
    machine: Machine = field(default_factory=Machine)
    label: str | None = None
    settled: bool | None = None
    """Whether two readings agreed; None if it was not tried."""
    not_understood: tuple[Line, ...] = ()
    gaps: tuple[str, ...] = ()
    """What is missing that belongs to no task here, a sentence each: processes announced, text cut off."""

    def task_of(self, role: str) -> Task | None:
        """Find the task with this role."""
        return next((task for task in self.tasks if task.role == role), None)
