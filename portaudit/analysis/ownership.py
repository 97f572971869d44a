"""Whose task port is it: the objects of the tasks' own control ports, by what is told or by elimination."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress

from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Entries, Snapshot, Task

SEND_BIT = TYPE_BIT[Right.SEND]

Key = tuple[str | None, int | None, str | None]
"""Role, pid and name of a task: what is the same of it in every snapshot."""


def key_of(task: Task) -> Key:
    """Give what tells a task from the others, in every snapshot."""
    return task.role, task.process.pid, task.process.name


def own_ports(snapshots: Iterable[Snapshot]) -> dict[Key, int]:
    """Map each task whose own control port can be told to the port's object.

    The reader's word counts first. Else it is the only control port of a space that is no other task's: the
    kernel puts the own port there when it makes the task, so it stands in the first reading already. The
    number of a name proves nothing, and lsmp on a release kernel calls every task port SELF.
    """
    told, candidates = _told_and_possible(snapshots)
    return _eliminate(told, candidates)


def may_be_own(snapshots: Sequence[Snapshot]) -> dict[Key, frozenset[int]]:
    """Map each task whose own control port cannot be told to the ports that may be it."""
    told, candidates = _told_and_possible(snapshots)
    own = _eliminate(told, candidates)
    taken = frozenset(own.values())
    return {key: there - taken for key, there in candidates.items() if key not in own}


def _told_and_possible(snapshots: Iterable[Snapshot]) -> tuple[dict[Key, int], dict[Key, frozenset[int]]]:
    """Give what readers told of tasks' own ports, and the ports that stand in a space in each reading."""
    told: dict[Key, int] = {}
    candidates: dict[Key, frozenset[int]] = {}
    looked_at: dict[Key, Entries] = {}
    for task in (task for snapshot in snapshots for task in snapshot.tasks):
        if task.self_object:
            told.setdefault(key_of(task), task.self_object)
        if task.entries is not None and not _same_ports(task.entries, looked_at.get(key_of(task))):
            looked_at[key_of(task)] = task.entries
            there = frozenset(control_ports(task.entries))
            known = candidates.get(key_of(task), there)
            candidates[key_of(task)] = known & there or known
    return told, candidates


def _same_ports(entries: Entries, before: Entries | None) -> bool:
    """Whether a space has the ports that it had before: then it has no other control ports."""
    return before is not None and (entries.object, entries.kobject, entries.type) == (
        before.object,
        before.kobject,
        before.type,
    )


def _eliminate(own: dict[Key, int], candidates: dict[Key, frozenset[int]]) -> dict[Key, int]:
    open_ones = {key: there for key, there in candidates.items() if key not in own}
    while True:
        taken = set(own.values())
        alone = {key: left for key, there in open_ones.items() if len(left := there - taken) == 1}
        claims = [next(iter(left)) for left in alone.values()]
        found = {key: port for key, port in zip(alone, claims, strict=True) if claims.count(port) == 1}
        if not found:
            return own
        own |= found
        open_ones = {key: there for key, there in open_ones.items() if key not in found}


def control_ports(entries: Entries) -> Iterator[int]:
    """Give the object of every send right to a task control port in a space."""
    row = -1
    with suppress(ValueError):  # index says so that there are no more
        while True:
            row = entries.kobject.index(TASK_CONTROL, row + 1)
            number = entries.object[row]
            if entries.type[row] & SEND_BIT and number:
                yield number
