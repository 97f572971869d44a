"""Read lsmp's JSON by its own layout, valid or not, whole or cut off.

A JSON parser would not do: process names are not escaped, so a name with quotes in it makes lsmp's
output invalid or, worse, valid with another meaning.
"""

from functools import partial
from itertools import pairwise

from portaudit.collect.lsmp import json_layout as layout
from portaudit.collect.lsmp.forgery import forged_rows
from portaudit.collect.lsmp.heading import Outside
from portaudit.collect.lsmp.json_layout import read_object
from portaudit.collect.lsmp.json_row import members_of, row_of
from portaudit.collect.lsmp.json_usual import RUN, shape_of, usual_row
from portaudit.collect.lsmp.layout import DESCRIPTION_MAX, text_of
from portaudit.collect.lsmp.row import Row, Run, Runs
from portaudit.collect.lsmp.space import Space
from portaudit.collect.lsmp.totals import take_back
from portaudit.collect.not_understood import NotUnderstood
from portaudit.model.snapshot import Line, Process

_SHOWN = 200
"""Bytes shown of what was not understood."""


UNNAMED = "a process whose name was not understood"


class JsonReader:
    """Reads lsmp's JSON once, from its first byte to its last."""

    def __init__(self, data: bytes) -> None:
        """Prepare to read these bytes."""
        self.spaces: list[Space] = []
        self.lost = NotUnderstood()
        self.outside = Outside()
        self._data = data
        self._reaches: dict[int, int] = {}
        self._described: tuple[int, int] = (-1, 0)
        """The last row with a description, and how far that can reach."""
        self._line = 1
        self._line_counted = 0

    def recognises(self) -> bool:
        """Whether this is lsmp's own layout, and not JSON that some other program wrote anew."""
        return layout.START.match(self._data) is not None

    def read(self) -> None:
        """Read all processes into `spaces`, and what was not understood into `lost`."""
        start = layout.START.match(self._data)
        at: int | None = start.end() if start else None
        while at is not None and (begin := layout.PROCESS.match(self._data, at)):
            at = self._read_process(int(begin[1]), at, begin.end())
        if at is not None and not self._data[at:].strip().startswith(b"]"):
            self._end_early(at)

    def _line_at(self, at: int) -> int:
        """Count lines up to an offset; it never goes back."""
        self._line += self._data.count(b"\n", self._line_counted, at)
        self._line_counted = max(at, self._line_counted)
        return self._line

    def _lose(self, at: int) -> None:
        self.lost.add(Line(self._line_at(at), text_of(self._data[at : at + _SHOWN])))

    def _end_early(self, at: int) -> None:
        self.outside.cut_off = True
        self._lose(at)

    def _read_process(self, pid: int, begin: int, name_at: int) -> int | None:
        """Read a process, and give the offset of the next; None if there is none."""
        name = layout.PROCESS_NAME.match(self._data, name_at)
        if name is None:
            self.outside.announce(pid, UNNAMED)
            self._lose(begin)
            return self._next_process(name_at)
        space = Space(Process(pid, name=text_of(name[1])), self._line_at(begin))
        at = self._read_totals(space, self._read_rows(space, name.end()))
        self.outside.rows += take_back(space)
        space.drop(forged_rows(space, self._reaches))
        self._reaches, self._described = {}, (-1, 0)
        self.spaces.append(space)
        return self._next_process(at)

    def _read_rows(self, space: Space, at: int) -> int:
        """Read rows until the totals, or the end; what is broken is skipped to the next sound row."""
        runs = Runs(self._data, RUN, partial(shape_of, pid=space.process.pid))
        while layout.TOTALS.match(self._data, at) is None:
            if run := runs.at(at, kept_back=1):
                at = self._take_run(space, run)
                continue
            if usual := usual_row(self._data, at, space.process.pid):
                at = self._take(space, at, *usual)
                continue
            read = read_object(self._data, at) if layout.ROW.match(self._data, at) else None
            row = row_of(read[0], space.process.pid) if read else None
            if read is None or row is None:
                space.lost += 1
                space.note_seam(cut=True)
                self._lose(at)
                resume = layout.ROW_OR_TOTALS.search(self._data, at + 1)
                if resume is None:
                    return len(self._data)
                at = resume.start()
                continue
            at = self._take(space, at, row, read[1])
            for member in members_of(read[0]):
                space.add_member(member)
        return at

    def _take_run(self, space: Space, run: Run) -> int:
        """Take a run of rows in, and give the offset of the next."""
        bounds = run.bounds()
        if run.begin <= self._described[1] or any(row.description is not None for row in run.rows):
            rows = zip(run.rows, pairwise(bounds), strict=True)
            for number, (row, (begin, behind)) in enumerate(rows, len(space.entries)):
                self._note_doubt(number, begin, behind - 1, described=row.description is not None)
        space.add_run(run)
        return bounds[-1]

    def _take(self, space: Space, begin: int, row: Row, end: int) -> int:
        """Take a row in, and give the offset of the next."""
        self._note_doubt(space.add(row), begin, end, described=row.description is not None)
        return end + (self._data[end : end + 1] == b",")

    def _note_doubt(self, number: int, begin: int, end: int, *, described: bool) -> None:
        """Doubt a row that the description before it has room for: lsmp of macOS 11 did not escape them."""
        row, reach = self._described
        if end <= reach:
            self._reaches[row] = number
        if described:
            self._described = (number, begin + DESCRIPTION_MAX)

    def _read_totals(self, space: Space, at: int) -> int:
        totals = layout.TOTALS.match(self._data, at)
        if totals is None:
            return at
        counts = (int(number) for number in totals.groups())
        space.totals = dict(zip(layout.TOTAL_WORDS, counts, strict=True))
        return totals.end()

    def _next_process(self, at: int) -> int | None:
        """Find the next process: exception ports and threads before it hold names, which can forge one."""
        for found in layout.NEXT_PROCESS.finditer(self._data, at):
            begin = layout.PROCESS.match(self._data, found.end())
            if begin and layout.PROCESS_NAME.match(self._data, begin.end()):
                return found.end()
            if begin:
                self.outside.announce(int(begin[1]), UNNAMED)
        end = b"]}]}]}" if b'"threads":[{' in self._data[at:] else b"]}]}"
        if not self._data.rstrip().endswith(end):
            self._end_early(max(at, len(self._data) - _SHOWN))
        return None
