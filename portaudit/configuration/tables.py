"""The tables of a configuration file, read key by key; a mistake is a sentence with file and line.

tomllib does not tell on which line a key stands, so headers and keys are looked for in the text. That search
sees lines, not TOML: a line within a multi-line string that looks like a header or a key is taken for one,
and a key of an inline table has the line of its table.
"""

import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from types import UnionType
from typing import Any, NoReturn

from portaudit.errors import UsageError
from portaudit.model.declared import Place

Path = tuple[str | int, ...]
"""Keys from the top of the file; a number counts the elements of an array from 0."""

HEADER = re.compile(r"""\s*(\[\[?(?:[^\]"']|"(?:[^"\\]|\\.)*"|'[^']*')+\]?\])\s*(?:\#.*)?""")
KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*)\s*="""
)

KINDS = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "text",
    list: "an array",
    dict: "a table",
}

NUMBER_MAX = 1e9
"""No number of a configuration is so large, whatever it counts; seconds are 30 years then."""

LISTED_MAX = 16
"""Words that a sentence lists; there are more kobject types than that."""


@dataclass(frozen=True, slots=True)
class Section:
    """A table, where it stands in its file, and how to find the line of what is in it."""

    file: str
    path: Path
    """Keys from the top of the file."""
    values: Mapping[str, Any]
    lines: Mapping[Path, int]
    title: str = ""
    """What messages call it; empty: the configuration."""

    def place(self, key: str | None = None) -> Place:
        """Give the line of a key, or of the table."""
        path = self.path if key is None else (*self.path, key)
        return Place(self.file, line_of(dict(self.lines), path))

    def mistake(self, key: str | None, sentence: str) -> NoReturn:
        """Raise UsageError: one sentence, with the place before it."""
        raise UsageError(f"{self.place(key)}: {sentence}")

    def allow(self, known: Iterable[str]) -> None:
        """Raise UsageError for the first key that is not among the known ones, with the nearest of them."""
        keys = tuple(known)
        for key in self.values:
            if key not in keys:
                self.mistake(key, f"{self._whose()} has no key {key!r}{nearest(key, keys)}")

    def require(self, *keys: str) -> None:
        """Raise UsageError if one of the keys is not there."""
        for key in keys:
            if key not in self.values:
                self.mistake(None, f"{self._whose()} needs {key!r}, and has none")

    def _whose(self) -> str:
        return self.title or "the configuration"

    def _typed(self, key: str, kind: type | UnionType, wanted: str) -> Any:  # noqa: ANN401  of the type that was asked for
        value = self.values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.mistake(key, f"{key!r} of {self._whose()} is {wanted}, not {_said(value)}")
        return value

    def text(self, key: str) -> str | None:
        """Give a text that is not empty; None if the key is not there."""
        if key not in self.values:
            return None
        value: str = self._typed(key, str, "text")
        if not value.strip():
            self.mistake(key, f"{key!r} of {self._whose()} is empty")
        return value

    def flag(self, key: str) -> bool:
        """Give a boolean; False if the key is not there."""
        return bool(self._typed(key, bool, "a boolean")) if key in self.values else False

    def number(self, key: str, default: float, least: float) -> float:
        """Give a number of at least so much."""
        if key not in self.values:
            return default
        value: float = self._typed(key, int | float, "a number")
        if not least <= value < NUMBER_MAX:
            bound = f"below {NUMBER_MAX:g}" if least <= value < float("inf") else f"at least {least:g}"
            self.mistake(key, f"{key!r} of {self._whose()} is {bound}, not {value}")
        return value

    def whole(self, key: str, default: int, least: int) -> int:
        """Give a whole number of at least so much."""
        if key in self.values:
            self._typed(key, int, "a whole number")
        return int(self.number(key, default, least))

    def day(self, key: str) -> date | None:
        """Give a date, written as TOML's own or as text; None if the key is not there."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            try:
                return date.fromisoformat(value)
            except ValueError:
                self.mistake(key, f"{key!r} of {self._whose()} is no day of the calendar: {value!r}")
        if not isinstance(value, date) or isinstance(value, datetime):
            self.mistake(key, f"{key!r} of {self._whose()} is a date such as 2027-01-31, not {_said(value)}")
        return value

    def choice(self, key: str, value: str, known: Iterable[str]) -> str:
        """Give a word that is among the known ones."""
        words = tuple(known)
        if value not in words:
            self.mistake(key, f"{key!r} of {self._whose()} is no {value!r}{nearest(value, words)}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Give the texts of an array."""
        values = self._typed(key, list, "an array of texts") if key in self.values else []
        for value in values:
            if not isinstance(value, str) or not value.strip():
                self.mistake(
                    key, f"{key!r} of {self._whose()} is an array of texts, and holds {_said(value)}"
                )
        return tuple(values)

    def command(self, key: str) -> tuple[str, ...]:
        """Give the words of a command: an array, or a text that is split as a shell splits it."""
        value = self.values.get(key)
        if isinstance(value, str):
            try:
                words = tuple(shlex.split(value))
            except ValueError as error:
                self.mistake(key, f"{key!r} of {self._whose()} cannot be split into words: {error}".lower())
        else:
            words = self.texts(key)
        if key in self.values and not words:
            self.mistake(key, f"{key!r} of {self._whose()} is empty")
        return words

    def table(self, key: str, title: str) -> "Section | None":
        """Give the table under a key; None if the key is not there."""
        if key not in self.values:
            return None
        return Section(self.file, (*self.path, key), self._typed(key, dict, "a table"), self.lines, title)

    def elements(self, key: str, title: str) -> Iterator["Section | str"]:
        """Yield the elements of an array under a key: tables, or texts."""
        values = self._typed(key, list, "an array of tables") if key in self.values else []
        for number, value in enumerate(values):
            if isinstance(value, str):
                yield value
            elif isinstance(value, dict):
                yield Section(self.file, (*self.path, key, number), value, self.lines, title)
            else:
                self.mistake(
                    key, f"{key!r} of {self._whose()} is an array of tables, and holds {_said(value)}"
                )


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word is meant, or which there are if none is near and they are few."""
    words = tuple(known)
    close = get_close_matches(word, words, n=1) or get_close_matches(word.lower(), words, n=1)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; there are {', '.join(words)}" if len(words) <= LISTED_MAX else ""


def _said(value: object) -> str:
    return next(
        (f"{word} ({value!r})" for kind, word in KINDS.items() if isinstance(value, kind)), str(value)
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
