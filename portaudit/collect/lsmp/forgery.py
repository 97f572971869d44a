"""Find rows that lsmp never printed: they stand inside a description, a name or a voucher's text.

A text with newlines can hold whole rows of lsmp's own layout. So a table has several readings: after each
row that has such a text, none of the following rows is real, or the first, or the first two, as far as the
text can reach. A reading is possible if it agrees with lsmp's totals and with the order of the kernel's
table, whose slots ascend. Of the possible readings those count that call the fewest rows forged; a row is
believed if all of these have it. Better a row lost, and said, than one made of thin air.
"""

from collections.abc import Iterator
from itertools import pairwise
from math import prod

from portaudit.collect.lsmp.space import Space
from portaudit.collect.lsmp.totals import KEYS, SLOT_SHIFT, counts_of, kinds_of

_STATES_MAX = 32
"""Ways to have too many rows that are followed at once; beyond, every doubtful row goes."""

Needs = tuple[int, ...]
"""How many rows of each kind are too many, in the order of KEYS."""
_SATISFIED: Needs = (0,) * len(KEYS)
Costs = dict[Needs, int]
"""Needs that are still open -> the fewest rows that had to be called forged to get there."""


def forged_rows(space: Space, reaches: dict[int, int]) -> set[int]:
    """Find rows that are or may be forged; `reaches`: row -> the last row that its text has room for."""
    if not reaches:
        return set()
    slots = [name >> SLOT_SHIFT for name in space.entries.name]
    counts = counts_of(space.entries)
    needs = tuple(_excess(space, key, counts[key]) for key in KEYS)
    ascending = all(low < high for low, high in pairwise(slots))
    if ascending and not any(needs):
        return set()
    doubtful = {row for first, last in reaches.items() for row in range(first + 1, last + 1)}
    if prod(need + 1 for need in needs) > _STATES_MAX:
        return doubtful
    for ordered in (slots, None):
        believed = _Readings(space, needs, reaches, ordered).believed()
        if believed is not None:
            return doubtful - believed
    return set()


def _excess(space: Space, key: str, read: int) -> int:
    total = space.totals_of(key)
    return 0 if total is None else max(read - total, 0)


class _Readings:
    """All readings of one table: paths from row to row that skip what a text may hold."""

    def __init__(self, space: Space, needs: Needs, reaches: dict[int, int], slots: list[int] | None) -> None:
        self._entries = space.entries
        self._needs = needs
        self._reaches = reaches
        self._slots = slots
        self._end = len(space.entries)

    def _next_rows(self, row: int) -> Iterator[int]:
        """Give the rows that can follow this one, or the end, as far as order allows."""
        last = self._reaches.get(row, row) if row >= 0 else -1
        for following in range(row + 1, min(last + 1, self._end) + 1):
            if (
                self._slots is None
                or row < 0
                or following == self._end
                or self._slots[row] < self._slots[following]
            ):
                yield following

    def _less(self, needs: Needs, row: int, following: int) -> Needs:
        """Give what is still too much once the rows between these two are called forged."""
        for between in range(row + 1, following):
            kinds = kinds_of(self._entries, between)
            needs = tuple(need - (need > 0 and key in kinds) for need, key in zip(needs, KEYS, strict=True))
        return needs

    def believed(self) -> set[int] | None:
        """Give the rows that every reading with the fewest forged rows has; None if there is no reading."""
        arriving = self._arriving()
        best = arriving.get(self._end, {}).get(_SATISFIED)
        if best is None:
            return None
        rows = set(range(self._end))
        for row, following in self._steps_of_the_best(arriving, best):
            rows -= set(range(row + 1, following))
        return rows

    def _arriving(self) -> dict[int, Costs]:
        arriving: dict[int, Costs] = {-1: {self._needs: 0}}
        for row in range(-1, self._end):
            for needs, cost in arriving.get(row, {}).items():
                for following in self._next_rows(row):
                    left = self._less(needs, row, following)
                    known = arriving.setdefault(following, {})
                    known[left] = min(known.get(left, self._end), cost + following - row - 1)
        return arriving

    def _steps_of_the_best(self, arriving: dict[int, Costs], best: int) -> Iterator[tuple[int, int]]:
        """Walk back along the cheapest readings, and give each step that one of them takes."""
        wanted: dict[int, set[tuple[Needs, int]]] = {self._end: {(_SATISFIED, best)}}
        for row in range(self._end - 1, -2, -1):
            for needs, cost in arriving.get(row, {}).items():
                for following in self._next_rows(row):
                    there = (self._less(needs, row, following), cost + following - row - 1)
                    if there in wanted.get(following, ()):
                        wanted.setdefault(row, set()).add((needs, cost))
                        yield row, following
