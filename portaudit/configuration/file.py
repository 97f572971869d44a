"""Which file holds the configuration, whose it is, and what stands in it, as tables.

A configuration accepts findings and names commands that run, so one that another user left in a shared folder
is refused, as git refuses such a repository. Most folders have none, so finding that out costs next to
nothing: what reads TOML is imported to read it.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from portaudit.errors import UsageError
from portaudit.trust import open_regular, trusted_users

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.configuration.tables import Section

OWN = "portaudit.toml"
PROJECT = "pyproject.toml"

TABLE = ("tool", "portaudit")
"""Where the tables stand in pyproject.toml; in any other file they stand at the top."""

SIZE_MAX = 1 << 20
"""Bytes: no configuration is longer."""


TRUSTED_VARIABLE = "PORTAUDIT_TRUSTED_CONFIG"
"""The environment variable that holds the path of one configuration which counts whoever owns it."""


def find_file(start: Path) -> Path | None:
    """Find the configuration from a folder upwards: portaudit.toml, or pyproject.toml with [tool.portaudit].

    Where both are in one folder, portaudit.toml counts. The search ends with the root of a repository, the
    home folder, or a file system. Raises UsageError if one of them is no TOML, or belongs to another user.
    """
    for folder in _folders(start):
        if _is_there(folder / OWN):
            return _trusted(folder / OWN)
        if _may_declare(folder / PROJECT) and _declares(folder / PROJECT):
            return _trusted(folder / PROJECT)
    return None


def _folders(start: Path) -> Iterator[Path]:
    home, device = Path(os.environ.get("HOME", "")), start.stat().st_dev
    for folder in (start, *start.parents):
        if folder.stat().st_dev != device:
            return
        yield folder
        if folder == home or _is_there(folder / ".git"):
            return


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def _trusted(path: Path) -> Path:
    _check_owners(path, {path.lstat().st_uid, path.stat().st_uid} if path.exists() else {path.lstat().st_uid})
    return path


def _check_owners(path: Path, owners: set[int]) -> None:
    if owners <= trusted_users() or os.environ.get(TRUSTED_VARIABLE) == str(path):
        return
    raise UsageError(
        f"{path} belongs to another user (id {max(owners - trusted_users())}), so it is not obeyed; "
        f"if you trust it, name it: --config {path}, or {TRUSTED_VARIABLE}={path} in the environment"
    )


def _may_declare(project: Path) -> bool:
    try:
        data = _bytes_of(project)
    except OSError:
        return project.is_file()  # whoever reads it says why it cannot be read
    return b"portaudit" in data and b"tool" in data


def _declares(path: Path) -> bool:
    return _own_part(_parse(_read(path), str(path))) is not None


def read_file(path: Path, called: str, *, found: bool = False) -> Section:
    """Read a configuration file that messages call so.

    Raises UsageError, with the line, if it is no TOML, or if it was found, not named, and is another user's
    by now: whoever owns the folder can give its name to another file at any time.
    """
    from portaudit.configuration.tables import Section, lines_of

    text = _read(path, called, found=found)
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


def _read(path: Path, called: str | None = None, *, found: bool = False) -> str:
    name = called or str(path)
    try:
        data = _bytes_of(path, found=found)
    except OSError as error:
        raise UsageError(f"{name} cannot be read: {error.strerror or error}") from error
    if len(data) > SIZE_MAX:
        raise UsageError(f"{name} is longer than {SIZE_MAX >> 20} MiB; that is no configuration")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: the file is no UTF-8, as TOML must be") from error


def _bytes_of(path: Path, *, found: bool = False) -> bytes:
    """Read one byte more than is allowed at most. Raises OSError for what is no regular file."""
    with open_regular(path) as file:
        if found:
            _check_owners(path, {os.fstat(file.fileno()).st_uid})
        return file.read(SIZE_MAX + 1)


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
