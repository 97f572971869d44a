"""What a print lacks that belongs to no table of it: processes that are announced, text that was cut."""

from dataclasses import dataclass, field

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
