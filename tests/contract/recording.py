"""Recordings of XNU's answers, as values: what was called, and what it answered.

A recording is JSON, plain or gzipped: one recording, or {"recordings": [...]}. A step holds the state after
it whole ("state"), or as a change ("state_delta", in which null takes a name away).
"""

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Spaces = dict[str, Any]
"""task -> label -> entry as it was recorded; "dead" for a task that has ended."""


@dataclass(frozen=True)
class Step:
    """One call, its answer, and the state after it."""

    number: int
    call: str
    task: str
    args: list[str]
    assign: str | None
    result: dict[str, Any]
    guards: list[dict[str, Any]]
    state: Spaces

    @property
    def plain(self) -> list[str]:
        """The arguments without a keyword."""
        return [arg for arg in self.args if "=" not in arg]

    def keyed(self, key: str) -> list[str]:
        """The values of all arguments `key=value`."""
        return [arg.split("=", 1)[1] for arg in self.args if arg.startswith(f"{key}=")]

    def option(self, key: str) -> str | None:
        """The value of an argument `key=value`, if it was given."""
        return next(iter(self.keyed(key)), None)


@dataclass(frozen=True)
class Recording:
    """A script that was played on XNU."""

    name: str
    platform: bool
    steps: list[Step] = field(repr=False)


def find(paths: list[Path]) -> Iterator[Recording]:
    """Read the recordings in files and folders, in order of their names.

    Other JSON in a folder is passed over: audits and series have no steps. A named file must hold some.
    """
    for path in paths:
        files = sorted(path.rglob("*.json*")) if path.is_dir() else [path]
        for file in files:
            found = list(load(file))
            if not found and file is path:
                raise SystemExit(f"{path} holds no recording: there are no steps in it")
            yield from found


def load(path: Path) -> Iterator[Recording]:
    """Read the recordings in one file; none if it holds something else."""
    data = path.read_bytes()
    document = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    several = document.get("recordings") if isinstance(document, dict) else ()
    for recording in several if several is not None else [document]:
        if "steps" not in recording:
            continue
        name = recording.get("scenario", path.name) if several is not None else path.name
        platform = str(recording.get("task_kind", "")).startswith("platform")
        yield Recording(name, platform, list(_steps(recording["steps"])))


def _steps(steps: list[dict[str, Any]]) -> Iterator[Step]:
    state: Spaces = {}
    for number, step in enumerate(steps):
        state = step["state"] if "state" in step else _changed(state, step.get("state_delta", {}))
        yield Step(
            number,
            step["call"],
            step["task"],
            [str(arg) for arg in step.get("args", [])],
            step.get("assign"),
            step.get("result", {}),
            step.get("guard_exceptions", []),
            state,
        )


def _changed(state: Spaces, delta: Spaces) -> Spaces:
    changed = dict(state)
    for task, entries in delta.items():
        if not isinstance(entries, dict):
            changed[task] = entries
            continue
        before = state.get(task)
        merged = {**(before if isinstance(before, dict) else {}), **entries}
        changed[task] = {label: entry for label, entry in merged.items() if entry is not None}
    return changed
