"""The ways that leave the reading to another program: lsmp, which carries the entitlement, and lldb.

The debugger stops a process, lets it read its own space, and lets it go.
"""

import tempfile
from dataclasses import replace
from pathlib import Path

from portaudit.collect.lsmp.program import run_lsmp
from portaudit.collect.probe_record import read_probe
from portaudit.errors import AuditError
from portaudit.lldb_script import run_lldb, script_path
from portaudit.model.snapshot import NotRead, Process, Snapshot, Task
from portaudit.model.way import LLDB

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


LLDB_SECONDS = 120.0
"""How long lldb may take for one process; its first start on a Mac reads symbols for long."""


def read_by_lldb(process: Process, role: str | None) -> Task:
    """Read one process by attaching lldb to it; what it says of why it could not stands in the task."""
    with tempfile.TemporaryDirectory(prefix="portaudit-") as folder:
        record = Path(folder) / "record.json"
        commands = (
            f'command script import "{script_path()}"',
            f"process attach --pid {process.pid}",
            f'portaudit snapshot "{record}"',
            "process detach",
        )
        try:
            said = run_lldb(commands, LLDB_SECONDS)
            if not record.exists():
                return Task(process, role, not_read=NotRead(_reason(said)))
            (task,) = read_probe(record.read_bytes(), "what lldb read").tasks
        except AuditError as error:
            return Task(process, role, not_read=NotRead(str(error)))
    return replace(task, process=process, role=role, way=LLDB)


def _reason(said: str) -> str:
    lines = [line.partition("error: ")[2].strip() for line in said.splitlines() if "error: " in line]
    return f"lldb: {lines[0].removeprefix('portaudit: ')}" if lines else "lldb wrote nothing"
