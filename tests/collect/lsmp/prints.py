"""The recorded prints of lsmp, and what they show."""

import json
from pathlib import Path

from portaudit.model.snapshot import Task

FOLDER = Path(__file__).parents[2] / "data" / "lsmp"
PRINTS = FOLDER / "prints"
SAMPLES = FOLDER / "samples"
TRUTH = json.loads((FOLDER / "truth.json").read_text())
SILENT = {"nonroot_denied", "pid_missing"}
"""Prints of an lsmp that gave up."""
SPEAKING = sorted(set(TRUTH) - SILENT)


def bytes_of(name: str, form: str) -> bytes:
    """Give what lsmp printed."""
    return (PRINTS / f"{name}.{form}").read_bytes()


def rows_of(task: Task) -> list[list[object]]:
    """Give a task's rows in the columns and the order of truth.json."""
    return sorted(
        (
            [
                f"0x{entry.name:08x}",
                f"0x{entry.object or 0:08x}",
                "+".join(entry.rights),
                entry.urefs,
                entry.kobject_label,
                entry.description,
                [entry.peer.pid, f"0x{entry.peer.name or 0:08x}"] if entry.peer else None,
            ]
            for entry in task.entries or ()
        ),
        key=lambda row: str(row[0]),
    )
