"""Hold what was read of a table against what lsmp counted, and find rows that were never printed by it."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise

from portaudit.collect.lsmp.space import Space
from portaudit.model.kobject import VOUCHER
from portaudit.model.rights import DEAD_NAME_REQUEST_BIT, TYPE_BIT, Right
from portaudit.model.snapshot import Entries

_SLOT_SHIFT = 8
"""A name is a slot of the table and eight bits of generation (XNU osfmk/mach/port.h:244)."""

_KINDS: dict[str, Right] = {
    "RECEIVE": Right.RECEIVE,
    "SEND_ONCE": Right.SEND_ONCE,
    "PORT_SET": Right.PORT_SET,
    "DEAD_NAME": Right.DEAD_NAME,
    "SEND": Right.SEND,
}


def rows_of_kind(entries: Entries, key: str) -> set[int]:
    """Give the rows that lsmp counts under this word of its totals."""
    if key == "total":
        return set(range(len(entries)))
    if key == "VOUCHERS":
        return {row for row, kobject in enumerate(entries.kobject) if kobject == VOUCHER}
    bit = DEAD_NAME_REQUEST_BIT if key == "DNREQUEST" else TYPE_BIT[_KINDS[key]]
    return {row for row, bits in enumerate(entries.type) if bits & bit}


def borne_out(space: Space) -> bool:
    """Whether lsmp printed its totals, and every row that it counted was read."""
    return space.totals is not None and space.totals["total"] == len(space.entries)


def forged_rows(space: Space, doubtful: set[int]) -> set[int]:
    """Find rows that stand inside a description or a voucher's text, as far as that can be told.

    `doubtful` are the rows that begin where such a text may still go on. They are believed as long as
    lsmp's totals bear them out. Where they do not, the rows that break the order of the table go; where
    order does not tell, all doubtful rows of the kind that is too many: better a row lost, and said,
    than one made of thin air.
    """
    gone: set[int] = set()
    if not doubtful:
        return gone
    misplaced = _out_of_order(space.entries.name) & doubtful
    if space.totals is None:
        return misplaced
    for key in (*_KINDS, "VOUCHERS", "total"):
        rows = rows_of_kind(space.entries, key) - gone
        excess = len(rows) - space.totals[key]
        if excess > 0:
            gone |= _most_suspect(rows & doubtful, misplaced, excess)
    # Where lsmp left rows out, a forged one can hide in the gap, but not out of order
    return gone if gone or borne_out(space) else misplaced


def _most_suspect(rows: set[int], misplaced: set[int], excess: int) -> set[int]:
    return rows & misplaced if len(rows & misplaced) == excess else rows


def _out_of_order(names: Sequence[int]) -> set[int]:
    """Find the rows that no reading of the table as ascending slots can keep."""
    slots = [name >> _SLOT_SHIFT for name in names]
    if all(low < high for low, high in pairwise(slots)):
        return set()
    ending = _ascending_lengths(slots)
    starting = _ascending_lengths([-slot for slot in reversed(slots)])[::-1]
    longest = max(ending)
    return {row for row in range(len(slots)) if ending[row] + starting[row] - 1 < longest}


def _ascending_lengths(slots: Iterable[int]) -> list[int]:
    """Give, for each element, the length of the longest ascending run of elements that ends in it."""
    tails: list[int] = []
    lengths: list[int] = []
    for slot in slots:
        place = bisect_left(tails, slot)
        tails[place : place + 1] = [slot]
        lengths.append(place + 1)
    return lengths


def notes_of(space: Space) -> tuple[str, ...]:
    """Say where the rows that were read differ from what lsmp counted, and what was left out."""
    notes: list[str] = []
    if space.process.pid == 0:
        notes.append("lsmp calls it pid 0: it could not tell which process this is")
    if space.elided:
        notes.append(f"rows with columns left out: {space.elided}")
    if space.forged:
        notes.append(
            f"left out, as they may be the text of a description: {space.forged} (lsmp -j tells them apart)"
        )
    if space.totals is None:
        notes.append("lsmp's totals are missing: rows may be missing too")
    else:
        notes += _differences(space, space.totals)
    if space.members_listed != space.members_announced:
        notes.append(
            f"the port sets announce {space.members_announced} members, and {space.members_listed} are listed"
        )
    return tuple(notes)


def _differences(space: Space, totals: dict[str, int]) -> list[str]:
    notes = []
    for key in ("total", *_KINDS, "VOUCHERS"):
        read = len(rows_of_kind(space.entries, key))
        if read != totals[key]:
            notes.append(
                f"lsmp counted {key} = {totals[key]}, and {read} were read: {_reason(key, read, totals)}"
            )
    shown = len(rows_of_kind(space.entries, "DNREQUEST"))
    # Rows that lsmp left out can have the request, and a dead name's row does not show it
    silent = totals["DEAD_NAME"] + totals["total"] - len(space.entries)
    if not 0 <= totals["DNREQUEST"] - shown <= max(silent, 0):
        notes.append(f"lsmp counted DNREQUEST = {totals['DNREQUEST']}, and {shown} rows show it")
    return notes


def _reason(key: str, read: int, totals: dict[str, int]) -> str:
    if read > totals[key]:
        return "a row may be forged, or the totals are those of another table"
    if key in ("total", "SEND"):
        return "lsmp leaves out receive rights and port sets that it could not look into"
    return "rows are missing"
