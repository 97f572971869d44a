"""Text from the audited machine inside lsmp's lines: how far it may go, and what goes on after a newline."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.layout import text_of
from portaudit.collect.lsmp.space import Space

LIMITS = {
    "name": layout.PROCESS_NAME_MAX,
    "description": layout.DESCRIPTION_MAX,
    "voucher": layout.VOUCHER_MAX,
}


@dataclass(slots=True)
class FreeText:
    """A name, description or voucher text, which may hold newlines and so look like lines of lsmp's own."""

    kind: str
    begin: int
    """Offset of its first byte."""
    end: int
    """Offset behind its last byte, as far as is known."""
    row: int
    """The row that it stands in, or below; -1 before the first."""

    @property
    def reach(self) -> int:
        """The offset at which it is over in any case."""
        return self.begin + LIMITS[self.kind]


@dataclass(frozen=True, slots=True)
class Piece:
    """A line that may belong to a text that began above it: a row, or a line that is nothing by itself."""

    number: int
    begin: int
    end: int
    row: int | None
    newest: FreeText
    """The text that began last above it."""


@dataclass(slots=True)
class FreeTexts:
    """The texts of one table, and the lines that may go on with one of them."""

    pieces: list[Piece] = field(default_factory=list)
    reaches: dict[int, int] = field(default_factory=dict)
    """Row -> the last row that a text of it has room for."""
    longer: list[FreeText] = field(default_factory=list)
    """Texts that went on after a newline."""
    _active: list[FreeText] = field(default_factory=list)

    def begin(self, text: FreeText) -> None:
        """Take note of a text that begins."""
        self._active.append(text)

    def reach_to(self, end: int) -> bool:
        """Whether a line that ends here can be part of a text that began above it."""
        return any(end <= text.reach for text in self._active)

    def offer(self, number: int, begin: int, end: int, row: int | None) -> bool:
        """Take a line that may be part of a text; False if there is none that has room for it."""
        self._active = [text for text in self._active if end <= text.reach]
        if not self._active:
            return False
        if row is not None:
            self.reaches.update((text.row, row) for text in self._active if text.row >= 0)
        self.pieces.append(Piece(number, begin, end, row, self._active[-1]))
        return True

    def doubtful(self) -> int:
        """Count the rows that may be part of a text."""
        return sum(piece.row is not None for piece in self.pieces)

    def settle(self, forged: set[int], *, complete: bool) -> Iterator[Piece]:
        """Give each text the lines that are its own, and yield those that are nobody's, and forged rows.

        A stray line is the continuation of the text above it if nothing is missing from the table
        (`complete`), or if that is a voucher's: then there is nothing else that it could be.
        """
        current: FreeText | None = None
        barrier = 0
        for piece in self.pieces:
            if piece.newest.begin >= barrier and piece.newest.row not in forged:
                current = piece.newest
            real = piece.row is not None and piece.row not in forged
            goes_on = current is not None and not real and piece.end <= current.reach
            if (
                goes_on
                and current is not None
                and (complete or piece.row is not None or current.kind == "voucher")
            ):
                current.end = piece.end
                self.longer.append(current)
            else:
                current, barrier = None, piece.begin
            if not real and (piece.row is not None or current is None):
                yield piece


def lengthen(text: FreeText, space: Space, data: bytes) -> None:
    """Give a row the whole of its description, or its peer the whole name."""
    whole = text_of(data[text.begin : text.end])
    if text.kind == "description" and text.row in space.entries.description:
        space.entries.description[text.row] = whole
    elif text.kind == "name" and text.row in space.entries.peer:
        space.entries.peer[text.row] = replace(space.entries.peer[text.row], process=whole)
