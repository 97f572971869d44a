"""The ways that leave the reading to another program: lsmp, which carries the entitlement, and lldb.

The debugger stops a process, lets it read its own space, and lets it go.
"""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from portaudit.errors import AuditError, KernelUnavailable, NotReadable, SnapshotFileError
from portaudit.lldb_script import run_lldb, script_path
from portaudit.model.snapshot import NotRead, Process, Snapshot, Task
from portaudit.model.way import LLDB

LSMP = "/usr/bin/lsmp"
SUDO = "/usr/bin/sudo"
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


_SHOWN = 300
"""Bytes of lsmp's own complaint that a message quotes."""


def run_lsmp(pid: int | None, *, sudo: bool = False, timeout: float, program: str = LSMP) -> Snapshot:
    """Read one process, or with None all of them, by running lsmp; `timeout` is in seconds.

    Raises KernelUnavailable if lsmp is not here, cannot be started or does not answer in time, and
    NotReadable if it says that it could not read the process or prints nothing that can be read.
    """
    if not Path(program).exists():
        raise KernelUnavailable(f"{program} is not here: it comes with macOS; {_hint(pid)}")
    with TemporaryDirectory(prefix="portaudit-lsmp-") as folder:
        file = Path(folder) / "lsmp.json"
        command = [program, *(["-a"] if pid is None else ["-p", str(pid)]), "-j", str(file)]
        answer = _run([SUDO, "-n", "--", *command] if sudo else command, timeout)
        written = _read_file(file)
    return _read_answer(answer, written, pid)


def _hint(pid: int | None) -> str:
    if sys.platform == "darwin":
        return "this system is not complete"
    what = "-a" if pid is None else f"-p {pid}"
    return f"run `sudo lsmp {what} -j FILE` on the Mac and read FILE with portaudit import"


def _run(command: list[str], timeout: float) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(  # noqa: S603  a fixed path, no shell, and a pid of our own making
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise KernelUnavailable(
            f"{command[0]} did not answer within {timeout:g} s and was stopped"
        ) from error
    except OSError as error:
        raise KernelUnavailable(f"{command[0]} could not be started: {error.strerror or error}") from error


def _read_file(file: Path) -> bytes:
    # Under sudo the file is root's, in a folder of ours; an lsmp that refuses leaves none
    with suppress(OSError):
        return file.read_bytes()
    return b""


def _read_answer(answer: subprocess.CompletedProcess[bytes], written: bytes, pid: int | None) -> Snapshot:
    from portaudit.collect.lsmp.reader import read_lsmp

    what = "the tasks" if pid is None else f"process {pid}"
    if answer.returncode != 0:
        raise NotReadable(f"lsmp could not read {what} (exit {answer.returncode}): {_complaint(answer)}")
    for output in (written, answer.stdout):
        with suppress(SnapshotFileError):
            return _with_failures(read_lsmp(output, "what lsmp printed"), answer)
    raise NotReadable(f"lsmp ended well and printed nothing that can be read of {what}: {_complaint(answer)}")


def _with_failures(snapshot: Snapshot, answer: subprocess.CompletedProcess[bytes]) -> Snapshot:
    """Add the tasks that lsmp could not read: its JSON is silent about them, its text and errors are not."""
    from portaudit.collect.lsmp.heading import Failures

    failures = Failures()
    # On standard output they stand before the first table; behind it, names and descriptions can forge one
    for line in (answer.stderr + b"\n" + answer.stdout.partition(b"Process (")[0]).split(b"\n"):
        failures.take(line)
    read = tuple(task for task in snapshot.tasks if task.entries is not None)
    return replace(snapshot, tasks=read + tuple(failures.tasks()))


def _complaint(answer: subprocess.CompletedProcess[bytes]) -> str:
    """Quote what lsmp (or sudo) said, first what it gave up for, and say what would help."""
    from portaudit.collect.lsmp.layout import REFUSED, text_of

    said = answer.stderr.strip() or answer.stdout.strip()
    refusal = REFUSED.search(said)
    words = text_of((refusal[0] if refusal else said)[:_SHOWN]).strip()
    if b"password is required" in said:
        words += "; run `sudo -v` first"
    elif b"task_for_pid() failed" in said:
        words += f"; {_missing(answer, 'or the process the entitlement get-task-allow')}"
    return words or f"it gives no reason; {_missing(answer, 'for processes that are not yours')}"


def _missing(answer: subprocess.CompletedProcess[bytes], more: str) -> str:
    if os.geteuid() == 0 or answer.args[0] == SUDO:
        return "it was run as root"
    return f"lsmp needs root (--sudo), {more}"


LLDB_SECONDS = 120.0
"""How long lldb may take for one process; its first start on a Mac reads symbols for long."""


def read_by_lldb(process: Process, role: str | None) -> Task:
    """Read one process by attaching lldb to it; what it says of why it could not stands in the task."""
    with TemporaryDirectory(prefix="portaudit-") as folder:
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
            from portaudit.collect.probe_record import read_probe

            (task,) = read_probe(record.read_bytes(), "what lldb read").tasks
        except AuditError as error:
            return Task(process, role, not_read=NotRead(str(error)))
    return replace(task, process=process, role=role, way=LLDB)


def _reason(said: str) -> str:
    lines = [line.partition("error: ")[2].strip() for line in said.splitlines() if "error: " in line]
    return f"lldb: {lines[0].removeprefix('portaudit: ')}" if lines else "lldb wrote nothing"
