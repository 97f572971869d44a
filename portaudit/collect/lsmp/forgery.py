"""Find rows that lsmp never printed: they stand inside a description, a name or a voucher's text.

A text with newlines can hold whole rows of lsmp's own layout. So a table has several readings: after each
row that has such a text, none of the following rows is real, or the first, or the first two, as far as the
text can reach. A reading is possible if it agrees with lsmp's totals and with the order of the kernel's
table, whose slots ascend. Of the possible readings those count that call the fewest rows forged; a row is
believed if all of these have it. Better a row lost, and said, than one made of thin air.
"""

from itertools import pairwise
from math import prod

from portaudit.collect.lsmp.space import Space
from portaudit.collect.lsmp.totals import KEYS, rows_of_kind

_SLOT_SHIFT = 8
"""A name is a slot of the table and eight bits of generation (XNU osfmk/mach/port.h:244)."""

_WORK_MAX = 2_000_000
"""Steps to spend on one table; beyond, every doubtful row goes."""

Needs = tuple[int, ...]
"""How many rows of each kind are too many, in the order of KEYS."""
Costs = dict[Needs, int]
"""Needs that are still open -> the fewest rows that had to be called forged to get there."""


def forged_rows(space: Space, reaches: dict[int, int]) -> set[int]:
    """Find rows that are or may be forged; `reaches`: row -> the last row that its text has room for."""
    if not reaches:
        return set()
    slots = [name >> _SLOT_SHIFT for name in space.entries.name]
    kinds = {key: rows_of_kind(space.entries, key) for key in KEYS}
    needs = tuple(max(len(kinds[key]) - _total(space, key, kinds[key]), 0) for key in KEYS)
    ascending = all(low < high for low, high in pairwise(slots))
    if ascending and not any(needs):
        return set()
    doubtful = {row for first, last in reaches.items() for row in range(first + 1, last + 1)}
    if prod(need + 1 for need in needs) ** 2 * len(slots) > _WORK_MAX:
        return doubtful
    counted = [tuple(int(row in kinds[key]) for key in KEYS) for row in range(len(slots))]
    for ordered in (slots, None):
        believed = _Readings(counted, needs, reaches, ordered).believed()
        if believed is not None:
            return doubtful - believed
    return set()


def _total(space: Space, key: str, rows: set[int]) -> int:
    total = space.totals_of(key)
    return len(rows) if total is None else total


class _Readings:
    """All readings of one table: paths from row to row that skip what a text may hold."""

    def __init__(
        self, counted: list[Needs], needs: Needs, reaches: dict[int, int], slots: list[int] | None
    ) -> None:
        self._counted = counted
        self._needs = needs
        self._reaches = reaches
        self._slots = slots
        self._end = len(counted)

    def _next_rows(self, row: int) -> range:
        """Give the rows that can follow this one, or the end."""
        if row < 0:
            return range(1)
        return range(row + 1, min(self._reaches.get(row, row) + 1, self._end) + 1)

    def _in_order(self, row: int, following: int) -> bool:
        if self._slots is None or row < 0 or following == self._end:
            return True
        return self._slots[row] < self._slots[following]

    def _less(self, needs: Needs, row: int, following: int) -> Needs:
        """Give what is still too much once the rows between these two are called forged."""
        for between in range(row + 1, following):
            needs = tuple(max(need - one, 0) for need, one in zip(needs, self._counted[between], strict=True))
        return needs

    def _edges(self) -> list[tuple[int, int]]:
        return [
            (row, following)
            for row in range(-1, self._end)
            for following in self._next_rows(row)
            if self._in_order(row, following)
        ]

    def believed(self) -> set[int] | None:
        """Give the rows that every reading with the fewest forged rows has; None if there is no reading."""
        edges = self._edges()
        arriving = self._arriving(edges)
        done = (0,) * len(self._needs)
        best = arriving.get(self._end, {}).get(done)
        if best is None:
            return None
        on_the_way = self._leading_to_the_end(edges, arriving, best)
        rows = set(range(self._end))
        for row, following in on_the_way:
            rows -= set(range(row + 1, following))
        return rows

    def _arriving(self, edges: list[tuple[int, int]]) -> dict[int, Costs]:
        arriving: dict[int, Costs] = {-1: {self._needs: 0}}
        for row, following in edges:
            for needs, cost in arriving.get(row, {}).items():
                left = self._less(needs, row, following)
                known = arriving.setdefault(following, {})
                known[left] = min(known.get(left, self._end), cost + following - row - 1)
        return arriving

    def _leading_to_the_end(
        self, edges: list[tuple[int, int]], arriving: dict[int, Costs], best: int
    ) -> set[tuple[int, int]]:
        """Walk back along the cheapest readings, and give the edges that one of them takes."""
        wanted: dict[int, set[tuple[Needs, int]]] = {self._end: {((0,) * len(self._needs), best)}}
        taken: set[tuple[int, int]] = set()
        for row, following in reversed(edges):
            for needs, cost in arriving.get(row, {}).items():
                there = (self._less(needs, row, following), cost + following - row - 1)
                if there in wanted.get(following, ()):
                    wanted.setdefault(row, set()).add((needs, cost))
                    taken.add((row, following))
        return taken
