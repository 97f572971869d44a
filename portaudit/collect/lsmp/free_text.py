"""Text from the audited machine inside lsmp's lines: how far it may go, and what goes on after a newline."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from msgspec import structs

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.layout import text_of
from portaudit.collect.lsmp.row import Run
from portaudit.collect.lsmp.space import Space

NAME, DESCRIPTION, VOUCHER = range(3)
"""What a text can be."""

LIMITS = (layout.PROCESS_NAME_MAX, layout.DESCRIPTION_MAX, layout.VOUCHER_MAX)
"""Bytes that each can have."""


@dataclass(slots=True)
class FreeText:
    """A name, description or voucher text, which may hold newlines and so look like lines of lsmp's own."""

    kind: int
    begin: int
    """Offset of its first byte."""
    end: int
    """Offset behind its last byte, as far as is known."""
    row: int
    """The row that it stands in, or below; -1 before the first."""
    place: int | None = None
    """Where it is kept, if a line below it may be part of it."""

    @property
    def reach(self) -> int:
        """The offset at which it is over in any case."""
        return self.begin + LIMITS[self.kind]


class Piece(NamedTuple):
    """A line that may belong to a text that began above it: a row, or a line that is nothing by itself."""

    number: int
    begin: int
    end: int
    row: int
    """The row that it is; -1 for none."""
    text: int
    """The place of the text that began last above it."""


class FreeTexts:
    """The texts of one table, and the lines that may go on with one of them.

    Both are kept as plain numbers: in a table of IOKit objects every row may be part of a text.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self.reaches: dict[int, int] = {}
        """Row -> the last row that a text of it has room for."""
        self.doubtful = 0
        """How many rows may be part of a text."""
        self._active: list[FreeText] = []
        self._texts = array("q")
        self._pieces = array("q")
        self._longer: set[int] = set()

    def begin(self, text: FreeText) -> None:
        """Take note of a text that begins."""
        self._active.append(text)

    def keep(self, text: FreeText) -> int:
        """Keep a text for settling, and give its place."""
        if text.place is None:
            text.place = len(self._texts)
            self._texts.extend((text.kind, text.begin, text.end, text.row))
        return text.place

    def is_longer(self, text: FreeText) -> None:
        """Take note that a text has newlines, all of which are known."""
        self._longer.add(self.keep(text))

    def reach_to(self, end: int) -> bool:
        """Whether a line that ends here can be part of a text that began above it."""
        return any(end <= text.reach for text in self._active)

    def offer(self, number: int, begin: int, end: int, row: int = -1) -> bool:
        """Take a line that may be part of a text; False if there is none that has room for it."""
        if not self._active:
            return False
        self._active = [text for text in self._active if end <= text.reach]
        if not self._active:
            return False
        if row >= 0:
            self.doubtful += 1
            self.reaches.update((text.row, row) for text in self._active if text.row >= 0)
        self._pieces.extend((number, begin, end, row, self.keep(self._active[-1])))
        return True

    def take_run(self, run: Run, row: int, number: int) -> int:
        """Take note of the texts of a run that something could go on with, and give the offset behind it.

        `row` and `number` are those of its first line, which no text above has room for.
        """
        bounds = run.bounds()
        rows = list(accumulate((shape.row is not None for shape in run.lines), initial=row - 1))
        done = 0
        for first in run.reaching():
            for line in range(first, len(run.lines) if first >= done else 0):
                shape, end = run.lines[line], bounds[line + 1] - 1
                ours = shape.row is None or line == first
                if not ours and not self.offer(number + line, bounds[line], end, rows[line + 1]):
                    break
                if shape.text_room:
                    kind = LIMITS.index(shape.text_room)
                    self.begin(FreeText(kind, bounds[line] + shape.text_at, end, rows[line + 1]))
                done = line + 1
        return bounds[-1]

    def _each_piece(self) -> Iterator[Piece]:
        width = len(Piece._fields)
        for place in range(0, len(self._pieces), width):
            yield Piece(*self._pieces[place : place + width])

    def _text(self, place: int) -> FreeText:
        kind, begin, end, row = self._texts[place : place + 4]
        return FreeText(kind, begin, end, row, place)

    def settle(self, forged: set[int], *, complete: bool) -> Iterator[Piece]:
        """Give each text the lines that are its own, and yield those that are nobody's, and forged rows.

        A stray line is the continuation of the text above it if nothing is missing from the table
        (`complete`), or if that is a voucher's: then there is nothing else that it could be.
        """
        current: FreeText | None = None
        barrier = 0
        for piece in self._each_piece():
            newest = self._text(piece.text)
            if newest.begin >= barrier and newest.row not in forged:
                current = newest
            stray = piece.row < 0
            if not stray and piece.row not in forged:
                current, barrier = None, piece.begin
                continue
            own = current is not None and piece.end <= current.reach
            if own and current is not None and (complete or not stray or current.kind == VOUCHER):
                self._lengthen(current, piece.end)
            else:
                current, barrier = None, piece.begin
            if not stray or current is None:
                yield piece

    def _lengthen(self, text: FreeText, end: int) -> None:
        place = self.keep(text)
        self._texts[place + 2] = end
        self._longer.add(place)

    def fill_in(self, space: Space, data: bytes) -> None:
        """Give each row the whole of its description, and its peer the whole name."""
        for place in sorted(self._longer):
            text = self._text(place)
            whole = text_of(data[text.begin : text.end])
            if text.kind == DESCRIPTION and text.row in space.entries.description:
                space.entries.description[text.row] = whole
            elif text.kind == NAME and text.row in space.entries.peer:
                space.entries.peer[text.row] = structs.replace(space.entries.peer[text.row], process=whole)
