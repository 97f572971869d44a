"""Prints of lsmp cut off at each line, or in their midst, on both sides: what was not read is not judged.

`python -m tests.cuts` tries all prints, and tells each cut whose verdict speaks of what it took away.
"""

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice

from portaudit.auditing.verdict import compare_series
from portaudit.collect.lsmp import read_lsmp
from portaudit.errors import AuditError
from portaudit.model.finding import Outcome
from portaudit.model.snapshot import Snapshot
from tests.collect.lsmp.prints import SPEAKING, bytes_of

PAIRS = (
    ("xfer_before", "xfer_leak"),
    ("xfer_before_release", "xfer_leak_release"),
    ("old_xfer_before", "old_xfer_leak"),
    *((name, name) for name in SPEAKING),
)
"""Before and after: prints that differ, and each with itself."""

ENDS = {"txt": b"\n", "json": b"},"}
"""What a line, or an object, ends with."""


def cut_texts(data: bytes, form: str) -> Iterator[bytes]:
    """Give the print up to the end of each line (of each object of JSON), but the whole one."""
    end, at = ENDS[form], 0
    while (at := data.find(end, at) + len(end)) >= len(end) and at < len(data):
        yield data[:at]


def read_cut(data: bytes) -> Snapshot | None:
    """Read what is left of a print; None if it is refused, which says nothing of any row."""
    try:
        return read_lsmp(data)
    except AuditError:
        return None


@cache
def read_whole(name: str, form: str) -> Snapshot:
    """Read a whole print, once for all its cuts."""
    return read_lsmp(bytes_of(name, form))


def rows_of(snapshot: Snapshot) -> set[tuple[object, ...]]:
    """Give all rows but those of the reader, who is not audited: pid, name, type, references and object."""
    return {
        (task.process.pid, *row)
        for task in snapshot.tasks
        if task.entries and task.process.name != "lsmp"
        for row in zip(
            task.entries.name, task.entries.type, task.entries.urefs, task.entries.object, strict=True
        )
    }


def unsaid(whole: Snapshot, cut: Snapshot) -> set[object]:
    """Give the pids of tasks that lack rows in the cut print and do not say so."""
    complete = {task.process.pid for task in cut.tasks if task.entries is not None and not task.gaps}
    return {row[0] for row in rows_of(whole) - rows_of(cut)} & complete


def misjudged(before: Snapshot, after: Snapshot, lost: set[tuple[object, ...]]) -> str | None:
    """Say what a verdict says of rows that cuts took away; None if it does not, and is not balanced."""
    try:
        report = compare_series([before, after], [])
    except AuditError:
        return None
    if lost and report.outcome is Outcome.BALANCED:
        return "balanced, and rows were cut off"
    names = {row[:2] for row in lost}
    for finding in report.findings:
        for row in finding.rows:
            if (row.process.pid, row.name) in names:
                return f"{finding.rule} about 0x{row.name:x} of {row.process.pid}, which was cut off"
    return None


MARKS = (b"[...]", "[…]".encode(), b"...", "…".encode(), b"    [...]", b".....", b"[snip]")
"""What people put where they left lines out."""


def elided_texts(data: bytes, form: str, seed: int) -> Iterator[bytes]:
    """Give the print without some lines of its midst, and a mark in their place; without end."""
    chance = random.Random(seed)  # noqa: S311  played chance
    lines = data.split(ENDS[form])
    while True:
        begin = chance.randrange(1, len(lines))
        end = begin + chance.choice((1, 2, 3, 5, 10, 30, 60))
        yield ENDS[form].join([*lines[:begin], chance.choice(MARKS), *lines[end:]])


@dataclass(frozen=True)
class Pair:
    """Two prints, in one form, whose cuts are judged."""

    first: str
    second: str
    form: str

    def complaint(self, side: int, text: bytes) -> str | None:
        """Say what is wrong with the verdict if this is what is left of one side; None if nothing is."""
        sides = [read_whole(name, self.form) for name in (self.first, self.second)]
        cut = read_cut(text)
        if cut is None:
            return None
        lost = rows_of(sides[side]) ^ rows_of(cut)
        sides[side] = cut
        said = misjudged(sides[0], sides[1], lost)
        return (
            said and f"{self.first} -> {self.second}, {self.form}, side {side + 1}: {said}: {text[-300:]!r}"
        )

    def complaint_of_both(self, text: bytes) -> str | None:
        """Say what is wrong with the verdict if this is what is left of both readings of one moment."""
        cut = read_cut(text)
        if cut is None:
            return None
        there = {task.process.pid for task in cut.tasks}  # a process that neither reading names is unheard of
        lost = rows_of(read_whole(self.first, self.form)) ^ rows_of(cut)
        said = misjudged(cut, replace(cut), {row for row in lost if row[0] in there})
        return said and f"{self.first} twice, {self.form}, both cut: {said}: {text[-300:]!r}"

    def complaints(self, every: int = 1, elisions: int = 0) -> Iterator[str]:
        """Cut each side at each line, or at one of so many, and in its midst; tell every wrong verdict."""
        for side, name in enumerate((self.first, self.second)):
            data = bytes_of(name, self.form)
            texts = (*islice(cut_texts(data, self.form), 0, None, every),)
            torn = islice(elided_texts(data, self.form, seed=side), elisions)
            tried = (*texts, *torn)
            yield from filter(None, (self.complaint(side, text) for text in tried))
            if self.first == self.second and side == 0:
                yield from filter(None, map(self.complaint_of_both, tried))


def main() -> int:
    """Try all pairs in both forms; the exit status says whether there was a complaint."""
    told = 0
    for first, second in PAIRS:
        for form in ENDS:
            for complaint in Pair(first, second, form).complaints(elisions=40):
                told += 1
                sys.stdout.write(f"{complaint}\n")
    sys.stdout.write(f"{told} complaints\n")
    return int(told > 0)


if __name__ == "__main__":
    sys.exit(main())
