"""Taking a snapshot: every wanted task through its best door, again until two readings agree."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portaudit.collect.process import is_same
from portaudit.collect.uninterrupted import uninterrupted
from portaudit.collect.ways import DOORS, SELF_DOORS, Refusal, read_task
from portaudit.mach.library import Mach
from portaudit.model.rights import RIGHTS_MASK
from portaudit.model.snapshot import Entries, NotRead, Process, Task

FEWEST = 5
"""Readings before it is said that they never agree: on a busy machine the time is soon over."""

FIRST_PAUSE = 0.01
LONGEST_PAUSE = 0.2


@dataclass(frozen=True, slots=True)
class Target:
    """A process to read, and its role if it has one."""

    process: Process
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The last reading, and whether the one before it said the same.

    None if that was not tried, or if there was nothing to compare: no task could be read.
    """

    tasks: tuple[Task, ...]
    settled: bool | None


def read_settled(
    mach: Mach,
    targets: Sequence[Target],
    way: str,
    seconds: float,
    advice: Callable[[Refusal], str],
    second_try: Callable[[Task], Task] | None = None,
) -> Settled:
    """Read the targets until two readings agree, as `settled` does.

    `advice` turns a refusal into the sentence that says what would help; `second_try` reads a task that no
    door opened to in another way, if it can.
    """

    def read() -> tuple[Task, ...]:
        with uninterrupted():
            tasks = tuple(_read(mach, target, way, advice) for target in targets)
        return tuple(second_try(task) if second_try and task.not_read else task for task in tasks)

    return settled(read, seconds)


def settled(read: Callable[[], tuple[Task, ...]], seconds: float) -> Settled:
    """Read until two readings agree, for at most so many seconds; 0 reads once.

    Where five readings take longer, five are taken. Where nothing can be read, one reading will do.
    """
    tasks = read()
    if not seconds or all(task.entries is None for task in tasks):
        return Settled(tasks, None)
    deadline, pause, readings = time.monotonic() + seconds, FIRST_PAUSE, 1
    while readings < FEWEST or time.monotonic() < deadline:
        time.sleep(pause)
        previous, tasks = tasks, read()
        if all(map(agree, previous, tasks)):
            return Settled(tasks, settled=True)
        pause, readings = min(pause * 2, LONGEST_PAUSE), readings + 1
    return Settled(tasks, settled=False)


def agree(first: Task, second: Task) -> bool:
    """Whether two readings of a task say the same: names, rights, references, objects and queues."""
    one, two = first.entries, second.entries
    if one is None or two is None:
        return one is two
    return _essence(one) == _essence(two)


def _essence(entries: Entries) -> tuple[object, ...]:
    rights = [bits & RIGHTS_MASK for bits in entries.type]
    return entries.name, rights, entries.urefs, entries.object, entries.receive.queued


def _read(mach: Mach, target: Target, way: str, advice: Callable[[Refusal], str]) -> Task:
    process = target.process
    own = process.pid == os.getpid()
    before = mach.counts.copy()
    outcome = read_task(mach, process.pid or 0, (SELF_DOORS if own else DOORS)[way])
    calls = dict(mach.counts - before)
    if not is_same(process):
        gone = f"process {process.pid} exited while it was read"
        return Task(process, target.role, not_read=NotRead(gone), calls=calls)
    if isinstance(outcome, Refusal):
        return Task(process, target.role, not_read=NotRead(advice(outcome)), calls=calls)
    door = outcome.door
    return Task(
        process,
        target.role,
        way=door.way,
        flavour=door.flavour,
        self_object=process.pid
        if door.way == "names"
        else _own_object(mach, outcome.entries)
        if own
        else None,
        entries=outcome.entries,
        calls=calls,
    )


def _own_object(mach: Mach, entries: Entries) -> int | None:
    names = entries.name
    return entries.object[names.index(mach.task_self)] if mach.task_self in names else None
