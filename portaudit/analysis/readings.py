"""The same tasks through all snapshots of a series, as far as they can be followed."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from portaudit.analysis.pairing import pair_tasks
from portaudit.model.difference import Unread
from portaudit.model.snapshot import Entries, Snapshot, Task


@dataclass(frozen=True, slots=True)
class Readings:
    """One task in the first snapshot and in every one after it, until it could not be followed."""

    tasks: tuple[Task, ...]

    @property
    def last(self) -> Task:
        """The task as it was read last."""
        return self.tasks[-1]

    @property
    def spaces(self) -> list[Entries]:
        """What was read each time."""
        return [task.entries or Entries() for task in self.tasks]

    @property
    def queued_more(self) -> int:
        """How many more messages are queued at its ports at the end than at the beginning."""
        first, last = (
            sum(filter(None, space.receive.queued)) for space in self.spaces[:: len(self.tasks) - 1]
        )
        return last - first


def follow(snapshots: Sequence[Snapshot]) -> tuple[list[Readings], list[Unread]]:
    """Follow each task of the first snapshot; say of each that was lost, where and why."""
    first = snapshots[0]
    followed: dict[str, list[Task]] = {task.title: [task] for task in first.tasks}
    lost: dict[str, Unread] = {}
    for number, snapshot in enumerate(snapshots[1:], 2):
        pairing = pair_tasks(first, snapshot)
        for was, now in pairing.pairs:
            if was.title not in lost:
                followed[was.title].append(now)
        for unread in pairing.unread:
            place = f"snapshot {number} of {len(snapshots)}: {unread.reason}"
            lost.setdefault(unread.title, replace(unread, reason=place))
    readings = [Readings(tuple(tasks)) for tasks in followed.values() if len(tasks) > 1]
    return readings, list(lost.values())
