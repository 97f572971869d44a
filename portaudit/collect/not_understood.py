"""Lines that a reader did not understand: kept, counted, and never many."""

from dataclasses import dataclass, field

from portaudit.model.snapshot import Line

KEPT = 200
"""So many are kept word for word; the others are counted, so that a hostile file stays small."""

TEXT_MAX = 400


@dataclass(slots=True)
class NotUnderstood:
    """Collects lines that were not understood."""

    _kept: list[Line] = field(default_factory=list)
    _more: int = 0
    _last: int = 0

    def add(self, line: Line) -> None:
        """Take note of one line, which may come in any order."""
        if len(self._kept) < KEPT:
            self._kept.append(Line(line.line, line.text[:TEXT_MAX]))
        else:
            self._more += 1
            self._last = max(self._last, line.line)

    def lines(self) -> tuple[Line, ...]:
        """Give the lines in order; the last one counts those that were not kept."""
        kept = sorted(self._kept, key=lambda line: line.line)
        if self._more:
            kept.append(Line(self._last, f"… and {self._more} more lines that were not understood"))
        return tuple(kept)
