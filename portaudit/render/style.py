"""How a report shall look: what the caller knows of it, and text in columns.

What fits a line, what goes on the next one, and colour that takes no room.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from portaudit.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.model.declared import Place
    from portaudit.model.finding import Finding


@dataclass(frozen=True, slots=True)
class Style:
    """How a report shall look, beyond its format, and what only the caller knows of it."""

    everything: bool = False
    """Show what did not change, too."""
    colour: bool = False
    width: int = 80
    """Columns that a line of the table may take."""
    fold: int | None = None
    """Rows of a finding or table to show before the others are only counted; None: all of them."""
    fail_on: str = Severity.WARNING
    """The least severity that fails the check."""
    exit_status: int | None = None
    """How the command will end, if the report shall say so."""
    before: Place | None = None
    """The file of the first snapshot."""
    after: Place | None = None
    """The file of the second one: where a finding is shown that no rule's line explains."""
    check: str | None = None
    """The check that this is the report of."""
    place: Place | None = None
    """The line that declares the check: where its findings are shown, for its snapshots may be nowhere."""

    def fails(self, finding: Finding) -> bool:
        """Whether a finding is grave enough to fail the check."""
        order = list(Severity)
        return order.index(finding.severity) <= order.index(Severity(self.fail_on))


INDENT = 4
NARROW = 20
"""Columns that a text gets however little is left."""

LABEL = 8
"""Columns of a label and its blanks: `Likely: `."""

RED, GREEN, YELLOW, CYAN, BOLD = "31", "32", "33", "36", "1"
"""SGR parameters (ECMA-48, 8.3.117)."""

INK = {Severity.ERROR: RED, Severity.WARNING: YELLOW, Severity.NOTE: CYAN}


def paint(text: str, *ink: str, colour: bool) -> str:
    """Colour a text, if there shall be colour."""
    return f"\x1b[{';'.join(ink)}m{text}\x1b[0m" if colour else text


def columns(text: str) -> int:
    """Count the columns that a text takes on a terminal: wide characters two, combining ones none."""
    return len(text) if text.isascii() else sum(map(_columns, text))


@lru_cache(4096)
def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def wrap(text: str, width: int, first: int | None = None) -> list[str]:
    """Break a text at its blanks so that no line is wider; a longer word is broken within.

    The first line may have a width of its own.
    """
    return fill(text.split(" "), " ", width, width if first is None else first)


def fill(words: Iterable[str], gap: str, width: int, first: int) -> list[str]:
    """Put words on as few lines as hold them, with a gap between two; a longer word is broken within."""
    lines = [""]
    for word in words:
        room = first if len(lines) == 1 else width
        joined = f"{lines[-1]}{gap}{word}" if lines[-1] else word
        if columns(joined) <= room:
            lines[-1] = joined
        elif columns(word) <= width:
            lines.append(word)
        else:
            lines[-1:] = _pieces(joined, room, width)
    return lines


def _pieces(text: str, first: int, width: int) -> Iterator[str]:
    piece, taken, room = "", 0, first
    for char in text:
        if taken + _columns(char) > room:
            yield piece
            piece, taken, room = "", 0, width
        piece, taken = piece + char, taken + _columns(char)
    yield piece


def hang(first: str, text: str, width: int, *, indent: int | None = None) -> Iterator[str]:
    """Yield a text behind its first words, the next lines under its beginning or at an indent."""
    before = columns(first) if indent is None else indent
    lines = wrap(text, max(width - before, NARROW), max(width - columns(first), NARROW))
    yield f"{first}{lines[0]}".rstrip()
    yield from (f"{'':{before}}{line}" for line in lines[1:])


def labelled(label: str, text: str, width: int) -> Iterator[str]:
    """Yield an indented fact: `    Fix:    release it`."""
    return hang(f"{'':{INDENT}}{label + ':':{LABEL}}", text, width)


def aligned(rows: Iterable[tuple[str, ...]], width: int) -> Iterator[str]:
    """Yield rows with their cells under each other, or wrapped one by one where that is too wide."""
    cells = list(rows)
    if not cells:
        return
    widest = [max(map(columns, column)) for column in zip(*cells, strict=True)]
    room = [wide for wide in widest if wide]
    fits = INDENT + sum(room) + 2 * (len(room) - 1) <= width
    for row in cells:
        used = [(cell, wide) for cell, wide in zip(row, widest, strict=True) if wide]
        if fits:
            line = "  ".join(cell + " " * (wide - columns(cell)) for cell, wide in used)
            yield f"{'':{INDENT}}{line}".rstrip()
        else:
            text = "  ".join(filter(None, row))
            yield from hang(f"{'':{INDENT}}", text, width, indent=2 * INDENT)
