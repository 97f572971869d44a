"""Read lsmp's text: a state machine over its lines that believes no line out of its place."""

import re
from functools import cached_property

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.forgery import forged_rows
from portaudit.collect.lsmp.free_text import DESCRIPTION, NAME, VOUCHER, FreeText, FreeTexts
from portaudit.collect.lsmp.heading import (
    Failures,
    Heading,
    Outside,
    ends_within_a_heading,
    heading_at,
    names_with_newlines,
)
from portaudit.collect.lsmp.layout import Lines, text_of
from portaudit.collect.lsmp.row import Row, Runs
from portaudit.collect.lsmp.space import Space
from portaudit.collect.lsmp.text_row import member_of, read_entry, shape_of
from portaudit.collect.lsmp.totals import take_back
from portaudit.collect.not_understood import NotUnderstood
from portaudit.model.snapshot import Line, Process

_HOLDER_BEFORE = re.compile(rb"\((-?\d{1,10})\) \Z")


class TextReader:
    """Reads lsmp's text once, from its first byte to its last."""

    def __init__(self, data: bytes) -> None:
        """Prepare to read this text, whose lines end in a newline alone."""
        self.spaces: list[Space] = []
        self.lost = NotUnderstood()
        self.failures = Failures()
        self.outside = Outside()
        self._data = data
        self._lines = Lines(data)
        self._runs = Runs(data, layout.RUN, shape_of)
        self._space: Space | None = None
        self._texts = FreeTexts()
        self._names = names_with_newlines(data)

    @cached_property
    def _has_totals(self) -> bool:
        return layout.TOTALS.search(self._data) is not None

    def read(self) -> None:
        """Read all lines into `spaces`, `failures` and `lost`."""
        for line in self._lines:
            if not line or line.isspace():
                continue
            if len(line) > layout.LINE_MAX:
                self._note_seam(cut=False)
                self._lose()
            elif not layout.MAY_BE_ITS_OWN.match(line):
                self._stray(line)
            elif self._begins_table(line):
                continue
            elif self._space is None or self._space.closed:
                self._between_tables(line)
            else:
                self._in_table(self._space, line)
        self._close()
        self.outside.cut_off = ends_within_a_heading(self._data) or self._ends_within_totals()

    def _ends_within_totals(self) -> bool:
        """Whether one table lacks the last of the totals, which lsmp of OS X 10.9 printed for none."""
        return len({"VOUCHERS" in space.totals for space in self.spaces if space.totals}) > 1

    def _lose(self) -> None:
        if self._space and not self._space.closed:
            self._space.lost += 1
        self._lose_line(self._lines.number, self._lines.begin, self._lines.end)

    def _lose_line(self, number: int, begin: int, end: int) -> None:
        self.lost.add(Line(number, text_of(self._data[begin : min(end, begin + layout.LINE_MAX)])))

    def _in_reach(self, end: int) -> bool:
        """Whether what ends here can still be part of a text that began above."""
        return self._texts.reach_to(end)

    def _begins_table(self, line: bytes) -> bool:
        table_open = self._space is not None and not self._space.closed
        if layout.PROCESS.match(line):
            heading = heading_at(self._data, self._lines.begin)
            if heading is None:
                self._announced(line, table_open=table_open)
                return False
            if not self._believable(heading, table_open=table_open):
                return False
            self._open(Process(heading.pid, name=text_of(heading.name)))
            self._lines.skip_to(heading.end)
            return True
        if not layout.HEADER.match(line) or (table_open and self._in_reach(self._lines.end)):
            return False
        if not table_open:
            self._open(Process())
        return True

    def _announced(self, line: bytes, *, table_open: bool) -> None:
        """Take note of a heading without a table, unless it may be part of a name or description."""
        found = layout.PROCESS.match(line)
        if found and not (table_open and self._in_reach(self._lines.end)):
            self.outside.announce(int(found[1]), text_of(line[found.end() :]))

    def _believable(self, heading: Heading, *, table_open: bool) -> bool:
        """Whether a table may begin here: not inside a text that has room for a whole forged one."""
        if heading.begin != self._lines.begin:
            return False
        if not self._in_reach(heading.end):
            return True
        if table_open:
            return not self._has_totals
        return self._data[max(0, heading.begin - 2) : heading.begin] == b"\n\n"

    def _open(self, process: Process) -> Space:
        self._close()
        self._space = Space(process, self._lines.number)
        return self._space

    def _in_table(self, space: Space, line: bytes) -> None:
        if line.startswith(b"0x") and self._take_run(space):
            return
        if line.startswith(b"0x") and (row := read_entry(line)):
            self._take_row(space, row)
        elif not (self._take_totals(space) or self._take_side_row(space, line) or self._take_known(line)):
            self._stray(line)

    def _take_run(self, space: Space) -> bool:
        """Take the usual rows that begin here, if the first is one."""
        lines = self._lines
        if self._names or self._in_reach(lines.end):
            return False
        run = self._runs.at(lines.begin)
        if run is None:
            return False
        end = self._texts.take_run(run, len(space.entries), lines.number)
        space.add_run(run)
        lines.skip_run(end, len(run.lines))
        return True

    def _take_row(self, space: Space, row: Row) -> None:
        number = space.add(row)
        if row.elided:
            self._lose()
        self._texts.offer(self._lines.number, self._lines.begin, self._lines.end, number)
        if row.text_at is not None:
            kind = NAME if row.description is None else DESCRIPTION
            self._text_begins(kind, self._lines.begin + row.text_at)

    def _take_totals(self, space: Space) -> bool:
        found = layout.TOTALS.match(self._data, self._lines.begin)
        if found is None:
            return False
        counts = zip(layout.TOTAL_KEYS, found.groups(), strict=True)
        totals = {key.decode(): int(number) for key, number in counts if number is not None}
        if self._in_reach(found.end()) and self._forged_totals(totals["total"], found.end()):
            return False
        space.totals = totals
        space.closed = True
        self._lines.skip_to(found.end())
        return True

    def _forged_totals(self, total: int, end: int) -> bool:
        """Whether totals that a description has room for are its text: wrong, or not the table's last."""
        if self._space and total < len(self._space.entries) - self._texts.doubtful:
            return True
        following = layout.TOTALS_OR_HEADER.search(self._data, end)
        return following is not None and following[1] is not None

    def _take_side_row(self, space: Space, line: bytes) -> bool:
        """Take a `+` row (who else has a right to the port above) or a ` -` row (a port set's member)."""
        if found := layout.MEMBER.match(line):
            member = member_of(found)
            if member and not self._in_reach(self._lines.end):
                space.add_member(member)
        else:
            found = layout.OTHER_HOLDER.match(line)
        if found:
            self._text_begins(NAME, self._lines.begin + found.end())
        return found is not None or layout.RULE.match(line) is not None

    def _take_known(self, line: bytes) -> bool:
        if layout.VOUCHER.match(line):
            self._text_begins(VOUCHER, self._lines.begin)
            return True
        if layout.VOUCHER_DETAIL.match(line):
            return True
        return not self._in_reach(self._lines.end) and self.failures.take(line)

    def _between_tables(self, line: bytes) -> None:
        if self._space is None and (row := read_entry(line)):
            self._take_row(self._open(Process()), row)
        elif layout.AFTER_TABLE.match(line):
            if b"oucher: 0x" in line:
                self._text_begins(VOUCHER, self._lines.begin)
        elif not (self._take_known(line) or layout.RULE.match(line)):
            self.outside.rows += layout.ENTRY.match(line) is not None
            self.outside.cut_between |= layout.CUT.match(line) is not None
            self._stray(line)

    def _text_begins(self, kind: int, begin: int) -> None:
        row = len(self._space.entries) - 1 if self._space else -1
        text = FreeText(kind, begin, self._lines.end, row)
        if self._names and kind == NAME:
            self._finish_known_name(text)
        self._texts.begin(text)

    def _finish_known_name(self, text: FreeText) -> None:
        """Skip the rest of a name with newlines that a heading told in full."""
        holder = _HOLDER_BEFORE.search(self._data, max(0, text.begin - 16), text.begin)
        name = self._names.get(int(holder[1])) if holder else None
        if name and self._data.startswith(name + b"\n", text.begin):
            self._lines.skip_to(text.begin + len(name))
            text.end = text.begin + len(name)
            self._texts.is_longer(text)

    def _stray(self, line: bytes) -> None:
        """Keep a line that is nothing by itself for the text above it, if there can be one."""
        lines = self._lines
        cut = layout.CUT.match(line) is not None
        self._note_seam(cut=cut)
        if cut or not self._texts.offer(lines.number, lines.begin, lines.end):
            self._lose()

    def _note_seam(self, *, cut: bool) -> None:
        if self._space and not self._space.closed:
            self._space.note_seam(cut=cut)

    def _close(self) -> None:
        """Settle what is whose in the table that was read, and make ready for the next."""
        space, texts = self._space, self._texts
        if space:
            self.outside.rows += take_back(space, marks=True)
        forged = forged_rows(space, texts.reaches) if space else set()
        complete = space is not None and space.totals_of("total") == len(space.entries) - len(forged)
        for piece in texts.settle(forged, complete=complete):
            self._lose_line(piece.number, piece.begin, piece.end)
            if space:
                space.lost += 1
        if space:
            texts.fill_in(space, self._data)
            space.drop(forged)
            self.outside.rows += take_back(space)
            self.spaces.append(space)
        self._space, self._texts = None, FreeTexts()
