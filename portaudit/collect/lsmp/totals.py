"""Hold what was read of a table against what lsmp counted."""

from portaudit.collect.lsmp.space import Space
from portaudit.model.kobject import VOUCHER
from portaudit.model.rights import DEAD_NAME_REQUEST_BIT, TYPE_BIT, Right
from portaudit.model.snapshot import Entries

_KINDS: dict[str, Right] = {
    "RECEIVE": Right.RECEIVE,
    "SEND_ONCE": Right.SEND_ONCE,
    "PORT_SET": Right.PORT_SET,
    "DEAD_NAME": Right.DEAD_NAME,
    "SEND": Right.SEND,
}

KEYS = ("total", *_KINDS, "VOUCHERS")
"""The totals that count rows; DNREQUEST counts a mark that not every row shows."""


def rows_of_kind(entries: Entries, key: str) -> set[int]:
    """Give the rows that lsmp counts under this word of its totals."""
    if key == "total":
        return set(range(len(entries)))
    if key == "VOUCHERS":
        return {row for row, kobject in enumerate(entries.kobject) if kobject == VOUCHER}
    bit = DEAD_NAME_REQUEST_BIT if key == "DNREQUEST" else TYPE_BIT[_KINDS[key]]
    return {row for row, bits in enumerate(entries.type) if bits & bit}


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
    for key in KEYS:
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
