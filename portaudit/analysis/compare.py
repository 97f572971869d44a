"""Snapshots in, one difference out: what each task gained and lost, object by object. No judgement."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import compress

from portaudit.analysis.pairing import Readings, follow, readers_of, scope_of
from portaudit.analysis.roles import key_of, own_ports
from portaudit.analysis.rows import references, timelines
from portaudit.analysis.tracks import Numbers, Track, recycled, tracks
from portaudit.model.difference import Change, Difference, FullerQueue, Recycled
from portaudit.model.kobject import MESSAGE_QUEUE, TASK_CONTROL
from portaudit.model.rights import DEAD_NAME, SEND, Right
from portaudit.model.snapshot import Entries, Entry, Snapshot, Task

TWICE = "the same reading was given twice: between a moment and itself nothing was audited"

UNTYPED = frozenset({None, MESSAGE_QUEUE})
"""What stands for the type of a port whose type was not read, and of one that has just died."""


def compare(snapshots: Sequence[Snapshot], pids: Collection[int] = ()) -> Difference:
    """Give everything in which the tasks under audit differ between the first snapshot and the last.

    Two snapshots are a pair, more are a series with one round between each two; they are taken in the order
    of their times. References are added up per task, object and right, so that a right released and received
    again under another name is no change. `pids` names tasks without a role that are under audit, too.
    """
    snapshots = in_order(snapshots)
    scope = scope_of(snapshots, pids)
    readings, unread = follow(snapshots, scope)
    owners = _owners(snapshots)
    series = len(snapshots) > 2  # noqa: PLR2004  more than a pair
    spaces = [_space(task, owners, series=series) for task in readings]
    return Difference(
        snapshots[0],
        snapshots[-1],
        changes=tuple(change for space in spaces for change in space.changes),
        recycled=tuple(reused for space in spaces for reused in space.recycled),
        saturated=tuple(change for space in spaces for change in space.saturated),
        unread=tuple(unread),
        unchanged=_added_up(spaces),
        queues=tuple(queue for task in readings for queue in _fuller_queues(task)),
        notes=(*_left_out(snapshots), *(note for space in spaces for note in space.notes)),
        between=tuple(snapshots[1:-1]),
        own=owners,
        survey=scope.survey,
        disorder=_disorder(snapshots),
    )


def in_order(snapshots: Sequence[Snapshot]) -> Sequence[Snapshot]:
    """Put a series into the order of its times: a shell lists round-10 before round-2. A pair stays."""
    times = [snapshot.taken for snapshot in snapshots]
    if len(snapshots) < 3 or None in times:  # noqa: PLR2004  a pair has a direction that somebody meant
        return snapshots
    return sorted(snapshots, key=lambda snapshot: snapshot.taken or 0)


def _disorder(snapshots: Sequence[Snapshot]) -> str | None:
    times = [snapshot.taken for snapshot in snapshots if snapshot.taken is not None]
    if len(times) < len(snapshots):
        return None
    if len(set(times)) < len(times):
        return TWICE
    if times != sorted(times):
        return (
            "the second snapshot was taken before the first: give them in the order in which they were taken"
        )
    return None


def _left_out(snapshots: Sequence[Snapshot]) -> Iterator[str]:
    if readers := readers_of(snapshots):
        yield f"{' and '.join(readers)} took the readings: what it holds for that is left out"


def _owners(snapshots: Sequence[Snapshot]) -> dict[int, str]:
    titles = {key_of(task): task.title for snapshot in snapshots for task in snapshot.tasks}
    several = {title for title, count in Counter(titles.values()).items() if count > 1}
    return {
        port: f"{titles[key]} ({key[1]})" if titles[key] in several else titles[key]
        for key, port in own_ports(snapshots).items()
    }


@dataclass(frozen=True, slots=True)
class _Space:
    title: str
    changes: tuple[Change, ...]
    recycled: tuple[Recycled, ...]
    saturated: tuple[Change, ...]
    unchanged: int
    notes: tuple[str, ...]


def _space(readings: Readings, owners: dict[int, str], *, series: bool) -> _Space:
    spaces = readings.spaces
    lines = timelines(spaces)
    gaps = ["; ".join(task.gaps) or None for task in readings.tasks]
    found = tracks(lines, gaps)
    to_change = _Rows(readings.last, owners, series=series)
    pegged = [track for track in found if track.pegged]
    moved = [track for track in found if not track.pegged] if pegged else found
    changed = {track.name for track in moved if lines[track.name][-1] is not None}
    reused = {name: both for name, line in lines.items() if (both := recycled(line))}
    return _Space(
        title=readings.last.title,
        changes=tuple(map(to_change.row, moved)),
        recycled=tuple(to_change.recycled(name, *reused[name]) for name in sorted(reused)),
        saturated=tuple(to_change.row(track) for track in pegged),
        unchanged=len(spaces[-1]) - len(changed),
        notes=tuple(_collisions(readings.last, found)),
    )


def _collisions(task: Task, found: list[Track]) -> Iterator[str]:
    """Tell of objects among those that changed whose id two kinds of port have in the last reading."""
    entries = task.entries or Entries()
    changed = {track.object for track in found if track.object}
    kinds: dict[int | None, int | None] = {}
    several: set[int | None] = set()
    for row in compress(range(len(entries)), map(changed.__contains__, entries.object)):
        number, kind = entries.object[row], entries.kobject[row]
        if kind not in UNTYPED and kinds.setdefault(number, kind) != kind:
            several.add(number)
    for number in filter(several.__contains__, kinds):
        yield (
            f"{task.title}: two ports of different kinds have the id 0x{number:08x}, which has 32 bits: "
            f"possibly a collision, so they are judged by name"
        )


@dataclass(frozen=True, slots=True)
class _Rows:
    """Makes rows of the tracks of one task."""

    task: Task
    owners: dict[int, str]
    series: bool

    def row(self, track: Track) -> Change:
        number, kobject = track.object, track.kobject
        of = self.owners.get(number) if number is not None else self._late_owner(track)
        if kobject is None and track.right is SEND and of is not None:
            kobject = TASK_CONTROL
        return Change(
            role=self.task.role,
            process=self.task.process,
            name=track.name,
            object=number,
            kobject=kobject,
            right=track.right,
            before=track.values[0],
            after=track.values[-1],
            of=of,
            was=track.was,
            now=track.timeline[-1],
            series=_known(track.values) if self.series else (),
            doubt=track.doubt,
        )

    def _late_owner(self, track: Track) -> str | None:
        """Give whose port a dead name was, where its name was seen alive."""
        alive = (entry for entry in track.timeline if entry is not None and DEAD_NAME not in entry.rights)
        return next((self.owners[entry.object] for entry in alive if entry.object in self.owners), None)

    def recycled(self, name: int, was: Entry, now: Entry) -> Recycled:
        gone = Track(_counted(was), [_held(was), 0], [was, None], name, was, _object(was))
        new = Track(_counted(now), [0, _held(now)], [None, now], name, None, _object(now))
        return Recycled(self.row(gone), self.row(new))


def _known(values: Numbers) -> tuple[int, ...]:
    return tuple(value or 0 for value in values) if None in values else tuple(values)  # type: ignore[arg-type]  # there is no None in them


def _counted(entry: Entry) -> Right:
    return SEND if SEND in entry.rights else next(iter(entry.rights), SEND)


def _held(entry: Entry) -> int | None:
    return references(entry, _counted(entry))


def _object(entry: Entry) -> int | None:
    return None if DEAD_NAME in entry.rights else entry.object or None


def _fuller_queues(readings: Readings) -> Iterator[FullerQueue]:
    old, new = readings.spaces[0], readings.spaces[-1]
    waited = _queued(old)
    for (name, number), messages in _queued(new).items():
        if messages > waited.get((name, number), 0):
            yield FullerQueue(readings.last.title, name, number, messages - waited.get((name, number), 0))


def _queued(entries: Entries) -> dict[tuple[int, int | None], int]:
    told = entries.receive
    return {
        (entries.name[row], entries.object[row]): messages
        for row, messages in compress(zip(told.row, told.queued, strict=True), told.queued)
        if messages
    }


def _added_up(spaces: list[_Space]) -> dict[str, int]:
    # Several tasks may have one role
    counts: Counter[str] = Counter()
    for space in spaces:
        counts[space.title] += space.unchanged
    return dict(counts)
