"""The last readings of a watched process, to be kept when an alarm rings."""

import platform
from collections import deque
from dataclasses import dataclass, field
from pathlib import Path

from portaudit.auditing.files import save
from portaudit.errors import UsageError
from portaudit.model.snapshot import Machine, Snapshot, Task

ROWS_MAX = 500_000
"""Rows that a ring holds; the last three readings are always there, for they make a series."""
LEAST = 3


@dataclass(slots=True)
class Ring:
    """The last readings in which something changed, never more than `most` and never too many rows."""

    kernel: str
    boot: str | None
    most: int
    kept: deque[Snapshot] = field(default_factory=deque)

    def add(self, task: Task, moment: float) -> None:
        """Take in a reading, and forget the oldest that there is no room for."""
        machine = Machine(platform.machine(), None, self.boot, self.kernel)
        self.kept.append(Snapshot((task,), moment, machine, label="watch"))
        while len(self.kept) > max(LEAST, self.most) or (len(self.kept) > LEAST and self._rows() > ROWS_MAX):
            self.kept.popleft()

    def _rows(self) -> int:
        return sum(len(task.entries or ()) for snapshot in self.kept for task in snapshot.tasks)

    def save(self, folder: Path, name: str) -> tuple[str, ...]:
        """Write the readings as snapshot files, oldest first. Raises UsageError if that cannot be."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be made: {error.strerror or error}") from error
        files = [str(folder / f"{name}-{number:02}.json") for number in range(len(self.kept))]
        for file, snapshot in zip(files, self.kept, strict=True):
            save(file, snapshot)
        return tuple(files)
