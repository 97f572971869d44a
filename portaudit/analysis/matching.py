"""`extension: task-control of host`: what a rule speaks of, read and held against rows."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from portaudit.analysis.kinds import title_of
from portaudit.analysis.roles import Key, control_ports, key_of, may_be_own
from portaudit.errors import UsageError
from portaudit.model.kobject import LABELS, MESSAGE_QUEUE, NUMBERS, TASK_CONTROL, TASK_ID_TOKEN
from portaudit.model.rights import Right
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portaudit.model.declared import Pattern
    from portaudit.model.difference import Change, Difference
    from portaudit.model.snapshot import Task

ANY = "ANY"
QUEUE = "MESSAGE-QUEUE"
RIGHT_KINDS = {"RECEIVE": Right.RECEIVE} | {
    right.value.upper(): right for right in Right if right is not Right.SEND
}
"""Words that stand where a kobject type stands and name a kind of right."""

QUEUES = frozenset(number for number, label in LABELS.items() if label.upper() == QUEUE) | {MESSAGE_QUEUE}
"""Both numbers are spelled message-queue by lsmp (kobject types 0 and 16)."""


def known_kind(word: str, text: str) -> str:
    """Give the kobject type or kind of right that a word names. Raises UsageError if it is none."""
    kinds = {name.upper().replace("_", "-"): name for name in NUMBERS}
    wanted = word.upper().replace("_", "-").replace("*", ANY)
    if wanted in (ANY, QUEUE) or wanted in RIGHT_KINDS:
        return wanted
    if wanted not in kinds:
        near = get_close_matches(wanted, [*kinds, *RIGHT_KINDS, QUEUE], 1)
        hint = f"; the nearest is {near[0].lower()}" if near else ""
        raise UsageError(f"{text!r} names {word!r}, which is no kobject type or right that lsmp prints{hint}")
    return kinds[wanted]


@dataclass(frozen=True)
class Matcher:
    """Holds what rules speak of against the rows of one difference."""

    difference: Difference

    def check(self, pattern: Pattern, text: str) -> None:
        """Raise UsageError, with the nearest, if no snapshot has the task or the owner that a rule names."""
        if (unknown := self.unknown(pattern)) is not None:
            raise UsageError(f"{text!r}: {unknown}")

    def unknown(self, pattern: Pattern) -> str | None:
        """Say which task or owner of a rule no snapshot has, and what is near; None if all are there."""
        tasks = self._tasks()
        for word in filter(None, (pattern.task, pattern.of)):
            if not any(_is_called(task, word, tasks) for task in tasks):
                names = sorted({name for task in tasks for name in _names(task)})
                near = get_close_matches(word, names, 1, 0.5)
                hint = (
                    f"; the nearest is {near[0]}"
                    if near
                    else f"; there are {', '.join(names[:10]) or 'none'}"
                )
                return f"no task of the snapshots is called {word!r}{hint}{self._advice(word)}"
        return None

    def _advice(self, word: str) -> str:
        known = word in (HOST_ROLE, EXTENSION_ROLE)
        return f" (give the role with --{word} NAME or PID)" if known else ""

    def matches(self, pattern: Pattern, row: Change) -> bool | None:
        """Whether a rule speaks of a row; None if the row's kind or owner cannot be told, and may fit."""
        if pattern.right is not row.right or not self._is_of_task(pattern.task, row):
            return False
        kind = pattern.kobject in RIGHT_KINDS or pattern.kobject == ANY or _is_kind(pattern.kobject, row)
        if not kind and row.right is Right.SEND and row.kobject is None:
            return None
        if not kind or pattern.of is None:
            return kind
        return self._is_owned(pattern.of, row)

    def _is_of_task(self, word: str, row: Change) -> bool:
        if any(task.role == word for task in self._tasks()):
            return row.role == word
        return word in (row.process.name, title_of(row), str(row.process.pid))

    def _is_owned(self, word: str, row: Change) -> bool | None:
        owners = [task for task in self._tasks() if _is_called(task, word, self._tasks())]
        if row.of is not None:
            return row.of in {
                title for one in owners for title in (one.title, f"{one.title} ({one.process.pid})")
            }
        if row.kobject == TASK_CONTROL and row.object:
            if _holds(owners, row.object):
                return self._is_second_port(owners, row.object)
            return None if any(owner.title not in self.difference.own.values() for owner in owners) else False
        return False if row.kobject == TASK_ID_TOKEN and row.description else None

    def _is_second_port(self, owners: list[Task], number: int) -> bool | None:
        """Whether a port in its owner's space stands for the owner: a hardened task has two control ports.

        What may be another task's own is not told by that: where the owner had it all along, either may be
        meant; where it came later, the owner took it from the other.
        """
        mine = {key_of(task) for task in owners}
        if not any(number in ports for key, ports in self._open_ports.items() if key not in mine):
            return True
        first = [task for task in self.difference.before.tasks if key_of(task) in mine]
        return None if _holds(first, number) else False

    @cached_property
    def _open_ports(self) -> dict[Key, frozenset[int]]:
        return may_be_own(self.difference.snapshots)

    def _tasks(self) -> list[Task]:
        return [
            task for snapshot in (self.difference.after, self.difference.before) for task in snapshot.tasks
        ]


def _holds(tasks: Iterable[Task], number: int) -> bool:
    return any(number in control_ports(task.entries) for task in tasks if task.entries is not None)


def _is_kind(kobject: str, row: Change) -> bool:
    if kobject == QUEUE:
        return row.kobject in QUEUES  # and never what was not read
    return kobject == row.kobject_label


def _is_called(task: Task, word: str, tasks: Iterable[Task]) -> bool:
    if any(one.role == word for one in tasks):
        return task.role == word
    return word in _names(task)


def _names(task: Task) -> set[str]:
    told = (task.role, task.process.name, task.title, str(task.process.pid or ""))
    return set(filter(None, told))
