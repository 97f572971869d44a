"""One process of lsmp's output while it is read: rows into columns, totals, and what may be forged."""

from bisect import bisect_left
from dataclasses import dataclass, field

from portaudit.collect.lsmp.row import Row, Run, is_own_control_port, object_of
from portaudit.model.kobject import MESSAGE_QUEUE, UNKNOWN_KOBJECT
from portaudit.model.snapshot import Entries, Peer, Process, Receive

_RECEIVE_FIELDS = Receive.__struct_fields__


@dataclass(slots=True)
class Space:
    """The rows of one process, as they come in."""

    process: Process
    line: int
    """Where its table begins, in lines from 1."""
    entries: Entries = field(default_factory=Entries)
    totals: dict[str, int] | None = None
    """What lsmp counted, by its own words; None if it does not say."""
    called_self: set[int | None] = field(default_factory=set)
    """The control ports that lsmp calls the process's own."""
    members: dict[int, Row] = field(default_factory=dict)
    """Names that are listed in a port set, with what is said of them there."""
    unlabelled: set[int] = field(default_factory=set)
    """Names behind which lsmp saw something that it had no word for, and that the kernel said nothing of."""
    members_announced: int = 0
    members_listed: int = 0
    lost: int = 0
    """Lines of the table that were not understood."""
    elided: int = 0
    forged: int = 0
    """Rows that were taken back, since they may stand inside a description."""
    seams: dict[int, bool] = field(default_factory=dict)
    """Rows before which something stands that was not understood, and whether it is a mark of omission."""
    _member_at: dict[int, int] = field(default_factory=dict)
    """How many rows stood above the list in which a port set names a member."""
    closed: bool = False
    """The table is over: its totals were read."""

    def add(self, row: Row) -> int:
        """Append a row, and give its number."""
        number = len(self.entries)
        entries = self.entries
        entries.name.append(row.name)
        entries.type.append(row.type)
        entries.urefs.append(row.urefs)
        entries.object.append(row.object)
        entries.kobject.append(row.kobject)
        if row.description is not None:
            entries.description[number] = row.description
        if row.peer is not None:
            entries.peer[number] = row.peer
        if row.receive is not None:
            self._add_receive(number, row.receive)
        self._notice(row, row.name, row.object)
        return number

    def add_run(self, run: Run) -> None:
        """Append the rows of a run."""
        entries, rows, first = self.entries, run.rows, len(self.entries)
        objects = [
            number or object_of(number, row.type) for number, row in zip(run.objects, rows, strict=True)
        ]
        entries.name.extend(run.names)
        entries.type.extend([row.type for row in rows])
        entries.urefs.extend([row.urefs for row in rows])
        entries.object.extend(objects)
        entries.kobject.extend([row.kobject for row in rows])
        entries.receive.row.extend([number for number, row in enumerate(rows, first) if row.receive])
        for name, column in zip(_RECEIVE_FIELDS, run.receives(), strict=False):
            getattr(entries.receive, name).extend(column)
        for place in run.saying_more():
            self._say_more(first + place, rows[place], run.holders[place])
            self._notice(rows[place], run.names[place], objects[place])

    def _say_more(self, number: int, row: Row, holder: bytes) -> None:
        if row.description is not None:
            self.entries.description[number] = row.description
        if (peer := row.peer) is not None:
            self.entries.peer[number] = Peer(peer.pid, peer.process, int(holder, 16)) if holder else peer

    def _add_receive(self, number: int, receive: Receive) -> None:
        columns = self.entries.receive
        columns.row.append(number)
        for name in _RECEIVE_FIELDS:
            getattr(columns, name).append(getattr(receive, name))

    @property
    def self_object(self) -> int | None:
        """The process's own control port; None where a release kernel makes lsmp call several so."""
        return next(iter(self.called_self)) if len(self.called_self) == 1 else None

    def _notice(self, row: Row, name: int, port: int | None) -> None:
        self.members_announced += row.members or 0
        self.elided += row.elided
        if row.unlabelled:
            self.unlabelled.add(name)
        if is_own_control_port(row):
            self.called_self.add(port)

    def add_member(self, row: Row) -> None:
        """Take note of a receive right that a port set lists."""
        self.members[row.name] = row
        self._member_at[row.name] = len(self.entries)
        self.members_listed += 1

    def drop(self, rows: set[int]) -> None:
        """Take back rows that turned out to be forged."""
        if rows:
            self.forged += len(rows)
            self.entries = self.entries.only([row for row in range(len(self.entries)) if row not in rows])
            gone = sorted(rows)
            self.seams = {seam - bisect_left(gone, seam): cut for seam, cut in self.seams.items()}

    def note_seam(self, *, cut: bool) -> None:
        """Take note that something stands here that is no row: a mark of omission, or what may be one."""
        here = len(self.entries)
        self.seams[here] = cut or self.seams.get(here, False)

    def end_at(self, row: int) -> int:
        """Take back the rows from this one on, which are another process's, and give their number."""
        taken = len(self.entries) - row
        self.entries = self.entries.only(range(row))
        self.totals = None
        self.members = {name: member for name, member in self.members.items() if self._member_at[name] <= row}
        self.seams = {seam: cut for seam, cut in self.seams.items() if seam < row}
        return taken

    def fill_in_sets(self) -> None:
        """Say of each receive right whether a port set lists it; None if lsmp did not list them all."""
        complete = self.members_listed == self.members_announced and self.totals_of("total") == len(
            self.entries
        )
        columns = self.entries.receive
        if not self.members:
            columns.in_set[:] = [False if complete else None] * len(columns.row)
            return
        for place, row in enumerate(columns.row):
            listed = self.entries.name[row] in self.members
            columns.in_set[place] = True if listed else False if complete else None

    def only_in_sets(self) -> list[int]:
        """Give the names that only a port set lists: lsmp left their rows out."""
        return sorted(set(self.members) - set(self.entries.name)) if self.members else []

    def add_missing_members(self) -> None:
        """Add the names that only a port set lists."""
        for name in self.only_in_sets():
            self.add(self.members[name])

    def call_queues(self) -> None:
        """Take what lsmp had no label for as message queues: on macOS 26 they are."""
        kobjects = self.entries.kobject
        for row, name in enumerate(self.entries.name):
            if name in self.unlabelled and kobjects[row] == UNKNOWN_KOBJECT:
                kobjects[row] = MESSAGE_QUEUE

    def totals_of(self, key: str) -> int | None:
        """Give what lsmp counted under this word; None if it does not say."""
        return self.totals.get(key) if self.totals else None
