"""Who is who: the task that is meant by a pid or a name, with the role it gets, and whose a task port is.

That is told, or found by elimination among the objects of the tasks' own control ports.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import compress, repeat
from operator import eq

from portaudit.errors import UsageError
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import TYPE_BIT, Right
from portaudit.model.snapshot import Entries, Process, Snapshot, Task

LISTED_MAX = 10
"""Tasks that a message names; a system-wide text has hundreds."""


def with_roles(snapshots: Sequence[Snapshot], roles: Mapping[str, str]) -> list[Snapshot]:
    """Give the snapshots with these roles: role -> a pid, or a process name as `named` takes it.

    A task that had such a role before loses it. One snapshot that was given twice stays one. Raises
    UsageError as `named` does, and if one process would have two roles.
    """
    wanted: dict[int | None, str] = {}
    for role, whom in roles.items():
        for task in named(snapshots, whom, role):
            if wanted.setdefault(id(task), role) != role:
                raise UsageError(f"{_called(task)} is named twice; host and extension are two processes")
    given = {id(snapshot): _given(snapshot, roles, wanted) for snapshot in snapshots}
    return [given[id(snapshot)] for snapshot in snapshots]


def _given(snapshot: Snapshot, roles: Mapping[str, str], wanted: Mapping[int | None, str]) -> Snapshot:
    kept = (
        replace(task, role=wanted.get(id(task), None if task.role in roles else task.role))
        for task in snapshot.tasks
    )
    return replace(snapshot, tasks=tuple(kept))


def named(snapshots: Sequence[Snapshot], whom: str, option: str = "pid") -> list[Task]:
    """Give the task of a pid or name in each snapshot that has it.

    A name fits exactly, else ignoring case, else as a part of the process's. Of several with one name the one
    counts that every snapshot has. Raises UsageError, with those that are there, if none is meant or several
    are.
    """
    for fits in _tiers(whom):
        found = [[task for task in one.tasks if fits(task.process)] for one in snapshots]
        if any(found):
            return _one_each(found, whom, option)
    raise UsageError(f"--{option} {whom}: no snapshot has such a process; {_there(snapshots, whom)}")


def _tiers(whom: str) -> tuple[Callable[[Process], bool], ...]:
    if whom.isascii() and whom.isdigit():
        return (lambda process: str(process.pid) == whom.lstrip("0"),)
    folded = whom.casefold()
    return (
        lambda process: process.name == whom,
        lambda process: (process.name or "").casefold() == folded,
        lambda process: folded in (process.name or "").casefold(),
    )


def _one_each(found: list[list[Task]], whom: str, option: str) -> list[Task]:
    if any(len(tasks) > 1 for tasks in found):
        pids = [{task.process.pid for task in tasks} for tasks in found if tasks]
        common = set.intersection(*pids)
        if len(common) != 1:
            there = {task.process.pid: task for tasks in found for task in tasks}
            raise UsageError(
                f"--{option} {whom}: {len(there)} processes are called so; give the pid of one: "
                f"{listed(list(there.values()))}"
            )
        found = [[task for task in tasks if task.process.pid in common] for tasks in found]
    return [task for tasks in found for task in tasks]


def _there(snapshots: Sequence[Snapshot], whom: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415  whoever is found needs no nearest

    tasks = list({task.process.pid: task for one in snapshots for task in one.tasks}.values())
    names = {task.process.name or "": task for task in tasks}
    near = get_close_matches(whom, names, 1)
    if near:
        return f"the nearest is {_called(names[near[0]])}"
    return f"there are {listed(tasks)}" if tasks else "there is none at all"


def listed(tasks: Sequence[Task]) -> str:
    """Name tasks by process and pid, the first ones of many; `none` where there are none."""
    more = len(tasks) - LISTED_MAX
    return ", ".join(map(_called, tasks[:LISTED_MAX])) + (f" and {more} more" if more > 0 else "") or "none"


def _called(task: Task) -> str:
    return replace(task, role=None).title


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
    rows = list(compress(range(len(entries)), map(eq, entries.kobject, repeat(TASK_CONTROL))))
    sends = map(SEND_BIT.__and__, map(entries.type.__getitem__, rows))
    return filter(None, compress(map(entries.object.__getitem__, rows), sends))
