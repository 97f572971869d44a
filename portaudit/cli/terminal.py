"""The terminal that somebody sits at: how wide it is, what can be typed there, and how far work has got."""

import os
import re
import shutil
import sys
from pathlib import Path

from portaudit.render.columns import wrap

UNBROKEN = 100_000
"""Columns for lines that programs read: no line is broken."""

STANDARD_OUTPUT, STANDARD_ERROR = 1, 2

NARROWEST = 40
"""Columns below which nothing can be laid out."""

BROKEN, GOES_ON = " \\", "    "
"""What tells a shell that a line goes on, and how the next one is set in."""

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
    """Break a sentence at its blanks so that it fits; what is set in stays so."""
    if len(line) <= width:
        return line
    indent = len(line) - len(line.lstrip())
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


def way_in() -> str | None:
    """Give the line that makes `portaudit` a word that this shell knows; None if it is one already."""
    own = Path(sys.executable).with_name("portaudit")
    found = shutil.which("portaudit")
    if found is not None and own.exists() and Path(found).samefile(own):
        return None
    activate = own.with_name("activate")
    if own.exists() and activate.exists():
        here = Path.cwd()
        return f". {activate.relative_to(here) if activate.is_relative_to(here) else activate}"
    if found is not None and Path(found).resolve() == Path(sys.argv[0]).resolve():
        return None
    return f"alias portaudit='{sys.executable} -m portaudit'"
