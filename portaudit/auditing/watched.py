"""One watched process: when it is counted and read, when an alarm rings, and what is kept for it."""

import os
import platform
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from portaudit.analysis.growth import Growth
from portaudit.auditing.files import save
from portaudit.collect.following import Follower
from portaudit.model.snapshot import Entries, Machine, Snapshot, Task
from portaudit.model.watch import Alarm, ClassGrowth, WatchState
from portaudit.snapshot_file import make_folder

UNASKED_SHARE = 0.004
"""Share of one processor that readings may take which no change of the count asks for."""
ASKED_SHARE = 0.04
"""The same for readings that one asks for."""
ROWS_MAX = 500_000
"""Rows that a ring holds; the last three readings are always there, for they make a series."""
KEPT_LEAST = 3
QUIET_AGAIN = 0.5
"""An alarm can ring again once the rate has fallen below this part of its limit."""


@dataclass(frozen=True, slots=True)
class AlarmLimit:
    """What rings, and where the past is kept then."""

    rate: float
    """References a minute."""
    folder: Path | None = None


def _processor_seconds() -> float:
    # lsmp works in a process of its own
    times = os.times()
    return time.thread_time() + times.children_user + times.children_system


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
        while len(self.kept) > max(KEPT_LEAST, self.most) or (
            len(self.kept) > KEPT_LEAST and self._rows() > ROWS_MAX
        ):
            self.kept.popleft()

    def _rows(self) -> int:
        return sum(len(task.entries or ()) for snapshot in self.kept for task in snapshot.tasks)

    def save(self, folder: Path, name: str) -> tuple[str, ...]:
        """Write the readings as snapshot files, oldest first. Raises UsageError if that cannot be."""
        make_folder(folder)
        files = [str(folder / f"{name}-{number:02}.json") for number in range(len(self.kept))]
        for file, snapshot in zip(files, self.kept, strict=True):
            save(file, snapshot)
        return tuple(files)


@dataclass(slots=True)
class Watched:
    """One process under watch. What it remembers has a fixed size, however long the watch lasts."""

    follower: Follower
    ring: Ring
    limit: AlarmLimit | None = None
    _growth: Growth = field(default_factory=Growth)
    _names: int | None = None
    _readings: int = 0
    _over: str | None = None
    _unread: bool = False
    _read_at: float = float("-inf")
    _cost: float = 0.0
    _ringing: set[str] = field(default_factory=set)
    _left_out: int = 0
    _gap: str = ""

    def look(self) -> WatchState:
        """Count, read if that pays, and say what is there now."""
        changed = self._over is None and self._look()
        classes = self._growth.classes()
        alarms = tuple(self._alarms(classes)) if changed else ()
        return WatchState(
            self.follower.process,
            time.time(),
            self._names,
            self._readings,
            classes,
            changed,
            self._over,
            self._unread,
            alarms,
            f"{self._left_out} incomplete: {self._gap}" if self._left_out else None,
        )

    def reads_something_new(self) -> bool:
        """Read now, whatever it costs: only that tells that no reference has moved."""
        return self._over is None and self._read()

    def _look(self) -> bool:
        if not self.follower.lives:
            return self._end("it has exited")
        count = self.follower.count()
        asked = count is not None and count != self._names
        share = ASKED_SHARE if asked else UNASKED_SHARE
        if (time.monotonic() - self._read_at) * share < self._cost:
            return False
        return self._read()

    def _end(self, reason: str) -> bool:
        self._over = reason
        return True

    def _read(self) -> bool:
        used, self._read_at = _processor_seconds(), time.monotonic()
        reading = self.follower.read()
        # The first reading asks for the kind of every object, which no later one does
        self._cost = _processor_seconds() - used if self._readings else 0.0
        if not self.follower.lives:
            return self._end("it has exited")
        if reading.not_read is not None:
            self._unread = True
            return self._end(reading.not_read.reason)
        if reading.gaps:  # what is not in it would be lost now, and gained at the next
            self._left_out, self._gap = self._left_out + 1, "; ".join(reading.gaps)
            return self._left_out == 1
        return self._take_in(reading, reading.entries or Entries())

    def _take_in(self, reading: Task, entries: Entries) -> bool:
        now = time.time()
        self._readings += 1
        changed = self._growth.add(now, entries)
        changed |= len(entries) != self._names
        self._names = len(entries)
        if changed and self.limit is not None:
            self.ring.add(reading, now)
        return changed

    def _alarms(self, classes: tuple[ClassGrowth, ...]) -> Iterator[Alarm]:
        ringing = [growth for growth in classes if (growth.rate or 0) > self._ceiling()]
        new = [growth for growth in ringing if growth.label not in self._ringing]
        still = {growth.label for growth in classes if (growth.rate or 0) >= self._ceiling() * QUIET_AGAIN}
        self._ringing = (self._ringing & still) | {growth.label for growth in ringing}
        files = self._keep() if new else ()
        yield from (Alarm(growth, files) for growth in new)

    def _ceiling(self) -> float:
        return self.limit.rate if self.limit else float("inf")

    def _keep(self) -> tuple[str, ...]:
        folder = self.limit.folder if self.limit else None
        if folder is None:
            return ()
        names = (f"alarm-{self.follower.process.pid}-{number}" for number in count(1))
        # Those of an earlier watch stay as they are: two series in one would tell of a leak that is none
        free = next(name for name in names if not (folder / f"{name}-00.json").exists())
        return self.ring.save(folder, free)
