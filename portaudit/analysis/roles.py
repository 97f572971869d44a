"""Who is meant: a task of some snapshots by pid or by name, as on the command line, and the role it gets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from portaudit.errors import UsageError
from portaudit.model.snapshot import Process, Snapshot, Task

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
