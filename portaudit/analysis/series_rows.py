"""From one task's readings to rows: lasting objects each by itself, new names by their class."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from portaudit.analysis.course import course_of_class, course_of_row, fit, kept_steps
from portaudit.analysis.readings import Readings
from portaudit.analysis.rows import references
from portaudit.analysis.tracks import Track
from portaudit.model.difference import Change, Course, Kept, SeriesRow
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entries, Entry

GOES_ON = (Course.EVERY_ROUND, Course.SOME_ROUNDS)

ClassKey = tuple[Right, int | None, str | None, str | None]
"""Right, kobject type, description, and the role whose task port it is."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A task's readings, its tracks, and which role owns which task port."""

    readings: Readings
    owners: Mapping[int, str]

    def key(self, right: Right, entry: Entry | None) -> ClassKey:
        """Give the class of a right: names of one class that come each round are one leak."""
        if right is Right.DEAD_NAME or entry is None:
            return right, None, None, None
        return right, entry.kobject, entry.class_name, self.owners.get(entry.object or 0)


def rows_of(followed: Followed, tracks: Iterable[Track]) -> Iterator[SeriesRow]:
    """Give a row for each object whose references changed, one for each class of names that came or went."""
    classes: defaultdict[ClassKey, list[Track]] = defaultdict(list)
    for track in tracks:
        kept = course_of_row(track.values)
        if kept.course in GOES_ON or (track.values[0] and track.values[-1]):
            yield _row(followed, track, kept)
        else:
            classes[followed.key(track.right, track.seen)].append(track)
    for key, members in classes.items():
        yield from _class_rows(followed, key, members)


def _row(followed: Followed, track: Track, kept: Kept) -> SeriesRow:
    values = tuple(track.values)
    return SeriesRow(_change(followed, track, values), kept, fit(values))


def _class_rows(followed: Followed, key: ClassKey, members: list[Track]) -> Iterator[SeriesRow]:
    in_use = any(track.values[0] == track.values[-1] for track in members)
    stayed = 0
    for sign in (1, -1):
        group = [track for track in members if (track.values[-1] - track.values[0]) * sign > 0]
        stayed += len(group)
        if len(group) == 1:
            yield _row(followed, group[0], course_of_row(group[0].values))
        elif group:
            yield _class_row(followed, key, group, in_use=in_use or stayed > len(group))
    if not stayed:
        values = tuple(map(sum, zip(*(track.values for track in members), strict=True)))
        kept = Kept(Course.COMES_AND_GOES, (0,) * (len(values) - 1))
        yield SeriesRow(_change(followed, members[-1], values), kept, fit(values), _alone(followed, members))


def _class_row(followed: Followed, key: ClassKey, group: list[Track], *, in_use: bool) -> SeriesRow:
    rounds = len(group[0].values) - 1
    steps = [kept_steps(track.values) for track in group]
    total = tuple(sum(step[place] for step in steps if place < len(step)) for place in range(rounds))
    levels = tuple(accumulate(total, initial=_held_at_first(followed, key)))
    newest = max(group, key=lambda track: next((place for place, v in enumerate(track.values) if v), 0))
    kept = course_of_class(total, in_use=in_use, late=key[0] is Right.DEAD_NAME)
    return SeriesRow(_change(followed, newest, levels, one=False), kept, fit(levels), _alone(followed, group))


def _alone(followed: Followed, members: list[Track]) -> tuple[Change, ...]:
    return tuple(_change(followed, track, tuple(track.values)) for track in members)


def _held_at_first(followed: Followed, key: ClassKey) -> int:
    first: Entries = followed.readings.spaces[0]
    return sum(references(entry, key[0]) or 0 for entry in first if followed.key(key[0], entry) == key)


def _change(followed: Followed, track: Track, values: tuple[int, ...], *, one: bool = True) -> Change:
    task = followed.readings.last
    number = track.object
    return Change(
        role=task.role,
        process=task.process,
        name=track.name,
        object=number if one else None,
        kobject=track.kobject,
        right=track.right,
        before=values[0],
        after=values[-1],
        of=followed.owners.get(number) if number is not None else None,
        was=track.was,
        now=track.now,
        series=values,
    )
