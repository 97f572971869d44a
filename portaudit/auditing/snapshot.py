"""Snapshots of live processes: whom to read, on which kernel, and what the file then says of it."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from portaudit.collect.process import find, fits_in_part
from portaudit.collect.taking import Settled, Target, read_settled, settled, this_machine
from portaudit.collect.ways import advise
from portaudit.errors import KernelUnavailable, UsageError
from portaudit.kernels import VARIABLE, boot_session, default_name, open_kernel
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE, Machine, Snapshot, Task
from portaudit.model.way import AUTO, LLDB, READ_BY_PROGRAM, XNU
from portaudit.progress import Progress, in_silence


@dataclass(frozen=True, slots=True)
class Request:
    """Which live processes to read, by pid or name, and how."""

    host: str | None = None
    extension: str | None = None
    pids: tuple[str, ...] = ()
    way: str = AUTO
    """One of model.way.WAYS."""
    kernel: str | None = None
    """As kernels.open_kernel names it; None for this machine's own."""
    settle: float = 2.0
    """Seconds to wait at most for two readings that agree; 0 reads once."""
    label: str | None = None
    sudo: bool = False
    """Whether lsmp shall be run by sudo."""
    progress: Progress = in_silence


def obstacle(kernel: str | None = None) -> str | None:
    """Say why nothing can be audited here: no Mach kernel, and no stand-in asked for. None if it can."""
    if kernel or os.environ.get(VARIABLE):
        return None
    try:
        default_name()
    except KernelUnavailable as error:
        return str(error)
    return None


def take_snapshot(request: Request, targets: Sequence[Target] | None = None) -> Snapshot:
    """Read the port spaces of live processes, until two readings agree.

    `targets` are processes that were found before. A task that no door opens to, or that has gone, is in the
    snapshot with the reason. Raises KernelUnavailable if no Mach kernel answers, and as find_targets does.
    """
    chosen = find_targets(request) if targets is None else targets
    if request.way in READ_BY_PROGRAM:
        return _noted(_take_by_program(chosen, request), chosen)
    with open_kernel(request.kernel) as kernel:
        kind = kernel.mach.kind
        second_try = partial(_second_try, request) if kind == XNU and request.way == AUTO else None
        read = read_settled(
            kernel.mach,
            chosen,
            request.way,
            request.settle,
            lambda refusal: advise(refusal, kind),
            second_try=second_try,
            progress=request.progress,
        )
        return _noted(_snapshot(read, this_machine(kernel.boot, kind), request), chosen)


def _noted(snapshot: Snapshot, targets: Sequence[Target]) -> Snapshot:
    """Keep in each task how it was found, if that was no matter of course."""
    told = zip(snapshot.tasks, targets, strict=True)
    tasks = tuple(replace(task, notes=(*task.notes, *target.note)) for task, target in told)
    return replace(snapshot, tasks=tasks)


def _second_try(request: Request, task: Task) -> Task:
    """Let lsmp read what no task port opened."""
    from portaudit.collect.other_programs import read_by_lsmp, unread_by_both

    return unread_by_both(task, read_by_lsmp(task.process, task.role, sudo=request.sudo))


def _take_by_program(targets: Sequence[Target], request: Request) -> Snapshot:
    """Let Apple's lsmp read, or lldb: these know no stand-in kernel, but lldb lets a process ask its own."""
    from portaudit.collect.other_programs import read_by_lldb, read_by_lsmp

    def read_one(target: Target) -> Task:
        if request.way == LLDB:
            return read_by_lldb(target.process, target.role)
        return read_by_lsmp(target.process, target.role, sudo=request.sudo)

    def read() -> tuple[Task, ...]:
        return tuple(map(read_one, targets))

    return _snapshot(
        settled(read, request.settle, request.progress), this_machine(boot_session(), XNU), request
    )


def _snapshot(read: Settled, machine: Machine, request: Request) -> Snapshot:
    return Snapshot(
        tasks=read.tasks, taken=time.time(), machine=machine, label=request.label, settled=read.settled
    )


def find_targets(request: Request) -> list[Target]:
    """Find the processes that a request names; of several extensions the one that is this host's.

    Raises NotReadable if there is no such process, UsageError if a name fits several.
    """
    targets = [] if request.host is None else [Target(find(request.host), HOST_ROLE)]
    if request.extension is not None:
        targets.append(_extension(request.extension, targets))
    targets += [Target(find(name)) for name in request.pids]
    if not targets:
        raise UsageError("nothing to read: name a process with --host, --extension or --pid")
    return each_once(targets)


def taken_by_part(request: Request, snapshot: Snapshot) -> list[str]:
    """Say which names of a request were only a part of the names of the processes that were taken."""
    names = [name for name in (request.host, request.extension, *request.pids) if name is not None]
    told = map(fits_in_part, names, (task.process for task in snapshot.tasks))
    return [sentence for sentence in told if sentence is not None]


def _extension(name: str, host: Sequence[Target]) -> Target:
    try:
        return Target(find(name), EXTENSION_ROLE)
    except UsageError:
        from portaudit.collect.started_by import find_started

        found = find_started(host[0].process.pid or 0, name) if host else None
        if found is None:
            raise
        how = found.how or "the host started it"
        return Target(found.process, EXTENSION_ROLE, f"several have this name; {how}")


def each_once(targets: list[Target]) -> list[Target]:
    """Give the targets. Raises UsageError if two of them are one process."""
    pids = [target.process.pid for target in targets]
    if twice := {pid for pid in pids if pids.count(pid) > 1}:
        raise UsageError(f"process {twice.pop()} is named twice; host and extension are two processes")
    return targets
