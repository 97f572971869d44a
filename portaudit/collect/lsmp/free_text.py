"""Text from the audited machine inside lsmp's lines: how far it may go, and what goes on after a newline."""

from dataclasses import dataclass, field, replace

from portaudit.collect.lsmp import layout
from portaudit.collect.lsmp.layout import text_of
from portaudit.collect.lsmp.space import Space
from portaudit.model.snapshot import Line

LIMITS = {
    "name": layout.PROCESS_NAME_MAX,
    "description": layout.DESCRIPTION_MAX,
    "voucher": layout.VOUCHER_MAX,
}


@dataclass(slots=True)
class Piece:
    """A line that may belong to a text that began above it: a row, or a line that is nothing else."""

    line: Line
    end: int
    """Offset where the line ends."""
    row: int | None


@dataclass(slots=True)
class FreeText:
    """A name, description or voucher text, which may hold newlines and so look like lines of lsmp's own."""

    kind: str
    begin: int
    """Offset of its first byte."""
    end: int
    row: int | None
    """The row that it stands in; None for text that no entry keeps."""
    pieces: list[Piece] = field(default_factory=list)
    kept: bool = False
    """It went on after a newline, so it is settled when its table ends."""

    @property
    def reach(self) -> int:
        """The offset at which it is over in any case."""
        return self.begin + LIMITS[self.kind]


def settle(
    text: FreeText, space: Space | None, data: bytes, forged: set[int], *, complete: bool
) -> list[Line]:
    """Give a text the lines that are its own, and return those that nobody understood.

    A stray line is the continuation of the text above it if nothing is missing from the table
    (`complete`): then there is nothing else that it could be. Forged rows are returned too.
    """
    lost: list[Line] = []
    end, going_on = text.end, True
    for piece in text.pieces:
        own = piece.row in forged if piece.row is not None else complete
        going_on = going_on and own
        if going_on:
            end = piece.end
        if (piece.row is None and not going_on) or piece.row in forged:
            lost.append(piece.line)
    if space and text.row is not None and text.row not in forged:
        _lengthen(text, space, text_of(data[text.begin : end]))
    return lost


def _lengthen(text: FreeText, space: Space, whole: str) -> None:
    if text.kind == "description":
        space.entries.description[text.row or 0] = whole
    elif text.row in space.entries.peer:
        space.entries.peer[text.row] = replace(space.entries.peer[text.row], process=whole)
