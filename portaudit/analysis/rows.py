"""Which rows of a space changed between two readings: the fast path, in columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import compress
from operator import ne, not_

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
        changed = [_both(before, after, row, row) for row in _differing(before, after)]
    else:
        changed = list(_moved(before, after))
    return sorted(changed, key=lambda name: name.name)


def _both(before: Entries, after: Entries, was: int, now: int) -> ChangedName:
    return ChangedName(after.name[now], before.entry(was), after.entry(now))


def _moved(before: Entries, after: Entries) -> Iterator[ChangedName]:
    """Compare two spaces that do not have the same names."""
    common = set(before.name).intersection(after.name)
    was, now = (list(map(common.__contains__, entries.name)) for entries in (before, after))
    old_rows, new_rows = (list(compress(range(len(there)), there)) for there in (was, now))
    gone, new = (compress(range(len(there)), map(not_, there)) for there in (was, now))
    yield from (ChangedName(before.name[row], before.entry(row), None) for row in gone)
    yield from (ChangedName(after.name[row], None, after.entry(row)) for row in new)
    one, other = _picked(before, was), _picked(after, now)
    if one.name != other.name:
        row_of = dict(zip(other.name, new_rows, strict=True))
        new_rows = [row_of[name] for name in one.name]
        other = _rows(after, new_rows)
    yield from (_both(before, after, old_rows[row], new_rows[row]) for row in _differing(one, other))


def _picked(entries: Entries, chosen: list[bool]) -> Entries:
    return Entries(
        name=list(compress(entries.name, chosen)),
        type=list(compress(entries.type, chosen)),
        urefs=list(compress(entries.urefs, chosen)),
        object=list(compress(entries.object, chosen)),
    )


def _rows(entries: Entries, rows: list[int]) -> Entries:
    return Entries(
        type=list(map(entries.type.__getitem__, rows)),
        urefs=list(map(entries.urefs.__getitem__, rows)),
        object=list(map(entries.object.__getitem__, rows)),
    )


def _differing(one: Entries, other: Entries) -> set[int]:
    """Give the rows that differ in rights, references or object, of spaces with the same names."""
    rows: set[int] = set()
    for left, right in ((one.urefs, other.urefs), (one.object, other.object)):
        if left != right:
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
