"""Which task before is which task after, and which cannot be compared."""

from dataclasses import dataclass

from portaudit.model.difference import Unread
from portaudit.model.snapshot import Snapshot, Task

SAME_MOMENT = 0.02
"""Seconds by which two accounts of one start may differ: Linux counts it in ticks of 10 ms."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """Tasks that stand on both sides and were read on both, and the others with the reason."""

    pairs: tuple[tuple[Task, Task], ...]
    unread: tuple[Unread, ...]


def pair_tasks(before: Snapshot, after: Snapshot) -> Pairing:
    """Match the tasks of two snapshots: by role where both have it, else by pid.

    A task is the same if boot, pid and start time agree; what is unknown on a side does not disagree.
    """
    if _differ(before.machine.boot, after.machine.boot):
        reason = "the two snapshots come from different boots, so names and objects mean different things"
        return Pairing((), tuple(_unread(task, reason) for task in before.tasks))
    pairs: list[tuple[Task, Task]] = []
    unread: list[Unread] = []
    left = list(after.tasks)
    for task in before.tasks:
        twin = _twin(task, left)
        if twin is None:
            unread.append(
                _unread(
                    task, f"{task.title} stands in the first snapshot only: it has exited, or was left out"
                )
            )
            continue
        left.remove(twin)
        obstacle = _obstacle(task, twin)
        if obstacle is None:
            pairs.append((task, twin))
        else:
            unread.append(_unread(twin, obstacle))
    unread += [
        _unread(task, f"{task.title} stands in the second snapshot only: it is new, or was left out")
        for task in left
    ]
    return Pairing(tuple(pairs), tuple(unread))


def _twin(task: Task, candidates: list[Task]) -> Task | None:
    for candidate in candidates:
        if task.role is not None and candidate.role is not None:
            if task.role == candidate.role:
                return candidate
        elif task.process.pid is not None and task.process.pid == candidate.process.pid:
            return candidate
    return None


def _obstacle(before: Task, after: Task) -> str | None:
    for task, when in ((before, "before"), (after, "after")):
        if task.not_read is not None:
            return f"{task.title} was not read {when}: {task.not_read.reason}"
    if _differ(before.process.pid, after.process.pid):
        return f"{before.title} was process {before.process.pid} and is {after.process.pid} now: it restarted"
    if _started_apart(before.process.start_time, after.process.start_time):
        return f"process {before.process.pid} is another one now: it was started at another time"
    return None


def _started_apart(one: float | None, other: float | None) -> bool:
    # Writers round differently: the kernel keeps microseconds, and a pid is not used again at once
    return one is not None and other is not None and abs(one - other) > SAME_MOMENT


def _differ(left: object, right: object) -> bool:
    return left is not None and right is not None and left != right


def _unread(task: Task, reason: str) -> Unread:
    return Unread(task.title, task.role, task.process, reason)
