"""What changes while nothing is transferred, taken off what changed while something was."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from msgspec import structs

from portaudit.model.difference import Change, Difference, Kind
from portaudit.model.finding import IdleClass
from portaudit.model.rights import Right


class _Class(NamedTuple):
    task: str
    right: Right
    kobject: str | None
    description: str | None
    of: str | None
    gained: bool


def subtract(
    changes: Iterable[Change], idle: Difference | None, *, whole: bool = True
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


def unknown(idle: Difference | None) -> Iterator[str]:
    """Say of which tasks the idle pair says nothing, and why."""
    for task in idle.unread if idle else ():
        yield f"the idle pair says nothing of {task.title}: {task.reason}"


def _class_of(change: Change) -> _Class:
    task = change.role or change.process.name or str(change.process.pid)
    gained = change.change > 0
    return _Class(task, change.right, change.kobject_label, change.class_name, change.of, gained)


def _subtract(change: Change, left: dict[_Class, int]) -> Change:
    known = _class_of(change)
    there = left.get(known, 0)
    if there * change.residual <= 0 or not change.change:
        return change  # nothing is left of it, or an expectation was not met
    taken = min(there, change.residual, key=abs)
    left[known] = there - taken
    return structs.replace(change, idle=taken)
