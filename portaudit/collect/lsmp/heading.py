"""What stands around lsmp's tables: where one begins, which tasks were not read, and what a print lacks.

What the process is called: names can forge that line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.layout import text_of
from portaudit.model.snapshot import NotRead, Process, Task

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


KEPT = 1000
"""More tasks than any Mac runs: what goes on beyond is a hostile file."""


@dataclass(slots=True)
class Failures:
    """Collects lsmp's complaints, from standard output or, where both were caught, standard error."""

    ignored: list[int] = field(default_factory=list)
    """lsmp's own names for the tasks that `-a` left out."""
    refused: list[tuple[int, str]] = field(default_factory=list)
    """Pid and error of each task whose space it could not read; these go to standard error."""
    calls: int = 0
    not_root: bool = False

    def take(self, line: bytes) -> bool:
        """Understand a line, if it is a complaint."""
        if found := layout.IGNORING.match(line):
            self.ignored += [int(found[1])] if len(self.ignored) < KEPT else []
        elif found := layout.SPACE_FAILED.match(line):
            self.refused += [(int(found[1]), text_of(found[2]))] if len(self.refused) < KEPT else []
        elif layout.NOT_ROOT.match(line):
            self.not_root = True
        elif layout.CALL_FAILED.match(line):
            self.calls += 1
        else:
            return False
        return True

    def tasks(self) -> list[Task]:
        """Give one task for each that lsmp could not read; its pid is None unless lsmp told it."""
        known = [
            Task(Process(pid), way="lsmp", not_read=NotRead(f"lsmp could not read its port space: {error}"))
            for pid, error in self.refused
        ]
        unknown = [
            Task(
                Process(),
                way="lsmp",
                not_read=NotRead(
                    f"lsmp could not read the port space of one task (0x{name:x} in its own space) and "
                    f"does not say which: it may have exited, or this system protects it"
                ),
            )
            for name in self.ignored[len(known) :]
        ]
        return known + unknown

    def notes(self) -> tuple[str, ...]:
        """Say what else lsmp complained of."""
        notes = []
        if self.not_root:
            notes.append("lsmp ran without root: it does not know who receives at the ports")
        if self.calls:
            notes.append(f"lsmp says that {self.calls} of its calls failed: rights may be missing")
        return tuple(notes)


NAMED = 10
"""So many processes are named; the others are counted."""


@dataclass(slots=True)
class Outside:
    """Collects, while a print is read, what shows that processes are missing from it."""

    announced: list[str] = field(default_factory=list)
    """Processes that have a heading and no table, as far as they are named."""
    unnamed: int = 0
    rows: int = 0
    """Rows that stand in no table."""
    cut_between: bool = False
    """Somebody left lines out between the tables."""
    cut_off: bool = False
    """The print ends before its end."""

    def announce(self, pid: int, name: str) -> None:
        """Take note of a process whose table is not there."""
        if len(self.announced) < NAMED:
            self.announced.append(f"{name} ({pid})")
        else:
            self.unnamed += 1

    def gaps(self, tables: int) -> tuple[str, ...]:
        """Say what is missing, a sentence each; what was left out behind the only table is not."""
        gaps = []
        if self.announced:
            more = f" and {self.unnamed} more" if self.unnamed else ""
            gaps.append(f"announced, and their tables are not there: {', '.join(self.announced)}{more}")
        if self.rows:
            gaps.append(f"rows that stand in no table of a process: {self.rows}")
        if self.cut_between and tables > 1:
            gaps.append("lines were left out between the tables: processes may be missing")
        if self.cut_off:
            gaps.append("it ends before its end: processes may be missing")
        return tuple(gaps)
