"""Which task before is which task after, which of them are under audit, and which cannot be compared."""

from collections.abc import Callable, Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise

from portaudit.model.difference import Unread
from portaudit.model.snapshot import Entries, Snapshot, Task
from portaudit.model.way import LSMP

SAME_MOMENT = 1.5
"""Seconds by which two accounts of one start may differ: Linux counts it in ticks of 10 ms, and on a Mac
the account moves when the clock is stepped; a pid is not used again at once."""

READERS = frozenset({"lsmp", "portaudit"})
"""Processes that read: what they hold is held for the reading, and lsmp has another pid at each."""

FEW = 4
"""So many tasks without a role are all under audit; more are a survey."""


ENOUGH = 0.5
"""The share of rows that two readings of one task have in common at the least, name and object."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Who is under audit; the other tasks of a text are context."""

    holds: Callable[[Task], bool]
    survey: bool = False


def scope_of(snapshots: Sequence[Snapshot], pids: Collection[int] = ()) -> Scope:
    """Say which tasks are under audit.

    Those with a role, if any has one, those whose pids are named, and what was read one by one, since
    somebody named it then: lsmp alone prints the whole system. Without a role all are, but the reader
    itself; more than four are a survey then: nobody can say whose transfer it is.
    """
    tasks = [task for snapshot in snapshots for task in snapshot.tasks]
    if any(task.role or task.process.pid in pids for task in tasks):
        return Scope(lambda task: task.role is not None or task.process.pid in pids or task.way != LSMP)
    plain = [len([task for task in snapshot.tasks if not _reads(task)]) for snapshot in snapshots]
    return Scope(lambda task: not _reads(task), survey=max(plain) > FEW)


def _reads(task: Task) -> bool:
    return task.process.name in READERS


def readers_of(snapshots: Sequence[Snapshot]) -> list[str]:
    """Name the processes that took the readings: they stand in a print as others do, and are not audited."""
    tasks = (task for snapshot in snapshots for task in snapshot.tasks if task.role is None and _reads(task))
    return list(dict.fromkeys(task.title for task in tasks))


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


def follow(snapshots: Sequence[Snapshot], scope: Scope) -> tuple[list[Readings], list[Unread]]:
    """Follow each task under audit through the snapshots; say of each that was lost where and why.

    What was read of it before stands. A task is the same if boot, pid and start time agree; what is unknown
    on a side does not disagree.
    """
    first = snapshots[0]
    followed = {id(task): [task] for task in first.tasks}
    lost: dict[tuple[object, ...], Unread] = {}
    for number, snapshot in enumerate(snapshots[1:], 2):
        place = f"snapshot {number} of {len(snapshots)}: " if len(snapshots) > 2 else ""  # noqa: PLR2004  a pair needs no number
        pairs, unread = _pair(first, snapshot, scope)
        for was, now in pairs:
            if len(followed[id(was)]) == number - 1:
                followed[id(was)].append(now)
        for one in unread:
            lost.setdefault((one.title, one.process.pid), replace(one, reason=f"{place}{one.reason}"))
    readings = [Readings(_own_rows(tasks, snapshots)) for tasks in followed.values() if len(tasks) > 1]
    return readings, [] if scope.survey else list(lost.values())


Rows = AbstractSet[tuple[int, int | None]]
"""Rows by name and object."""


def _own_rows(readings: Sequence[Task], snapshots: Sequence[Snapshot]) -> tuple[Task, ...]:
    """Leave out of incomplete readings what is another process's, or may be.

    Whoever cuts a text may cut the end of one table and the beginning of the next. So a row counts for none
    that another process has in another reading; and what stands behind a cut counts if another reading shows
    as many rows of it as the task's.
    """
    if not any(task.gaps for task in readings):
        return tuple(readings)
    pid = readings[0].process.pid
    others = [task for snapshot in snapshots for task in snapshot.tasks if task.process.pid != pid]
    strange = frozenset[tuple[int, int | None]]().union(*map(_rows_of, others))
    seen = list(map(_rows_of, readings))
    return tuple(
        _own_part(task, seen[:place] + seen[place + 1 :], strange) if task.gaps else task
        for place, task in enumerate(readings)
    )


def _rows_of(task: Task) -> Rows:
    space = task.entries or Entries()
    return set(zip(space.name, space.object, strict=True))


def _own_part(task: Task, seen: Sequence[Rows], strange: Rows) -> Task:
    space = task.entries or Entries()
    seams = set(task.seams)
    begins = [row for row, name in enumerate(space.name) if name in seams]
    kept: list[int] = []
    for begin, end in pairwise(sorted({0, *begins, len(space)})):
        rows = [(row, (space.name[row], space.object[row])) for row in range(begin, end)]
        those = {key for _, key in rows}
        if space.name[begin] not in seams or any(len(those & other) >= ENOUGH * len(those) for other in seen):
            kept += [row for row, key in rows if key not in strange or any(key in other for other in seen)]
    return task if len(kept) == len(space) else replace(task, entries=space.only(kept))


def _pair(before: Snapshot, after: Snapshot, scope: Scope) -> tuple[list[tuple[Task, Task]], list[Unread]]:
    wanted = [task for task in before.tasks if scope.holds(task)]
    if _differ(before.machine.boot, after.machine.boot):
        reason = "the two snapshots come from different boots, so names and objects mean different things"
        return [], [_unread(task, reason) for task in wanted]
    pairs: list[tuple[Task, Task]] = []
    unread: list[Unread] = []
    left = [task for task in after.tasks if scope.holds(task)]
    for task in wanted:
        twin = _twin(task, left) or _successor(task, wanted, left)
        if twin is None:
            gone = f"{task.title} stands in the first snapshot only: it has exited, or was left out"
            unread.append(_unread(task, gone))
            continue
        left.remove(twin)
        obstacle = _obstacle(task, twin)
        if obstacle is None:
            pairs.append((task, twin))
        else:
            unread.append(_unread(twin, obstacle))
    new = "stands in the second snapshot only: it is new, or was left out"
    return pairs, [*unread, *(_unread(task, f"{task.title} {new}") for task in left)]


def _twin(task: Task, candidates: list[Task]) -> Task | None:
    same_role = [one for one in candidates if task.role is not None and one.role == task.role]
    same_pid = [
        one
        for one in (same_role or candidates)
        if task.process.pid is not None and one.process.pid == task.process.pid
        if task.role is None or one.role in (None, task.role)
    ]
    return next(iter((*same_pid, *same_role)), None)


def _successor(task: Task, wanted: list[Task], left: list[Task]) -> Task | None:
    """Give the one new process that is called as the one that has gone: it was started again."""
    name, there = task.process.name, {one.process.pid for one in left}
    known = {one.process.pid for one in wanted}
    gone = [one for one in wanted if one.process.name == name and one.process.pid not in there]
    new = [one for one in left if one.process.name == name and one.process.pid not in known]
    return new[0] if name is not None and (len(gone), len(new)) == (1, 1) else None


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
    return one is not None and other is not None and abs(one - other) > SAME_MOMENT


def _differ(left: object, right: object) -> bool:
    return left is not None and right is not None and left != right


def _unread(task: Task, reason: str) -> Unread:
    return Unread(task.title, task.role, task.process, reason)
