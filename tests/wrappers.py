"""Every given print and report in every wrapping, and in two: it reads as what was printed.

`python -m tests.wrappers` tries each text in each wrapper and encoding; `python -m tests.wrappers 200` also
in 200 pairs of them, by chance.
"""

import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from portaudit.collect.crash_report import read_crash_report
from portaudit.collect.lsmp import read_lsmp
from portaudit.collect.pasted import unpasted
from portaudit.errors import AuditError
from tests.collect.lsmp.prints import FOLDER, PRINTS, SILENT
from tests.collect.pasted.wrappers import CHANGE_NAMES, ENCODINGS, TEARS_NAMES, WITHIN, WRAPPERS

DATA = Path(__file__).parent / "data"
WRAPPED_ALREADY = {"one-line-thread_set_state.txt"}
"""A report that stands on one line: what is around it is not told from what is in it."""

Reading = Callable[[bytes], object]


def rows_read(data: bytes) -> object:
    """Give the tasks of a print, and what it lacks."""
    snapshot = read_lsmp(unpasted(data))
    return snapshot.tasks, snapshot.gaps


def numbers_read(data: bytes) -> object:
    """Give what a print says beside names and descriptions, which a wrapper may have changed."""
    snapshot = read_lsmp(unpasted(data))
    rows = [task.entries for task in snapshot.tasks]
    return snapshot.gaps, [
        (
            task.process.pid,
            task.gaps,
            space and (space.name, space.type, space.urefs, space.object, space.kobject),
        )
        for task, space in zip(snapshot.tasks, rows, strict=True)
    ]


def events_read(data: bytes) -> object:
    """Give the exceptions of a report or log, wherever in it they stand."""
    reading = read_crash_report(unpasted(data))
    return [replace(event, line=None) for event in (*reading.events, *reading.resources)], bool(
        reading.declined
    )


@dataclass(frozen=True)
class Given:
    """A print or a report as it is given."""

    path: Path
    read: Reading

    @property
    def text(self) -> str:
        """Give it as text: what is no UTF-8 in it is lost in any clipboard."""
        return self.path.read_bytes().decode("utf-8", "replace")

    def reading(self, wrappers: tuple[str, ...]) -> Reading:
        """Say how it is read: names that hold what a wrapper puts in, or takes for its own, are left out."""
        form, name = self.path.suffix[1:], self.path.stem
        changed = any((form, name, wrapper) in CHANGE_NAMES for wrapper in wrappers)
        return numbers_read if changed else self.read

    def complaint(self, *wrappers: str, encoding: str = "utf-8") -> str | None:
        """Say that it reads otherwise in these wrappers, the first innermost; None if it does not."""
        text, read = self.text, self.reading(wrappers)
        expected = expectation(self, read)
        for wrapper in wrappers:
            text = WRAPPERS[wrapper](text)
        try:
            same = read(text.encode(encoding)) == expected or self.tells_what_it_tore(wrappers, text)
        except AuditError:
            same = False
        return None if same else f"{self.path.name}: {', then '.join((*wrappers, encoding))}"

    def tells_what_it_tore(self, wrappers: tuple[str, ...], text: str) -> bool:
        """Whether names that hold line feeds were torn, and the reading says that processes are missing."""
        torn = any((self.path.suffix[1:], self.path.stem, wrapper) in TEARS_NAMES for wrapper in wrappers)
        return torn and bool(read_lsmp(unpasted(text.encode())).gaps)


@cache
def expectation(given: Given, read: Reading) -> object:
    """Give what the clean text says."""
    return read(given.text.encode())


@cache
def all_given() -> tuple[Given, ...]:
    """Give all prints of lsmp, and all reports and logs."""
    prints = [path for path in sorted(PRINTS.iterdir()) if path.stem not in SILENT]
    samples = sorted((FOLDER / "samples").glob("*.txt"))
    reports = sorted((*DATA.glob("guard/*.txt"), *DATA.glob("resource/*.txt")))
    return (
        *(Given(path, rows_read) for path in (*prints, *samples)),
        *(Given(path, events_read) for path in reports if path.name not in WRAPPED_ALREADY),
    )


def singles(given: Given) -> Iterator[str]:
    """Tell each wrapper and each encoding in which a text reads otherwise."""
    yield from filter(None, (given.complaint(wrapper) for wrapper in WRAPPERS))
    yield from filter(None, (given.complaint(encoding=encoding) for encoding in ENCODINGS))


def pairs(given: Given, chance: random.Random, count: int) -> Iterator[str]:
    """Tell of so many pairs of wrappers, in any encoding, those in which a text reads otherwise."""
    for _ in range(count):
        inner, outer = chance.choice(WITHIN), chance.choice(tuple(WRAPPERS))
        encoding = chance.choice(("utf-8", *ENCODINGS))
        if told := given.complaint(inner, outer, encoding=encoding):
            yield told


def main(arguments: list[str]) -> int:
    """Try all texts; the exit status says whether there was a complaint."""
    told, count = 0, int(arguments[0]) if arguments else 0
    for number, given in enumerate(all_given()):
        chance = random.Random(number)  # noqa: S311  played chance
        for complaint in (*singles(given), *pairs(given, chance, count)):
            told += 1
            sys.stdout.write(f"{complaint}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{told} complaints\n")
    return int(told > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
