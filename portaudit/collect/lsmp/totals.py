"""Hold what was read of a table against what lsmp counted."""

from bisect import bisect_right
from collections import Counter
from functools import cache
from itertools import pairwise

from portaudit.collect.lsmp.space import Space
from portaudit.model.kobject import VOUCHER
from portaudit.model.rights import DEAD_NAME_REQUEST_BIT, RIGHTS_MASK, TYPE_BIT, Right
from portaudit.model.snapshot import Entries

_KINDS: dict[str, Right] = {
    "RECEIVE": Right.RECEIVE,
    "SEND_ONCE": Right.SEND_ONCE,
    "PORT_SET": Right.PORT_SET,
    "DEAD_NAME": Right.DEAD_NAME,
    "SEND": Right.SEND,
}

_ONE_NAME = TYPE_BIT[Right.SEND] | TYPE_BIT[Right.RECEIVE]
"""A space has one name for these rights to a port."""

SLOT_SHIFT = 8
"""A name is a slot of the table and eight bits of generation (XNU osfmk/mach/port.h:244)."""

KEYS = ("total", *_KINDS, "VOUCHERS")
"""The totals that count rows; DNREQUEST counts a mark that not every row shows."""


def kinds_of(entries: Entries, row: int) -> frozenset[str]:
    """Give the words of lsmp's totals that count this row."""
    return _kinds(entries.type[row] & RIGHTS_MASK, voucher=entries.kobject[row] == VOUCHER)


@cache
def _kinds(rights: int, *, voucher: bool) -> frozenset[str]:
    kinds = {key for key, right in _KINDS.items() if rights & TYPE_BIT[right]}
    return frozenset({"total", *kinds, *(["VOUCHERS"] if voucher else [])})


def counts_of(entries: Entries) -> Counter[str]:
    """Count the rows as lsmp does, under each word of its totals."""
    counts: Counter[str] = Counter()
    # A table has few kinds of rows, and each is looked at once
    for (bits, kobject), rows in Counter(zip(entries.type, entries.kobject, strict=True)).items():
        for kind in _kinds(bits & RIGHTS_MASK, voucher=kobject == VOUCHER):
            counts[kind] += rows
        counts["DNREQUEST"] += rows * bool(bits & DEAD_NAME_REQUEST_BIT)
    return counts


def take_back(space: Space, *, marks: bool = False) -> int:
    """Take back what stands behind a cut and is another process's, and give how many rows that are.

    Whoever cuts a print may cut the end of one table and the beginning of the next, and then the rows of two
    processes stand below one heading. But a space has one name for a port, the slots of a table ascend, and
    no table has more rows than lsmp counted. Where all that holds and the totals add up, what is no mark of
    omission was none. With `marks` only these are looked at.
    """
    cuts = [row for row, cut in sorted(space.seams.items()) if cut or not marks]
    if not cuts:
        return 0
    counts = counts_of(space.entries)
    adds_up = space.totals is not None and not _differences(counts, space.totals)
    begin = _port_twice(space.entries, cuts)
    if begin is None and not adds_up:
        begin = _slot_or_row_too_many(space, cuts, counts)
    if begin is not None:
        return space.end_at(begin)
    if adds_up and not marks:
        space.seams = {row: cut for row, cut in space.seams.items() if cut}
    return 0


def _port_twice(entries: Entries, cuts: list[int]) -> int | None:
    """Give the first of these places above and below which one port has a name."""
    first: dict[int | None, int] = {}
    found = len(entries)
    for row, (number, bits) in enumerate(zip(entries.object, entries.type, strict=True)):
        if bits & _ONE_NAME and number:
            above = first.setdefault(number, row)
            cut = cuts[place] if (place := bisect_right(cuts, above)) < len(cuts) else found
            found = min(found, cut if cut <= row else found)
    return found if found < len(entries) else None


def _slot_or_row_too_many(space: Space, cuts: list[int], counts: Counter[str]) -> int | None:
    slots = [name >> SLOT_SHIFT for name in space.entries.name]
    falls = [row for row, (above, slot) in enumerate(pairwise(slots), 1) if slot <= above]
    if falls and falls[0] in cuts:
        return falls[0]
    if any(counts[key] > (space.totals or counts)[key] for key in KEYS if key in (space.totals or counts)):
        return next((cut for cut in cuts if len(slots) - cut <= (space.totals_of("total") or 0)), None)
    return None


def gaps_of(space: Space, counts: Counter[str]) -> tuple[str, ...]:
    """Say why rows of this space may be missing; nothing if lsmp counted as many as were read.

    Totals that add up outweigh lines that were not understood: these were no rows.
    """
    gaps = ["lsmp's totals are missing: rows may be missing too"] if space.totals is None else []
    gaps += _differences(counts, space.totals or {})
    if space.seams:
        behind = len(space.entries) - min(space.seams)
        gaps.append(
            f"rows behind a place where lines were left out, which may be another process's: {behind}"
        )
    if only_members := space.only_in_sets():
        gaps.append(
            f"listed only as a member of a port set, where lsmp left its row out: {len(only_members)}"
        )
    if gaps and space.lost:
        gaps.append(f"lines of its table that were not understood: {space.lost}")
    return tuple(gaps)


def notes_of(space: Space, counts: Counter[str]) -> tuple[str, ...]:
    """Say what is odd in a table, though no row need be missing for it."""
    notes: list[str] = []
    if space.process.pid == 0:
        notes.append("lsmp calls it pid 0: it could not tell which process this is")
    if space.elided:
        notes.append(f"rows with columns left out: {space.elided}")
    if space.forged:
        notes.append(
            f"left out, as they may be the text of a description: {space.forged} (lsmp -j tells them apart)"
        )
    notes += _requests(counts, space.totals or {})
    if space.members_listed != space.members_announced:
        notes.append(
            f"the port sets announce {space.members_announced} members, and {space.members_listed} are listed"
        )
    return tuple(notes)


def _differences(counts: Counter[str], totals: dict[str, int]) -> list[str]:
    notes = []
    for key in filter(totals.__contains__, KEYS):
        read = counts[key]
        if read != totals[key]:
            notes.append(
                f"lsmp counted {key} = {totals[key]}, and {read} were read: {_reason(key, read, totals)}"
            )
    return notes


def _requests(counts: Counter[str], totals: dict[str, int]) -> list[str]:
    if not totals:
        return []
    shown = counts["DNREQUEST"]
    # Rows that lsmp left out can have the request, and a dead name's row does not show it
    silent = totals["DEAD_NAME"] + totals["total"] - counts["total"]
    if 0 <= totals["DNREQUEST"] - shown <= max(silent, 0):
        return []
    return [f"lsmp counted DNREQUEST = {totals['DNREQUEST']}, and {shown} rows show it"]


def _reason(key: str, read: int, totals: dict[str, int]) -> str:
    if read > totals[key]:
        return "a row may be forged, or the totals are those of another table"
    if key in ("total", "SEND"):
        return "lsmp leaves out receive rights and port sets that it could not look into"
    return "rows are missing"
