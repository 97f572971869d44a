"""What changes while nothing is transferred, taken off what changed while something was."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from msgspec import structs

from portaudit.model.difference import Change, Difference, Kind
from portaudit.model.finding import IdleClass
from portaudit.model.rights import Right
from portaudit.model.snapshot import Process, Snapshot

MUCH_LONGER = 2
"""Times the idle pair: a pair that is so much longer is hardly held against it."""


def task_of(role: str | None, process: Process) -> str:
    """Name a task as another pair does, too: its process may have been started anew."""
    return role or process.name or str(process.pid)


class _Class(NamedTuple):
    task: str
    right: Right
    kobject: str | None
    description: str | None
    of: str | None
    gained: bool


def subtract(
    changes: Iterable[Change], idle: Difference | None, *, whole: bool
) -> tuple[tuple[Change, ...], tuple[IdleClass, ...]]:
    """Take the changes of an idle pair off residuals of the same class and direction.

    If not `whole`, what comes and goes is left as it is: a pair of many operations is held against the idle
    pair.

    A class is a task, a kind of right, and what the object is; names and object ids do not count, since
    churn takes new ones. Nothing is taken off that the idle pair did not show: gains are taken off gains
    and losses off losses, each up to what there was.
    """
    if idle is None:
        return tuple(changes), ()
    seen = _sums(idle.changes)
    left = dict(seen)
    smaller = tuple(
        _subtract(change, left) if whole or change.kind is not Kind.COMING_AND_GOING else change
        for change in changes
    )
    return smaller, tuple(
        IdleClass(
            known.task, known.right, known.kobject, known.description, number, abs(number - left[known])
        )
        for known, number in seen.items()
    )


def _sums(changes: Iterable[Change]) -> dict[_Class, int]:
    sums: Counter[_Class] = Counter()
    for change in changes:
        sums[_class_of(change)] += change.change
    return {known: number for known, number in sums.items() if number}


def no_idle_pair(idle: Difference, audited: Sequence[Snapshot]) -> str | None:
    """Say why what is given as an idle pair is none beside these snapshots; None: it may be one."""
    if idle.disorder is not None:
        return idle.disorder
    if _lasts_through(idle, audited[0], audited[-1]):
        return "what is audited happened during it, so it would take off what was transferred"
    return None


def _lasts_through(idle: Difference, first: Snapshot, last: Snapshot) -> bool:
    if idle.before is first and idle.after is last:
        return True
    processes = {task.process for task in first.tasks}
    if processes.isdisjoint(task.process for task in idle.before.tasks):
        return False  # others may have been idle all the while
    times = [one.taken for one in (idle.before, first, last, idle.after)]
    return None not in times and times == sorted(times)  # type: ignore[type-var]  # there is no None in it


def silent(difference: Difference, idle: Difference | None) -> dict[str, str]:
    """Give what an idle pair does not say of tasks that are audited, by their names."""
    if idle is None:
        return {}
    titles = {*difference.unchanged, *(one.title for one in idle.unread)}
    tasks = dict.fromkeys(
        task_of(task.role, task.process) for task in difference.before.tasks if task.title in titles
    )
    found = ((task, _unsaid(task, idle)) for task in tasks)
    return {task: unsaid for task, unsaid in found if unsaid is not None}


def _unsaid(task: str, idle: Difference) -> str | None:
    reason = next((one.reason for one in idle.unread if task_of(one.role, one.process) == task), None)
    readings = [
        one for one in (*idle.before.tasks, *idle.after.tasks) if task_of(one.role, one.process) == task
    ]
    if reason is not None or not readings:
        return f"nothing of {task}: {reason or 'it is not in it'}"
    gaps = dict.fromkeys(gap for reading in readings for gap in reading.gaps)
    return f"not all of {task}: {'; '.join(gaps)}" if gaps else None


def unknown(difference: Difference, idle: Difference | None) -> Iterator[str]:
    """Say of which tasks an idle pair does not say all, and why, and if it was short."""
    for unsaid in silent(difference, idle).values():
        yield f"the idle pair says {unsaid}"
    short, long = _length(idle), _length(difference)
    if short is not None and long is not None and long > MUCH_LONGER * short:
        yield (
            f"the pair took {long:.0f} seconds, and the idle pair {short:.0f}: "
            f"one as long would show more of what comes by itself"
        )


def _length(difference: Difference | None) -> float | None:
    if difference is None:
        return None
    first, last = difference.before.taken, difference.after.taken
    return None if first is None or last is None else last - first


def _class_of(change: Change) -> _Class:
    gained = change.change > 0
    return _Class(
        task_of(change.role, change.process),
        change.right,
        change.kobject_label,
        change.class_name,
        change.of,
        gained,
    )


def _subtract(change: Change, left: dict[_Class, int]) -> Change:
    known = _class_of(change)
    there = left.get(known, 0)
    if there * change.residual <= 0 or not change.change:
        return change  # nothing is left of it, or an expectation was not met
    taken = min(there, change.residual, key=abs)
    left[known] = there - taken
    return structs.replace(change, idle=taken)
