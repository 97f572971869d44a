"""Which file holds the configuration, and what stands in it, as tables.

Most folders have none, so finding that out costs next to nothing: what reads TOML is imported to read it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from portaudit.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from portaudit.configuration.tables import Section

OWN = "portaudit.toml"
PROJECT = "pyproject.toml"

TABLE = ("tool", "portaudit")
"""Where the tables stand in pyproject.toml; in any other file they stand at the top."""

SIZE_MAX = 1 << 20
"""Bytes: no configuration is longer."""


def find_file(start: Path) -> Path | None:
    """Find the configuration from a folder upwards: portaudit.toml, or pyproject.toml with [tool.portaudit].

    Where both are in one folder, portaudit.toml counts. Raises UsageError if one of them is no TOML.
    """
    for folder in (start, *start.parents):
        if (folder / OWN).is_file():
            return folder / OWN
        if _may_declare(folder / PROJECT) and _declares(folder / PROJECT):
            return folder / PROJECT
    return None


def _may_declare(project: Path) -> bool:
    try:
        text = project.read_bytes()
    except OSError:
        return project.is_file()  # whoever reads it says why it cannot be read
    return b"portaudit" in text and b"tool" in text


def _declares(path: Path) -> bool:
    return _own_part(_parse(_read(path), str(path))) is not None


def read_file(path: Path, called: str) -> Section:
    """Read a configuration file that messages call so. Raises UsageError, with the line, if it is no TOML."""
    from portaudit.configuration.tables import Section, lines_of

    text = _read(path, called)
    values: Any = _parse(text, called)
    lines = lines_of(text)
    if path.name != PROJECT:
        return Section(called, (), values, lines)
    part = _own_part(values)
    if part is None:
        raise UsageError(f"{called} has no table [tool.portaudit]")
    if not isinstance(part, dict):
        raise UsageError(f"{called}: tool.portaudit is a table")
    return Section(called, TABLE, part, lines)


def _own_part(values: dict[str, Any]) -> Any:  # noqa: ANN401  whatever TOML holds
    tool = values.get("tool")
    return tool.get("portaudit") if isinstance(tool, dict) else None


def _read(path: Path, called: str | None = None) -> str:
    name = called or str(path)
    try:
        with path.open("rb") as file:
            data = file.read(SIZE_MAX + 1)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from error
    if len(data) > SIZE_MAX:
        raise UsageError(f"{name} is longer than {SIZE_MAX >> 20} MiB; that is no configuration")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: the file is no UTF-8, as TOML must be") from error


def _parse(text: str, called: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # no TOML, or a number of thousands of digits
        raise UsageError(_syntax_error(str(error), text, called)) from error


def _syntax_error(told: str, text: str, called: str) -> str:
    at = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", told)
    if at is None:
        return f"{called}: this is no TOML: {told}"
    line, column = at[1] or str(text.rstrip("\n").count("\n") + 1), at[2]
    where = f"column {column}" if column else "end of the file"
    return f"{called}:{line}: this is no TOML: {told[: at.start()]} ({where})"
