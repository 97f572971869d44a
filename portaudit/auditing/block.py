"""An audit around a block of code: a reading before it, a reading after it, and a verdict."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from portaudit.analysis.expectations import parse_expectation
from portaudit.auditing.snapshot import Request, find_targets, take_snapshot
from portaudit.auditing.verdict import compare
from portaudit.collect.process import descendants, is_same
from portaudit.collect.started_by import own_services
from portaudit.collect.taking import Target
from portaudit.errors import NotReadable
from portaudit.kernels import open_kernel
from portaudit.model.declared import Terms
from portaudit.model.finding import Report
from portaudit.model.snapshot import Process, Snapshot, Task

OWN_ROLE = "process"
"""What expectations and reports call the process that audits itself."""


@dataclass(slots=True)
class Around:
    """An audit that goes on: `report` is there when its block has ended."""

    before: Snapshot
    notes: tuple[str, ...] = ()
    report: Report | None = None


@contextmanager
def around(request: Request, expectations: Iterable[str] = ()) -> Iterator[Around]:
    """Audit what a block changes in the processes that a request names.

    A process that exits in the block is undecided. Nothing is judged if the block raises. Raises as
    take_snapshot does, and UsageError if a rule is none or speaks of nobody, before the block runs.
    """
    rules = _checked(expectations)
    with open_kernel(request.kernel):
        targets = find_targets(request)
        audit = Around(take_snapshot(request, targets))
        _check_names(rules, audit.before)
        yield audit
        report = compare(audit.before, _after(audit.before, request), rules)
        found = (note for target in targets for note in target.note)
        audit.report = replace(report, notes=(*report.notes, *found))


@contextmanager
def around_own(request: Request, expectations: Iterable[str] = ()) -> Iterator[Around]:
    """Audit what a block changes in this process and in the children that live through it.

    A child that exits gives everything back by exiting. One that cannot be read, or that the block leaves
    running, is in the notes. The request says how to read; whom is known. Raises as around does.
    """
    rules = _checked(expectations)
    with open_kernel(request.kernel):  # a stand-in ends a task with its last connection: this one stays
        first, served = _family(request)
        notes = (*_unread_children(first), *_services(first, served))
        audit = Around(replace(first, tasks=_named(first)), notes)
        _check_names(rules, audit.before)
        yield audit
        left = replace(audit.before, tasks=tuple(filter(_alive, audit.before.tasks)))
        after = _after(left, request)
        after = replace(after, tasks=_named(after))
        audited = frozenset(task.process.pid for task in left.tasks if task.process.pid is not None)
        report = compare(left, after, rules, terms=Terms(audited=audited, every_gain=True))
        audit.report = replace(report, notes=(*report.notes, *audit.notes, *_left_running(first)))


def _family(request: Request) -> tuple[Snapshot, list[int]]:
    """Read this process, its children, and the services that launchd runs for it; gives these too."""
    services = own_services()
    try:
        return take_snapshot(replace(request, pids=_pids([os.getpid(), *descendants(), *services]))), services
    except NotReadable:  # a child exited in this very moment
        return _family(request)


def _checked(expectations: Iterable[str]) -> tuple[str, ...]:
    rules = tuple(expectations)
    for rule in rules:
        parse_expectation(rule)
    return rules


def _check_names(rules: tuple[str, ...], before: Snapshot) -> None:
    """Raise UsageError if a rule speaks of a task that was not read: whoever has no rule pays nothing."""
    if rules:
        compare(before, before, rules)


def _after(before: Snapshot, request: Request) -> Snapshot:
    """Read the same processes again; one that has exited is left out."""
    alive = [task for task in before.tasks if _alive(task)]
    if not alive:
        return replace(before, tasks=())
    # As they were found before: a start is told anew once the clock has been stepped
    targets = [Target(task.process, None if task.role == OWN_ROLE else task.role) for task in alive]
    after = take_snapshot(request, targets)
    exited = any(task.not_read is not None and not _alive(task) for task in after.tasks)
    return _after(before, request) if exited else after


def _alive(task: Task) -> bool:
    return is_same(task.process)


def _pids(pids: Iterable[int]) -> tuple[str, ...]:
    return tuple(map(str, pids))


def _is_own(process: Process) -> bool:
    return process.pid == os.getpid()


def _named(snapshot: Snapshot) -> tuple[Task, ...]:
    """Give the tasks that count: this process, by its role, and the children that could be read."""
    return tuple(
        replace(task, role=OWN_ROLE) if _is_own(task.process) else task
        for task in snapshot.tasks
        if _is_own(task.process) or task.not_read is None
    )


def _unread_children(snapshot: Snapshot) -> tuple[str, ...]:
    return tuple(
        f"the child {task.title} was not audited: {task.not_read.reason}"
        for task in snapshot.tasks
        if task.not_read is not None and not _is_own(task.process)
    )


def _services(snapshot: Snapshot, services: list[int]) -> tuple[str, ...]:
    return tuple(
        f"{task.title} counts as a child: launchd started it, and the system holds this process responsible"
        for task in snapshot.tasks
        if task.process.pid in services
    )


def _left_running(first: Snapshot) -> tuple[str, ...]:
    known = {task.process.pid for task in first.tasks}
    return tuple(
        f"the child {pid} was started in the block and runs on: it was not audited"
        for pid in (*descendants(), *own_services())
        if pid not in known
    )
