"""Snapshots of live processes: whom to read, on which kernel, and what the file then says of it."""

import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass

from portaudit.collect.advice import advise
from portaudit.collect.lsmp_way import read_by_lsmp, unread_by_both
from portaudit.collect.process import find
from portaudit.collect.taking import Target, read_settled
from portaudit.errors import KernelUnavailable, UsageError
from portaudit.kernels import VARIABLE, XNU, boot_session, default_name, open_kernel
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE, Machine, Snapshot, Task
from portaudit.model.way import AUTO, LSMP


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
    if request.way == LSMP:
        return _take_by_lsmp(chosen, request)
    with open_kernel(request.kernel) as kernel:
        kind = kernel.mach.kind
        read = read_settled(
            kernel.mach,
            chosen,
            request.way,
            request.settle,
            lambda refusal: advise(refusal, kind),
        )
        tasks = tuple(_second_try(task, request) if kind == XNU else task for task in read.tasks)
        return Snapshot(
            tasks=tasks,
            taken=time.time(),
            machine=Machine(platform.machine(), _system(), kernel.boot, kind),
            label=request.label,
            settled=read.settled,
        )


def _second_try(task: Task, request: Request) -> Task:
    """Let lsmp read what no task port opened, if any way is allowed."""
    if task.not_read is None or request.way != AUTO:
        return task
    return unread_by_both(task, read_by_lsmp(task.process, task.role, sudo=request.sudo))


def _take_by_lsmp(targets: Sequence[Target], request: Request) -> Snapshot:
    tasks = tuple(read_by_lsmp(target.process, target.role, sudo=request.sudo) for target in targets)
    machine = Machine(platform.machine(), _system(), boot_session(), XNU)
    return Snapshot(tasks=tasks, taken=time.time(), machine=machine, label=request.label)


def find_targets(request: Request) -> list[Target]:
    """Find the processes that a request names.

    Raises NotReadable if there is no such process, UsageError if a name fits several.
    """
    wanted = [(HOST_ROLE, request.host), (EXTENSION_ROLE, request.extension)]
    targets = [Target(find(name), role) for role, name in wanted if name is not None]
    targets += [Target(find(name)) for name in request.pids]
    if not targets:
        raise UsageError("nothing to read: name a process with --host, --extension or --pid")
    return each_once(targets)


def each_once(targets: list[Target]) -> list[Target]:
    """Give the targets. Raises UsageError if two of them are one process."""
    pids = [target.process.pid for target in targets]
    if twice := {pid for pid in pids if pids.count(pid) > 1}:
        raise UsageError(f"process {twice.pop()} is named twice; host and extension are two processes")
    return targets


def _system() -> str:
    release = platform.mac_ver()[0]
    return f"macOS {release}" if release else f"{platform.system()} {platform.release()}"
