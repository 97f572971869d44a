"""Where a byte of a source stands, in lines and columns."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from portaudit.model.lint import Region

if TYPE_CHECKING:
    from portaudit.lint.program import Span

SHOWN_MAX = 400
"""Bytes of a line that a report shows."""


class Lines:
    """The lines of a source; columns count UTF-16 code units, as SARIF's readers do."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = [0]
        at = source.find(b"\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = source.find(b"\n", at + 1)

    def line(self, at: int) -> int:
        """Give the line of a byte, from 1."""
        return bisect_right(self.starts, at)

    def end(self, line: int) -> int:
        """Give the byte behind a line, its line feed included."""
        return self.starts[line] if line < len(self.starts) else len(self.source)

    def column(self, at: int) -> int:
        """Give the column of a byte, from 1."""
        start = self.starts[self.line(at) - 1]
        return len(self.source[start:at].decode("utf-8", "replace").encode("utf-16-le")) // 2 + 1

    def region(self, span: Span) -> Region:
        """Give the region of a span."""
        return Region(
            self.line(span.start), self.column(span.start), self.line(span.end), self.column(span.end)
        )

    def text(self, line: int) -> str:
        """Give the text of a line, at most so much of it as a report shows."""
        start = self.starts[line - 1]
        end = min(self.end(line), start + SHOWN_MAX)
        return self.source[start:end].decode("utf-8", "replace").rstrip("\r\n")
