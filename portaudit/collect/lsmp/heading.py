"""Where the table of a process begins, and what the process is called: names can forge that line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from portaudit.collect.lsmp import layout

_SELF_WINDOW = 8192
"""How far into a table its row for the process's own task is looked for; it is one of the first."""

_ANNOUNCES = b"Process ("
_TO_COLON = len(b"Process (-1234567890) ")
_COLONS_MAX = 1000
_PROCESS_LINE = re.compile(rb"^" + layout.PROCESS.pattern, re.MULTILINE)
_TABLE_BEGINS = re.compile(rb"\n(?=" + layout.HEADER.pattern + rb")")
_ROW_BEGINS = re.compile(rb"[^\n]*\n(?=0x[0-9a-f]{8}\s+0x[0-9a-f]{8}\s)")


@dataclass(frozen=True, slots=True)
class Heading:
    """A `Process (pid) : name` that a table follows."""

    pid: int
    name: bytes
    begin: int
    """Offset of the word Process."""
    end: int
    """Offset of the newline after the name."""


def heading_at(data: bytes, begin: int) -> Heading | None:
    """Read the heading that begins at this offset or, if its name forged one, the real one behind it.

    Returns None if no table follows within the length of a name.
    """
    end = _end_of_name(data, begin)
    if end is None:
        return None
    candidates = [
        Heading(int(found[1]), data[found.end() : end].rstrip(b"\n"), found.start(), end)
        for found in _PROCESS_LINE.finditer(data, begin, end)
    ]
    return candidates[0] if len(candidates) == 1 else _most_likely(candidates, data, end)


def _end_of_name(data: bytes, begin: int) -> int | None:
    first = layout.PROCESS.match(data, begin)
    if first is None:
        return None
    limit = first.end() + layout.PROCESS_NAME_MAX
    table = _TABLE_BEGINS.search(data, first.end(), limit + 64)
    if table and table.start() <= limit:
        return table.start()
    row = _ROW_BEGINS.match(data, first.end(), limit + 64)
    return row.end() - 1 if row else None


def _most_likely(candidates: list[Heading], data: bytes, end: int) -> Heading:
    """Prefer the process that the table itself calls SELF; else what stands nearest to a blank line."""
    table = data[end : end + _SELF_WINDOW]
    for heading in candidates:
        if b" SELF (%d) %s\n" % (heading.pid, heading.name) in table:
            return heading
    return candidates[-1] if b"\n\n" in candidates[0].name else candidates[0]


def ends_within_a_heading(data: bytes) -> bool:
    """Whether a text was cut off in the words that announce a process."""
    last = data[data.rfind(b"\n") + 1 :]
    return bool(last) and _ANNOUNCES.startswith(last[: len(_ANNOUNCES)]) and not layout.PROCESS.match(last)


def names_with_newlines(data: bytes) -> dict[int, bytes]:
    """Map the pids of processes whose names hold a newline to these names."""
    names: dict[int, bytes] = {}
    for begin in _process_lines(data):
        heading = heading_at(data, begin)
        if heading and heading.begin == begin and b"\n" in heading.name:
            names[heading.pid] = heading.name
    return names


def _process_lines(data: bytes) -> Iterator[int]:
    """Find the lines that announce a process: by their colons, as long as these are few."""
    at = 0
    for _ in range(_COLONS_MAX):
        colon = data.find(b":", at)
        if colon < 0:
            return
        at = colon + 1
        if found := _PROCESS_LINE.search(data, max(0, colon - _TO_COLON), colon + 2):
            yield found.start()
    yield from (found.start() for found in _PROCESS_LINE.finditer(data, at))
