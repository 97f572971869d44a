"""Run Apple's lsmp, which may read tasks that Python may not, and read what it prints."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from portaudit.collect.lsmp.heading import Failures
from portaudit.collect.lsmp.layout import REFUSED, text_of
from portaudit.collect.lsmp.reader import read_lsmp
from portaudit.errors import KernelUnavailable, NotReadable, SnapshotFileError
from portaudit.model.snapshot import Snapshot

LSMP = "/usr/bin/lsmp"
SUDO = "/usr/bin/sudo"

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
    what = "the tasks" if pid is None else f"process {pid}"
    if answer.returncode != 0:
        raise NotReadable(f"lsmp could not read {what} (exit {answer.returncode}): {_complaint(answer)}")
    for output in (written, answer.stdout):
        with suppress(SnapshotFileError):
            return _with_failures(read_lsmp(output, "what lsmp printed"), answer)
    raise NotReadable(f"lsmp ended well and printed nothing that can be read of {what}: {_complaint(answer)}")


def _with_failures(snapshot: Snapshot, answer: subprocess.CompletedProcess[bytes]) -> Snapshot:
    """Add the tasks that lsmp could not read: its JSON is silent about them, its text and errors are not."""
    failures = Failures()
    # On standard output they stand before the first table; behind it, names and descriptions can forge one
    for line in (answer.stderr + b"\n" + answer.stdout.partition(b"Process (")[0]).split(b"\n"):
        failures.take(line)
    read = tuple(task for task in snapshot.tasks if task.entries is not None)
    return replace(snapshot, tasks=read + tuple(failures.tasks()))


def _complaint(answer: subprocess.CompletedProcess[bytes]) -> str:
    """Quote what lsmp (or sudo) said, first what it gave up for, and say what would help."""
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
