"""Which rows of a space changed between two readings: the fast path, in columns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from operator import ne

from portaudit.model.rights import RIGHTS_MASK, UREFS_MAX, Right
from portaudit.model.snapshot import Entries, Entry


@dataclass(frozen=True, slots=True)
class ChangedName:
    """A name whose rights, references or object differ: what it was, and what it is now."""

    name: int
    was: Entry | None
    now: Entry | None


def changed_names(before: Entries, after: Entries) -> list[ChangedName]:
    """Give the names that differ, in the order of their numbers.

    Requests armed on a name come and go and are no change.
    """
    if before.name == after.name:
        pairs: Iterable[tuple[int | None, int | None]] = ((row, row) for row in _differing(before, after))
    else:
        pairs = _moved(before, after)
    changed = [_changed(before, after, was, now) for was, now in pairs]
    return sorted(changed, key=lambda name: name.name)


def _changed(before: Entries, after: Entries, was: int | None, now: int | None) -> ChangedName:
    name = after.name[now] if now is not None else before.name[was or 0]
    old = None if was is None else before.entry(was)
    return ChangedName(name, old, None if now is None else after.entry(now))


def _moved(before: Entries, after: Entries) -> Iterator[tuple[int | None, int | None]]:
    """Pair the rows of two spaces that do not have the same names, where they differ."""
    old_rows, new_rows = _rows(before), _rows(after)
    yield from ((old_rows[name], None) for name in old_rows.keys() - new_rows.keys())
    yield from ((None, new_rows[name]) for name in new_rows.keys() - old_rows.keys())
    common = list(old_rows.keys() & new_rows.keys())
    was, now = ([rows[name] for name in common] for rows in (old_rows, new_rows))
    yield from ((was[row], now[row]) for row in _differing(_picked(before, was), _picked(after, now)))


def _rows(entries: Entries) -> dict[int, int]:
    return dict(zip(entries.name, range(len(entries)), strict=True))


def _picked(entries: Entries, rows: list[int]) -> Entries:
    return Entries(
        type=[entries.type[row] for row in rows],
        urefs=[entries.urefs[row] for row in rows],
        object=[entries.object[row] for row in rows],
    )


def _differing(one: Entries, other: Entries) -> set[int]:
    """Give the rows that differ in rights, references or object, of spaces with the same names."""
    rows: set[int] = set()
    for left, right in ((one.urefs, other.urefs), (one.object, other.object)):
        rows.update(compress(range(len(left)), map(ne, left, right)))
    if one.type != other.type:
        kinds = enumerate(zip(one.type, other.type, strict=True))
        rows |= {row for row, (a, b) in kinds if (a ^ b) & RIGHTS_MASK}
    return rows


def references(entry: Entry | None, right: Right) -> int | None:
    """Count the references that an entry holds with one right; 0 if it has no such right."""
    if entry is None or right not in entry.rights:
        return 0
    return entry.urefs if right in (Right.SEND, Right.DEAD_NAME) else 1


def pegged_names(entries: Entries) -> set[int]:
    """Give the names whose count stands at its maximum, and says nothing."""
    if UREFS_MAX not in entries.urefs:
        return set()
    return {name for name, urefs in zip(entries.name, entries.urefs, strict=True) if urefs == UREFS_MAX}
