"""Which rows of a space changed between two readings: the fast path, in columns."""

from collections.abc import Iterator
from dataclasses import dataclass

from portaudit.model.rights import RIGHTS_MASK, TYPE_BIT, UREFS_MAX, Right
from portaudit.model.snapshot import Entries, Entry


@dataclass(frozen=True, slots=True)
class ChangedName:
    """A name whose rights, references or object differ: what it was, and what it is now."""

    name: int
    was: Entry | None
    now: Entry | None


def changed_names(before: Entries, after: Entries) -> Iterator[ChangedName]:
    """Yield the names that differ, in the order of their numbers.

    Requests armed on a name come and go and are no change; an object id or a count that one side
    does not know is none either.
    """
    old, new = _rows(before), _rows(after)
    gone, come = old.keys() - new.keys(), new.keys() - old.keys()
    old_rows = {key[0]: old[key] for key in gone}
    new_rows = {key[0]: new[key] for key in come}
    old_receive = before.receive_rows() if gone else {}
    new_receive = after.receive_rows() if come else {}
    for name in sorted(old_rows.keys() | new_rows.keys()):
        was, now = old_rows.get(name), new_rows.get(name)
        yield ChangedName(
            name,
            None if was is None else before.entry(was, old_receive.get(was)),
            None if now is None else after.entry(now, new_receive.get(now)),
        )


def _rows(entries: Entries) -> dict[tuple[int, int, int | None, int | None], int]:
    rights = map(RIGHTS_MASK.__and__, entries.type)
    keys = zip(entries.name, rights, entries.urefs, entries.object, strict=True)
    return dict(zip(keys, range(len(entries)), strict=True))


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


def has_right(type_bits: int, right: Right) -> bool:
    """Whether a name's type bits carry this right."""
    return bool(type_bits & TYPE_BIT[right])
