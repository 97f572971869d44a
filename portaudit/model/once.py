"""What stands once only: no kernel gives a space one name twice, or two tasks one pid.

And a column that two snapshots have alike is kept once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import fields, replace
from itertools import islice
from operator import lt
from typing import Any

from portaudit.model.snapshot import Entries, ReceiveColumns, Snapshot, Task


def ascend(numbers: Sequence[int]) -> bool:
    """Whether each is larger than the one before: then each stands once, and no set need be made of them."""
    return all(map(lt, numbers, islice(numbers, 1, None)))


def name_twice(entries: Entries) -> int | None:
    """Give a name that a space has twice; None if each stands once."""
    names = entries.name
    if ascend(names) or len(set(names)) == len(names):
        return None
    return Counter(names).most_common(1)[0][0]


def pid_twice(tasks: Iterable[Task]) -> int | None:
    """Give a pid that two tasks have; None if there is none. Pid 0 says that lsmp did not know it."""
    pids = Counter(task.process.pid for task in tasks if task.process.pid)
    return next((pid for pid, times in pids.items() if times > 1), None)


def sharing(snapshot: Snapshot, other: Snapshot | None) -> Snapshot:
    """Give an equal snapshot whose tasks have the other's columns, if there is one, where these are equal."""
    if other is None:
        return snapshot
    others = {(task.role, task.process.pid): task.entries for task in other.tasks}
    spaces = [(task.entries, others.get((task.role, task.process.pid))) for task in snapshot.tasks]
    shared = [_sharing(mine, its) if mine and its else mine for mine, its in spaces]
    tasks = zip(snapshot.tasks, shared, strict=True)
    return replace(snapshot, tasks=tuple(replace(task, entries=entries) for task, entries in tasks))


def _sharing(mine: Entries, its: Entries) -> Entries:
    receive = ReceiveColumns(**_columns(mine.receive, its.receive))
    return replace(mine, **_columns(mine, its) | {"receive": receive})


def _columns(mine: Entries | ReceiveColumns, its: Entries | ReceiveColumns) -> dict[str, Any]:
    """Map each column to the other's if that is equal, else to its own."""
    names = [column.name for column in fields(mine)]
    columns = {name: (getattr(mine, name), getattr(its, name)) for name in names}
    return {name: there if here == there else here for name, (here, there) in columns.items()}
