"""A task's space through several readings: the references on each object with each right, one by one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from portaudit.analysis.rows import changed_names, pegged_names, references
from portaudit.model.rights import UREFS_MAX, Right
from portaudit.model.snapshot import Entries, Entry

Timeline = list[Entry | None]
"""What one name was in each reading."""

MORTAL = (Right.SEND, Right.SEND_ONCE)


@dataclass(slots=True)
class Track:
    """The references that one task holds on one object with one right, in each reading."""

    right: Right
    values: list[int]
    name: int = 0
    """The name that the right has, or had last."""
    was: Entry | None = None
    """The entry in the first reading."""
    now: Entry | None = None
    """The entry in the last reading."""
    seen: Entry | None = None
    """The entry that tells most of it: alive and with a kobject type, if it was ever seen so."""
    pegged: bool = False
    """Whether the count stood at its maximum in some reading: it says nothing then."""
    unknown: bool = False
    """Whether some reading does not tell the count."""

    @property
    def object(self) -> int | None:
        """The object's id; None for dead names and where it was not read."""
        return None if self.right is Right.DEAD_NAME or self.seen is None else self.seen.object

    @property
    def kobject(self) -> int | None:
        """The kobject type; of a dead name, what it was when it was seen alive."""
        return None if self.seen is None else self.seen.kobject

    @property
    def description(self) -> str | None:
        """What the kernel says of the object."""
        return None if self.seen is None else self.seen.description


def tracks(spaces: Sequence[Entries]) -> list[Track]:
    """Follow every right whose name changed between any two readings.

    References are added up per object and right, so that a right that moves to another name does not
    change; without object ids a name is followed by itself. What dies keeps its count: the loss of a
    right to a port that died is no loss, and the dead name carries the references.
    """
    found: dict[tuple[object, Right], Track] = {}
    timelines = _timelines(spaces)
    for reading in range(len(spaces)):
        for name, timeline in timelines.items():
            entry = timeline[reading]
            for right in entry.rights if entry else ():
                _note(found, name, right, timeline, reading)
    for name, timeline in timelines.items():
        _keep_the_dead(found, name, timeline)
    return [track for track in found.values() if len(set(track.values)) > 1 or track.pegged]


def _timelines(spaces: Sequence[Entries]) -> dict[int, Timeline]:
    changed = {change.name for old, new in pairwise(spaces) for change in changed_names(old, new)}
    names = sorted(changed.union(*map(pegged_names, spaces)))
    lines: defaultdict[int, Timeline] = defaultdict(list)
    for space in spaces:
        rows = dict(zip(space.name, range(len(space)), strict=True))
        for name in names:
            row = rows.get(name)
            lines[name].append(None if row is None else space.entry(row))
    return lines


def _note(
    found: dict[tuple[object, Right], Track], name: int, right: Right, timeline: Timeline, reading: int
) -> None:
    entry = timeline[reading]
    assert entry is not None, "only what is there is noted"  # noqa: S101  for the type checker
    track = found.setdefault(_key(name, entry, right), Track(right, [0] * len(timeline)))
    count = references(entry, right)
    track.values[reading] += count or 0
    track.unknown |= count is None
    track.pegged |= count == UREFS_MAX
    track.name = name
    told = entry
    if right is Right.DEAD_NAME:
        told = next((past for past in reversed(timeline[:reading]) if past and _alive(past)), entry)
    # A port that has just died is a queue without a type, until its name is touched
    if track.seen is None or told.kobject or not track.seen.kobject:
        track.seen = told
    if reading == 0:
        track.was = timeline[reading]
    if reading == len(timeline) - 1:
        track.now = timeline[reading]


def _alive(entry: Entry | None) -> bool:
    return entry is not None and Right.DEAD_NAME not in entry.rights


def _key(name: int, entry: Entry, right: Right) -> tuple[object, Right]:
    if right is Right.DEAD_NAME or not entry.object:
        return ("name", name), right
    return entry.object, right


def _keep_the_dead(found: dict[tuple[object, Right], Track], name: int, timeline: Timeline) -> None:
    for reading, (before, after) in enumerate(pairwise(timeline), 1):
        if before is None or after is None or not _alive(before) or _alive(after):
            continue
        for right in MORTAL:
            if right in before.rights:
                track = found[_key(name, before, right)]
                for later in range(reading, len(timeline)):
                    track.values[later] += references(before, right) or 0
