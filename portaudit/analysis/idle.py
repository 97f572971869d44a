"""Noise: what also changes while nothing is transferred, measured in a pair and subtracted by class."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from portaudit.analysis.lasting import role_of
from portaudit.model.difference import Change, Difference
from portaudit.model.finding import IdleClass, Report
from portaudit.model.rights import Right


@dataclass(frozen=True, slots=True)
class _Class:
    task: str
    right: Right
    kobject: str | None
    description: str | None
    gained: bool


def _class_of(row: Change) -> _Class:
    return _Class(role_of(row), row.right, row.kobject_label, row.description, row.change > 0)


def subtract(changes: Iterable[Change], idle: Difference | None) -> tuple[Change, ...]:
    """Take from the residuals what their class changed by in the idle pair.

    Gains are taken from gains, and losses from losses. A residual never changes its direction, and a class
    gives no more than it had: the first rows get it.
    """
    if idle is None:
        return tuple(changes)
    left = _noise(idle)
    return tuple(_quieter(row, left) for row in changes)


def _noise(idle: Difference) -> Counter[_Class]:
    noise = Counter[_Class]()
    for row in idle.changes:
        noise[_class_of(row)] += abs(row.change)
    return noise


def _quieter(row: Change, left: Counter[_Class]) -> Change:
    if row.residual * row.change <= 0:
        return row  # nothing is left of it, or an expectation was not met
    kind = _class_of(row)
    amount = min(abs(row.residual), left[kind])
    if not amount:
        return row
    left[kind] -= amount
    return replace(row, idle=amount if kind.gained else -amount)


def tell_idle(report: Report, idle: Difference | None) -> Report:
    """Give the report with every class of the idle pair, and what of it was subtracted here.

    A task that the idle pair could not compare is said: its noise is unknown.
    """
    if idle is None:
        return report
    subtracted = Counter[_Class]()
    for row in report.changes:
        if row.idle:
            subtracted[_class_of(row)] += row.idle
    return replace(
        report,
        idle=tuple(_told(kind, amount, subtracted[kind]) for kind, amount in _noise(idle).items()),
        notes=(*report.notes, *_unknown(idle)),
    )


def _told(kind: _Class, amount: int, subtracted: int) -> IdleClass:
    change = amount if kind.gained else -amount
    return IdleClass(kind.task, kind.right, kind.kobject, kind.description, change, abs(subtracted))


def _unknown(idle: Difference) -> Iterator[str]:
    for task in idle.unread:
        yield f"the idle pair says nothing of {task.title}: {task.reason}"
