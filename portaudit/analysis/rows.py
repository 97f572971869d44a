"""Which rows of a space changed from reading to reading: in columns, and in slices where they agree."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress, pairwise, repeat
from operator import eq, ne

from portaudit.model.once import ascend
from portaudit.model.rights import DEAD_NAME, RIGHTS_MASK, SEND, UREFS_MAX, Right
from portaudit.model.snapshot import Entries, Entry

SAYS_NOTHING = frozenset({UREFS_MAX, None})
"""Counts of references that are none."""

ChangedRow = tuple[int, int | None, int | None]
"""A name whose rights, references or object differ, and its row before and after; None where it was not."""


Ordered = tuple[Entries, Sequence[int]]
"""The columns that are compared in the order of their names, and which row each was."""


def changed_rows(spaces: Sequence[Entries]) -> Iterator[Iterable[ChangedRow]]:
    """Give the names that differ between each two. Requests armed on a name come and go and are no change."""
    ordered: Ordered | None = None
    for before, after in pairwise(spaces):
        if before.name == after.name:
            ordered = None
            yield [(before.name[row], row, row) for row in _differing(before, after, 0, 0, len(before))]
        else:
            old, ordered = ordered or _ascending(before), _ascending(after)
            yield _moved(old, ordered)


def _moved(before: Ordered, after: Ordered) -> Iterator[ChangedRow]:
    """Compare two spaces that do not have the same names."""
    (old, old_rows), (new, new_rows) = before, after
    here = there = 0
    for old_start, new_start, length in (*common_runs(old.name, new.name), (len(old), len(new), 0)):
        for row in range(here, old_start):
            yield old.name[row], old_rows[row], None
        for row in range(there, new_start):
            yield new.name[row], None, new_rows[row]
        for row in _differing(old, new, old_start, new_start, length):
            yield old.name[old_start + row], old_rows[old_start + row], new_rows[new_start + row]
        here, there = old_start + length, new_start + length


def _ascending(entries: Entries) -> Ordered:
    if ascend(entries.name):
        return entries, range(len(entries))
    rows = sorted(range(len(entries)), key=entries.name.__getitem__)
    return Entries(
        name=[entries.name[row] for row in rows],
        type=[entries.type[row] for row in rows],
        urefs=[entries.urefs[row] for row in rows],
        object=[entries.object[row] for row in rows],
    ), rows


def _differing(one: Entries, other: Entries, here: int, there: int, length: int) -> set[int]:
    """Give the places in a run of common names at which rights, references or object differ."""
    rows: set[int] = set()
    for left, right in ((one.urefs, other.urefs), (one.object, other.object)):
        mine, yours = left[here : here + length], right[there : there + length]
        if mine != yours:
            rows.update(compress(range(length), map(ne, mine, yours)))
    kinds, new_kinds = one.type[here : here + length], other.type[there : there + length]
    if kinds != new_kinds:
        others = compress(range(length), map(ne, kinds, new_kinds))
        rows |= {row for row in others if (kinds[row] ^ new_kinds[row]) & RIGHTS_MASK}
    return rows


def references(entry: Entry, right: Right) -> int | None:
    """Count the references that an entry holds with one of its rights; None where nobody read them."""
    return entry.urefs if right is SEND or right is DEAD_NAME else 1


Timeline = list[Entry | None]
"""What one name was in each reading."""


def timelines(spaces: Sequence[Entries]) -> dict[int, Timeline]:
    """Follow every name that changed between any two readings, or whose count says nothing in one."""
    lines: dict[int, Timeline] = {}
    for reading, changed in enumerate(changed_rows(spaces), 1):
        old, new = spaces[reading - 1], spaces[reading]
        for name, before, after in changed:
            line = lines.get(name)
            if line is None:
                line = lines[name] = [None if before is None else old.entry(before)]
            if len(line) < reading:
                line += [line[-1]] * (reading - len(line))
            line.append(None if after is None else new.entry(after))
    for line in lines.values():
        line.extend([line[-1]] * (len(spaces) - len(line)))
    first = spaces[0]  # what has not changed stands there, too
    for row in _without_a_count(first.urefs):
        if (name := first.name[row]) not in lines:
            lines[name] = [first.entry(row)] * len(spaces)
    return lines


def _without_a_count(counts: Sequence[int | None]) -> Iterator[int]:
    """Give the rows whose references say nothing: at their maximum, or not read."""
    for number in SAYS_NOTHING.intersection(counts):
        yield from compress(range(len(counts)), map(eq, counts, repeat(number)))


def common_runs(one: Sequence[int], other: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Give each run of numbers that stand in both: its place in the one, in the other, and its length.

    Both lists ascend. What lies between the runs stands in one list only.
    """
    here, there = 0, 0
    while here < len(one) and there < len(other):
        if one[here] == other[there]:
            length = _length(one, here, other, there)
            yield here, there, length
            here, there = here + length, there + length
        elif one[here] < other[there]:
            here = bisect_left(one, other[there], here)
        else:
            there = bisect_left(other, one[here], there)


def _length(one: Sequence[int], here: int, other: Sequence[int], there: int) -> int:
    """Count how far the lists agree from two places on: in steps that double, then halve."""
    most = min(len(one) - here, len(other) - there)
    length, step = 1, 1
    while length + step <= most and _agree(one, here + length, other, there + length, step):
        length, step = length + step, step * 2
    while step:
        if length + step <= most and _agree(one, here + length, other, there + length, step):
            length += step
        step //= 2
    return length


def _agree(one: Sequence[int], here: int, other: Sequence[int], there: int, step: int) -> bool:
    return one[here : here + step] == other[there : there + step]
