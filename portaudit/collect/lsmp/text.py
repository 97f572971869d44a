"""Read lsmp's text: a state machine over its lines that believes no line out of its place."""

import re

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.failures import Failures
from portaudit.collect.lsmp.free_text import FreeText, Piece, settle
from portaudit.collect.lsmp.heading import Heading, heading_at, names_with_newlines
from portaudit.collect.lsmp.layout import text_of
from portaudit.collect.lsmp.lines import Lines
from portaudit.collect.lsmp.row import Row
from portaudit.collect.lsmp.space import Space
from portaudit.collect.lsmp.text_row import member_of, read_entry
from portaudit.collect.lsmp.totals import forged_rows
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
        self._data = data
        self._lines = Lines(data)
        self._space: Space | None = None
        self._texts: list[FreeText] = []
        self._newest: FreeText | None = None
        self._farthest: FreeText | None = None
        self._doubtful: set[int] = set()
        self._names = names_with_newlines(data)
        self._has_totals = layout.TOTALS.search(data) is not None

    def read(self) -> None:
        """Read all lines into `spaces`, `failures` and `lost`."""
        for line in self._lines:
            if len(line) > layout.LINE_MAX:
                self._lose()
            elif self._begins_table(line) or not line.strip():
                continue
            elif self._space is None or self._space.closed:
                self._between_tables(line)
            else:
                self._in_table(self._space, line)
        self._close()

    def _line(self) -> Line:
        begin = self._lines.begin
        return Line(
            self._lines.number, text_of(self._data[begin : min(self._lines.end, begin + layout.LINE_MAX)])
        )

    def _lose(self) -> None:
        self.lost.add(self._line())

    def _in_reach(self, end: int) -> bool:
        """Whether what ends here can still be part of a text that began above."""
        return self._farthest is not None and end <= self._farthest.reach

    def _begins_table(self, line: bytes) -> bool:
        table_open = self._space is not None and not self._space.closed
        if layout.PROCESS.match(line):
            heading = heading_at(self._data, self._lines.begin)
            if heading is None or not self._believable(heading, table_open=table_open):
                return False
            self._open(Process(heading.pid, name=text_of(heading.name)))
            self._lines.skip_to(heading.end)
            return True
        if not layout.HEADER.match(line) or (table_open and self._in_reach(self._lines.end)):
            return False
        if not table_open:
            self._open(Process())
        return True

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
        if line.startswith(b"0x") and (row := read_entry(line)):
            self._take_row(space, row)
        elif not (self._take_totals(space) or self._take_side_row(space, line) or self._take_known(line)):
            self._stray(line)

    def _take_row(self, space: Space, row: Row) -> None:
        number = space.add(row)
        if row.elided:
            self._lose()
        if self._farthest is not None and self._in_reach(self._lines.end):
            self._doubtful.add(number)
            self._piece(self._farthest, number)
        if row.text_at is not None:
            kind = "name" if row.description is None else "description"
            self._text_begins(kind, self._lines.begin + row.text_at, number)

    def _take_totals(self, space: Space) -> bool:
        found = layout.TOTALS.match(self._data, self._lines.begin)
        if found is None:
            return False
        numbers = (int(number) for number in found.groups())
        totals = dict(zip((key.decode() for key in layout.TOTAL_KEYS), numbers, strict=True))
        if self._in_reach(found.end()) and self._forged_totals(totals["total"], found.end()):
            return False
        space.totals = totals
        space.closed = True
        self._lines.skip_to(found.end())
        return True

    def _forged_totals(self, total: int, end: int) -> bool:
        """Whether totals that a description has room for are its text: wrong, or not the table's last."""
        if self._space and total < len(self._space.entries) - len(self._doubtful):
            return True
        following = layout.TOTALS_OR_HEADER.search(self._data, end)
        return following is not None and following[1] is not None

    def _take_side_row(self, space: Space, line: bytes) -> bool:
        """Take a `+` row (who else has a right to the port above) or a ` -` row (a port set's member)."""
        if found := layout.MEMBER.match(line):
            if not self._in_reach(self._lines.end):
                space.add_member(member_of(found))
        else:
            found = layout.OTHER_HOLDER.match(line)
        if found:
            self._text_begins("name", self._lines.begin + found.end(), None)
        return found is not None or layout.RULE.match(line) is not None

    def _take_known(self, line: bytes) -> bool:
        if layout.VOUCHER.match(line):
            self._text_begins("voucher", self._lines.begin, None)
            return True
        return layout.VOUCHER_DETAIL.match(line) is not None or self.failures.take(line)

    def _between_tables(self, line: bytes) -> None:
        if self._space is None and (row := read_entry(line)):
            self._take_row(self._open(Process()), row)
        elif layout.AFTER_TABLE.match(line):
            if b"oucher: 0x" in line:
                self._text_begins("voucher", self._lines.begin, None)
        elif not (self._take_known(line) or layout.RULE.match(line)):
            self._stray(line)

    def _text_begins(self, kind: str, begin: int, row: int | None) -> None:
        text = FreeText(kind, begin, self._lines.end, row)
        self._newest = text
        if self._farthest is None or text.reach >= self._farthest.reach:
            self._farthest = text
        if self._names and kind == "name":
            self._finish_known_name(text)

    def _finish_known_name(self, text: FreeText) -> None:
        """Skip the rest of a name with newlines that a heading told in full."""
        holder = _HOLDER_BEFORE.search(self._data, max(0, text.begin - 16), text.begin)
        name = self._names.get(int(holder[1])) if holder else None
        if name and self._data.startswith(name + b"\n", text.begin):
            self._lines.skip_to(text.begin + len(name))
            text.end = text.begin + len(name)
            self._keep(text)

    def _stray(self, line: bytes) -> None:
        """Keep a line that is nothing by itself for the text above it, if there can be one."""
        for text in (self._newest, self._farthest):
            if text is not None and self._lines.end <= text.reach and not layout.CUT.match(line):
                self._piece(text, None)
                return
        self._lose()

    def _piece(self, text: FreeText, row: int | None) -> None:
        self._keep(text)
        text.pieces.append(Piece(self._line(), self._lines.end, row))

    def _keep(self, text: FreeText) -> None:
        if not text.kept:
            text.kept = True
            self._texts.append(text)

    def _close(self) -> None:
        """Settle what is whose in the table that was read, and make ready for the next."""
        space = self._space
        forged = forged_rows(space, self._doubtful) if space else set()
        rows = len(space.entries) - len(forged) if space else 0
        complete = bool(space and space.totals and space.totals["total"] == rows)
        for text in self._texts:
            for line in settle(text, space, self._data, forged, complete=complete or text.kind == "voucher"):
                self.lost.add(line)
        if space:
            space.drop(forged)
            self.spaces.append(space)
        self._space, self._newest, self._farthest = None, None, None
        self._texts, self._doubtful = [], set()
