"""On which line a key stands: tomllib does not tell, so headers and keys are looked for in the text.

The search sees lines, not TOML: a line within a multi-line string that looks like a header or a key is
taken for one, and a key of an inline table has the line of its table.
"""

import re
import tomllib
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]
"""Keys from the top of the file; a number counts the elements of an array from 0."""

HEADER = re.compile(r"""\s*(\[\[?(?:[^\]"']|"(?:[^"\\]|\\.)*"|'[^']*')+\]?\])\s*(?:\#.*)?""")
KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*)\s*="""
)


def lines_of(text: str) -> dict[Path, int]:
    """Map each header and key of a TOML text to the line that it stands on, counted from 1."""
    found: dict[Path, int] = {}
    elements: dict[tuple[str, ...], int] = {}
    here: Path = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := HEADER.fullmatch(line.rstrip("\r")):
            keys = _keys(header[1])
            if header[1].startswith("[["):
                elements[keys] = elements.get(keys, -1) + 1
            here = _counted(keys, elements)
            found.setdefault(here, number)
        elif key := KEY.match(line):
            found.setdefault((*here, *_keys(f"{key[1]} = 0")), number)
    return found


def line_of(lines: dict[Path, int], path: Path) -> int:
    """Give the line of a key, or of the nearest thing around it that has one; 1 if nothing has."""
    return next((lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in lines), 1)


def _counted(keys: tuple[str, ...], elements: dict[tuple[str, ...], int]) -> Path:
    path: list[str | int] = []
    for end, key in enumerate(keys, 1):
        path.append(key)
        if keys[:end] in elements:
            path.append(elements[keys[:end]])
    return tuple(path)


def _keys(line: str) -> tuple[str, ...]:
    """Let TOML itself read the keys of one header or assignment; none if it is not one."""
    try:
        return tuple(_nested(tomllib.loads(line)))
    except tomllib.TOMLDecodeError:
        return ()


def _nested(value: Any) -> Iterator[str]:  # noqa: ANN401  whatever TOML holds
    while value:
        value = value[0] if isinstance(value, list) else value
        if not isinstance(value, dict) or not value:
            return
        key, value = next(iter(value.items()))
        yield key
