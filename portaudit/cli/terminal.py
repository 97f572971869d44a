"""The terminal that somebody sits at: how wide it is, what can be typed there, and how far work has got."""

import os
import re
import shlex
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent as indented
from typing import TypeVar

from portaudit.harmless import safe
from portaudit.progress import Progress, in_silence
from portaudit.render.style import wrap

T = TypeVar("T")

UNBROKEN = 100_000
"""Columns for lines that programs read: no line is broken."""

STANDARD_OUTPUT, STANDARD_ERROR = 1, 2

NARROWEST = 40
"""Columns below which nothing can be laid out."""

BAR, PARTS = 20, 1000
"""Columns of a progress bar, and the steps that it knows."""

PATIENCE_SECONDS = 0.3
"""What is over sooner shows no progress."""

LARGE = 4 << 20
"""Bytes of files whose reading is shown."""

GONE = "\r\x1b[K\x1b[?25h"
"""Back to the line's beginning, clear it, show the cursor again (ECMA-48 EL; DECTCEM)."""

BROKEN, GOES_ON = " \\", "    "
"""What tells a shell that a line goes on, and how the next one is set in."""

NUMBER = re.compile(r"(?<!\d)\d++(?=\.\w+$)")
RANGE = 5
"""Files from which on they are told as a range."""

WORD = r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+"
ARGUMENT = re.compile(rf"-{WORD}(?: +(?!-){WORD})?|{WORD}")
"""A word of a command, or an option with its value."""


def width_of(descriptor: int) -> int:
    """Give the columns of the terminal that a standard stream leads to; in a pipe no line is broken."""
    if not os.isatty(descriptor):
        return UNBROKEN
    given = os.environ.get("COLUMNS", "")
    columns = int(given) if given.isdecimal() else os.get_terminal_size(descriptor).columns
    return max(NARROWEST, columns) if columns else UNBROKEN


def fitted(line: str, width: int) -> str:
    """Break a line at its blanks so that it fits; what is set in stays so, and a command can be pasted."""
    if len(line) <= width:
        return line
    indent = len(line) - len(line.lstrip())
    if indent and line.lstrip().startswith("portaudit "):
        return indented(typable(line.strip(), width - indent), " " * indent)
    return "\n".join(f"{'':{indent}}{part}" for part in wrap(line.strip(), width - indent))


def typable(command: str, width: int) -> str:
    """Break a command that is wider, between its arguments, so that it can be pasted as it stands."""
    lines = [""]
    for part in ARGUMENT.findall(command):
        joined = f"{lines[-1]} {part}".lstrip()
        indent = 0 if len(lines) == 1 else len(GOES_ON)
        if lines[-1] and indent + len(joined) + len(BROKEN) > width:
            lines.append(part)
        else:
            lines[-1] = joined
    return command if len(command) <= width else f"{BROKEN}\n{GOES_ON}".join(lines)


def lines_of(indent: str, text: str) -> list[str]:
    """Give a sentence, or a command that is set in, as the lines that standard output has room for."""
    width = width_of(STANDARD_OUTPUT) - len(indent)
    told = typable(text, width) if indent else fitted(text, width)
    return [f"{indent}{line}" for line in told.split("\n")]


def ranged(files: Iterable[Path]) -> str:
    """Name files; what differs in its number alone is a range: `round-00.json to round-10.json`."""
    runs: list[list[str]] = []
    for name in map(str, files):
        if runs and NUMBER.sub("", name) == NUMBER.sub("", runs[-1][-1]) != name:
            runs[-1].append(name)
        else:
            runs.append([name])
    told = (run if len(run) < RANGE else [f"{run[0]} to {run[-1]} ({len(run)} files)"] for run in runs)
    return " ".join(name for names in told for name in names)


@contextmanager
def shown_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Show on a terminal how far work has got, in a line of standard error; in a pipe, and if quiet, nothing.

    The line comes once there is something to wait for, and goes when the work is over.
    """
    if quiet or not os.isatty(STANDARD_ERROR) or os.environ.get("TERM") == "dumb":
        yield in_silence
        return
    from click import progressbar

    room = max(width_of(STANDARD_ERROR) - BAR - 2, 0)
    bar = progressbar(
        length=PARTS,
        file=sys.stderr,
        width=BAR,
        bar_template="[%(bar)s] %(info)s",
        show_eta=False,
        show_percent=False,
        update_min_steps=0,
        item_show_func=lambda what: safe(str(what or ""))[: room - 2],
    )
    began = time.monotonic()

    def tell(what: str, share: float) -> None:
        if bar.entered or time.monotonic() - began >= PATIENCE_SECONDS:
            bar.entered = True
            bar.update(round(share * PARTS) - bar.pos, what)

    try:
        yield tell
    finally:
        if bar.entered:
            sys.stderr.write(GONE)
            sys.stderr.flush()


def read_all(paths: Sequence[str], load: Callable[[str], T], *, quiet: bool = False) -> list[T]:
    """Read files one after the other, and show on a terminal how far it has got where they are large."""
    sizes = list(map(_size_of, paths))
    whole = sum(sizes)
    if whole < LARGE:
        return [load(path) for path in paths]
    with shown_progress(quiet=quiet) as progress:
        read = []
        for number, path in enumerate(paths):
            progress(f"reading {path} ({number + 1} of {len(paths)})", sum(sizes[:number]) / whole)
            read.append(load(path))
        return read


def _size_of(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):  # whoever reads it says why
        return 0


def way_in() -> str | None:
    """Give the line that makes `portaudit` a word that this shell knows; None if it is one already."""
    own = Path(sys.executable).with_name("portaudit")
    found = shutil.which("portaudit")
    if found is not None and own.exists() and Path(found).samefile(own):
        return None
    activate = own.with_name("activate")
    if own.exists() and activate.exists():
        here = Path.cwd()
        shown = activate.relative_to(here) if activate.is_relative_to(here) else activate
        return f". {shlex.quote(str(shown))}"
    if found is not None and Path(found).resolve() == Path(sys.argv[0]).resolve():
        return None
    return f"alias portaudit={shlex.quote(f'{shlex.quote(sys.executable)} -m portaudit')}"
