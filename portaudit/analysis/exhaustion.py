"""When a rate ends: the counter is full, the space is full, or the last reference is gone."""

from collections.abc import Sequence
from dataclasses import replace

from portaudit.model.difference import SeriesRow
from portaudit.model.rights import UREFS_MAX
from portaudit.model.snapshot import Snapshot

SPACE_MAX = 305_834
"""About so many names fit into a space: 7 MiB of 24-byte entries on desktop configurations (XNU
config/MASTER:294-295). Machines and releases differ; 114,835 and 267,611 were seen, too."""


def with_exhaustion(row: SeriesRow, snapshots: Sequence[Snapshot]) -> SeriesRow:
    """Add how many rounds, and seconds if the snapshots say when they were taken, a row can go on."""
    rate = row.kept.rate
    last = row.change.after or 0
    if not rate:
        return row
    if rate < 0:
        left = last / -rate
    elif row.names > 1:
        left = max(0.0, SPACE_MAX - _names_now(row, snapshots[-1])) * len(row.kept.steps) / row.names
    else:
        left = (UREFS_MAX - last) / rate
    seconds = _seconds_a_round(snapshots)
    return replace(row, rounds_left=int(left), seconds_left=None if seconds is None else left * seconds)


def _names_now(row: SeriesRow, last: Snapshot) -> int:
    return sum(len(task.entries or ()) for task in last.tasks if task.process == row.change.process)


def _seconds_a_round(snapshots: Sequence[Snapshot]) -> float | None:
    first, last = snapshots[0].taken, snapshots[-1].taken
    if first is None or last is None or last <= first:
        return None
    return (last - first) / (len(snapshots) - 1)
