"""The way `lsmp`: Apple's own program reads, which carries the entitlement that Python lacks."""

from dataclasses import replace

from portaudit.collect.lsmp.program import run_lsmp
from portaudit.errors import AuditError
from portaudit.model.snapshot import NotRead, Process, Snapshot, Task

LSMP_SECONDS = 60.0
"""How long lsmp may take for one process."""


def read_by_lsmp(process: Process, role: str | None, *, sudo: bool) -> Task:
    """Read one process by running lsmp; what it says of why it could not stands in the task."""
    try:
        read = run_lsmp(process.pid, sudo=sudo, timeout=LSMP_SECONDS)
    except AuditError as error:
        return Task(process, role, not_read=NotRead(str(error)))
    return _task_of(read, process, role)


def _task_of(read: Snapshot, process: Process, role: str | None) -> Task:
    for task in read.tasks:
        if task.process.pid == process.pid:
            return replace(task, process=process, role=role, gaps=(*task.gaps, *read.gaps))
    return Task(process, role, not_read=NotRead(f"lsmp printed nothing of process {process.pid}"))


def unread_by_both(refused: Task, again: Task) -> Task:
    """Give what lsmp has read of a task that no task port opened; else the task, with both reasons."""
    if again.not_read is None or refused.not_read is None:
        return again
    return replace(refused, not_read=NotRead(f"{refused.not_read.reason}; {again.not_read.reason}"))
