"""A task's space through its readings: the references on each object with each right, one by one."""

from __future__ import annotations

from collections import defaultdict
from itertools import chain, pairwise
from typing import TYPE_CHECKING

from msgspec import Struct

from portaudit.analysis.kinds import IDENTITY, PERMANENT, POWER
from portaudit.analysis.rows import Timeline, references
from portaudit.model.kobject import THREAD_PORTS
from portaudit.model.rights import DEAD_NAME, RECEIVE, SEND, SEND_ONCE, UREFS_MAX, Right

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from portaudit.model.snapshot import Entry

Numbers = list[int | None]
"""References in each reading; None where a reading does not tell them."""

Key = tuple[object, Right]
"""What references are added up by: an object or, of what has none, a name; and the right."""

PAIR = 2
"""Readings: between two a send right that moved and an id used again look alike, and change nothing."""

LASTING = POWER | IDENTITY | PERMANENT | THREAD_PORTS
"""Kinds whose references count for one object, whatever the name."""

UNREAD_REFERENCES = "its references were not read"

MORTAL = (SEND, SEND_ONCE)


class Track(Struct, gc=False):
    """The references that one task holds on one object with one right, in each reading."""

    right: Right
    values: Numbers
    timeline: Timeline
    """The entries of its name; of the name that it had last, where it moved."""
    name: int
    was: Entry | None
    """The entry in the first reading."""
    object: int | None
    """The object's id; None for dead names and where it was not read."""
    doubt: str | None = None
    """Why the numbers cannot be judged."""

    @property
    def kobject(self) -> int | None:
        """The kobject type; of what has died, its type while it lived."""
        # A port that has just died is a queue without a type, until its name is touched
        known, last = None, None
        for entry in chain(reversed(self.timeline), (self.was,)):
            if entry is not None and entry is not last and DEAD_NAME not in entry.rights:
                if entry.kobject:
                    return entry.kobject
                known = entry.kobject if known is None else known
            last = entry
        return known

    @property
    def pegged(self) -> bool:
        """Whether the count stood at its maximum in some reading: it says nothing then."""
        return UREFS_MAX in self.values


def _joined(parts: list[Track], readings: int) -> list[Track]:
    """Give one track for a right that moved from name to name; several where ids collide."""
    if _collide(parts, readings) or all(_is_another(track, readings) for track in parts):
        return parts
    return [_sum(parts, readings)]


def _collide(parts: list[Track], readings: int) -> bool:
    # A space has one name for all send rights to a port; two kinds of object are two ports
    kinds = {track.kobject for track in parts} - {None, 0}
    one_name = parts[0].right in (SEND, RECEIVE)
    both = any(sum(bool(track.values[place]) for track in parts) > 1 for place in range(readings))
    return len(kinds) > 1 or (one_name and both)


def _is_another(track: Track, readings: int) -> bool:
    """Whether what has the id of one that went is a new object, which looks as if a right moved.

    A receive right ends its port when it goes, unless somebody sends it away and back.
    """
    if track.right is not SEND:
        return readings > PAIR or track.right is RECEIVE
    return readings > PAIR and track.kobject is not None and track.kobject not in LASTING


def _sum(parts: list[Track], readings: int) -> Track:
    last = max(reversed(parts), key=lambda part: max(at for at, one in enumerate(part.timeline) if one))
    values: Numbers = []
    for place in range(readings):
        told = [part.values[place] for part in parts]
        values.append(None if None in told else sum(number or 0 for number in told))
    last.values = values
    last.was = next((part.was for part in parts if part.was is not None), None)
    last.doubt = next((part.doubt for part in parts if part.doubt), None)
    return last


def tracks(lines: Mapping[int, Timeline], gaps: Sequence[str | None]) -> list[Track]:
    """Follow every right whose references changed between any two readings, or may have.

    References are added up per object and right, so that a right that moves to another name does not
    change; without object ids a name is followed by itself. What dies keeps its count: the loss of a
    right to a port that died is no loss, and the dead name carries the references. `gaps` says of each
    reading why names may be missing from it: what is not there then is not known.
    """
    found: dict[Key, Track] = {}
    more: defaultdict[Key, list[Track]] = defaultdict(list)
    whole = not any(gaps)
    for name, timeline in sorted(lines.items()):
        for key, track in (whole and _plain(name, timeline)) or _of_name(name, timeline, gaps):
            if found.setdefault(key, track) is not track:
                more[key].append(track)
    joined = (
        _joined([track, *more[key]], len(gaps)) if key in more else (track,) for key, track in found.items()
    )
    return [track for parts in joined for track in parts if _tells(track)]


def _tells(track: Track) -> bool:
    values = track.values
    return values.count(values[0]) < len(values) or UREFS_MAX in values or track.doubt is not None


def _of_name(name: int, timeline: Timeline, gaps: Sequence[str | None]) -> Iterator[tuple[Key, Track]]:
    """Give the tracks of one name: one for each object that it denoted, with each right."""
    made: dict[Key, Track] = {}
    stretches = list(_stretches(timeline))
    only = _only_object([entry for _, _, entry in stretches])
    for start, end, entry in stretches:
        for right in entry.rights:
            key = _key(name, entry, right, only)
            track = made.get(key)
            if track is None:
                number = key[0] if isinstance(key[0], int) else None
                values: Numbers = [0] * len(timeline)
                track = made[key] = Track(right, values, timeline, name, timeline[0], number)
            count = references(entry, right)
            track.values[start:end] = [count] * (end - start)
            if count is None:
                track.doubt = UNREAD_REFERENCES
    _keep_the_dead(made, name, timeline, only)
    several = len({number for number, _ in made}) > 1
    for key, track in made.items():
        yield key, _own_part(track, key, gaps) if several or any(gaps) else track


def _plain(name: int, timeline: Timeline) -> list[tuple[Key, Track]] | None:
    """Give the tracks of a name that denotes one living object with the same rights; None of any other."""
    first = timeline[0] or next(filter(None, timeline))
    rights, number = first.rights, first.object
    if not number or DEAD_NAME in rights:
        return None
    last: Entry | None = first
    for entry in timeline:
        if entry is not last and entry is not None and (entry.object != number or entry.rights != rights):
            return None
        last = entry
    return [((number, right), _track(name, timeline, number, right)) for right in rights]


def _track(name: int, timeline: Timeline, number: int, right: Right) -> Track:
    if right is not SEND:
        there: Numbers = [0 if entry is None else 1 for entry in timeline]
        return Track(right, there, timeline, name, timeline[0], number)
    values = [0 if entry is None else entry.urefs for entry in timeline]
    doubt = UNREAD_REFERENCES if None in values else None
    return Track(right, values, timeline, name, timeline[0], number, doubt)


def _stretches(timeline: Timeline) -> Iterator[tuple[int, int, Entry]]:
    """Give each stretch of readings in which a name did not change: its beginning, its end, the entry."""
    start = 0
    for end, entry in enumerate(timeline[1:], 1):
        before = timeline[start]
        if entry is not before:
            if before is not None:
                yield start, end, before
            start = end
    if (last := timeline[start]) is not None:
        yield start, len(timeline), last


def _own_part(track: Track, key: Key, gaps: Sequence[str | None]) -> Track:
    """Leave only the entries that denote this object, and mark what an incomplete reading cannot tell."""
    line = track.timeline
    if isinstance(key[0], int):
        mine: Timeline = [None] * len(line)
        for start, end, entry in _stretches(line):
            if _is_of(entry, key[0], track.right):
                mine[start:end] = [entry] * (end - start)
        track.timeline, track.was = mine, mine[0]
    for reading, gap in enumerate(gaps) if any(gaps) else ():
        if gap is not None and line[reading] is None and not track.values[reading]:
            track.values[reading] = None
            track.doubt = gap
    return track


def _is_of(entry: Entry, number: int, right: Right) -> bool:
    return entry.object == number or (right is not DEAD_NAME and DEAD_NAME in entry.rights)


def _only_object(entries: list[Entry]) -> int | None:
    """Give the one object that a name is known to denote: readings that do not tell it mean the same."""
    known = {entry.object for entry in entries if entry.object and not _dead(entry)}
    return known.pop() if len(known) == 1 else None


def _key(name: int, entry: Entry, right: Right, only: int | None = None) -> Key:
    if right is DEAD_NAME:
        return ("name", name), right
    return entry.object or only or ("name", name), right


def _keep_the_dead(made: dict[Key, Track], name: int, timeline: Timeline, only: int | None) -> None:
    if not any(right is DEAD_NAME for _, right in made):
        return
    for reading, (before, after) in enumerate(pairwise(timeline), 1):
        if before is None or after is None or _dead(before) or not _dead(after):
            continue
        for right in MORTAL:
            if right in before.rights:
                track = made[_key(name, before, right, only)]
                for later in range(reading, len(timeline)):
                    track.values[later] = (track.values[later] or 0) + (references(before, right) or 0)


def _dead(entry: Entry) -> bool:
    return DEAD_NAME in entry.rights


def recycled(line: Timeline) -> tuple[Entry, Entry] | None:
    """Give what a name was and is, where it denotes another port after the last reading than in the first."""
    was, now = line[0], line[-1]
    if was is None or now is None or _dead(now):
        return None  # what is dead never lives again
    another = _dead(was) or (was.object and now.object and was.object != now.object)
    return (was, now) if another else None
