"""Which ways of reading work here, for one process or in general, and what stands in the others' way."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from portaudit.collect.other_programs import LSMP, run_lsmp
from portaudit.collect.process import find
from portaudit.collect.ways import (
    CONTROL,
    NAMES,
    NO_DEBUGGER,
    PROBE,
    READ,
    SELF,
    SIGN_A_PYTHON,
    STANDING_IN,
    Door,
    Refusal,
    advice,
    circumstances,
    read_task,
)
from portaudit.errors import AuditError, KernelUnavailable
from portaudit.kernels import Kernel, open_kernel
from portaudit.lldb_script import HOW_TO_INSTALL, find_lldb
from portaudit.model.snapshot import Process
from portaudit.model.way import XNU, Diagnosis, WayState

LSMP_SECONDS = 30.0
DOORS = {
    "self": SELF,
    "space-info (read port)": READ,
    "space-info (control port)": CONTROL,
    "names (control port)": NAMES,
}


def diagnose(target: str | None = None, kernel: str | None = None) -> tuple[Diagnosis, ...]:
    """Try each way of reading on a process (a pid or a name), or only whether it is here at all.

    Nothing is kept: every right and page that a try takes goes back. Raises NotReadable or UsageError if
    the target is no process or several.
    """
    process = None if target is None else find(target)
    return (
        *_kernel_ways(process, kernel),
        _lsmp(process),
        _lldb(process),
        _probe(),
        _simulated(),
        _gnumach(),
    )


def _kernel_ways(process: Process | None, kernel: str | None) -> Iterator[Diagnosis]:
    try:
        with open_kernel(kernel) as opened:
            for way, door in DOORS.items():
                yield _try(opened, way, door, process)
            if opened.mach.kind == XNU:
                yield _this_python()
    except KernelUnavailable as error:
        reason, _, step = str(error).partition("; ")
        yield from (Diagnosis(way, WayState.NOT_HERE, reason, step or "see --kernel") for way in DOORS)


def _try(kernel: Kernel, way: str, door: Door, process: Process | None) -> Diagnosis:
    if door is SELF:
        pid = os.getpid()
    elif process is None:
        return Diagnosis(way, WayState.OK, "a Mach kernel answers", "name a process to try it")
    else:
        pid = process.pid or 0
    outcome = read_task(kernel.mach, pid, (door,))
    if isinstance(outcome, Refusal):
        return Diagnosis(way, WayState.REFUSED, outcome.attempts[0][1], _next_step(kernel, pid))
    name = f" ({process.name})" if process and process.name else ""
    whom = "this process" if door is SELF else f"process {pid}{name}"
    return Diagnosis(way, WayState.OK, f"read {len(outcome.entries)} names of {whom}", "nothing to do")


def _next_step(kernel: Kernel, pid: int) -> str:
    return advice(circumstances(pid)) if kernel.mach.kind == XNU else STANDING_IN


def _this_python() -> Diagnosis:
    """Say what this Python's own signature lets it open."""
    own = circumstances(os.getpid())
    hardened = "hardened" if own.signing and own.signing.hardened else "not hardened"
    if own.debugger:
        reason = f"{hardened}, signed as a debugger: reported to open what has get-task-allow (mach2#30)"
        return Diagnosis("this Python", WayState.OK, reason, "sign your program with get-task-allow")
    reason = f"{hardened}, {NO_DEBUGGER}"
    return Diagnosis("this Python", WayState.NOT_HERE, reason, SIGN_A_PYTHON)


def _lsmp(process: Process | None) -> Diagnosis:
    if not Path(LSMP).exists():
        step = "on a Mac, run `sudo lsmp -p PID -j FILE` and read FILE here"
        return Diagnosis("lsmp", WayState.NOT_HERE, f"{LSMP} comes with macOS, and is not here", step)
    if process is None:
        return Diagnosis("lsmp", WayState.OK, f"{LSMP} is here", "name a process to try it")
    try:
        read = run_lsmp(process.pid, timeout=LSMP_SECONDS)
    except AuditError as error:
        step = PROBE if os.geteuid() == 0 else f"run it as root: --way lsmp --sudo; or {PROBE}"
        return Diagnosis("lsmp", WayState.REFUSED, str(error), step)
    names = sum(len(task.entries or ()) for task in read.tasks)
    return Diagnosis("lsmp", WayState.OK, f"read {names} names", "nothing to do")


def _lldb(process: Process | None) -> Diagnosis:
    """Say whether lldb is here. It is not tried: that stops the process, which nobody has asked for."""
    program = find_lldb()
    if program is None:
        return Diagnosis("lldb", WayState.NOT_HERE, "no lldb is on the PATH", HOW_TO_INSTALL)
    step = (
        "name a process to try it"
        if process is None
        else f"portaudit snapshot --way lldb --pid {process.pid}"
    )
    reason = f"{program} reads what one may debug, and stops it for a moment"
    return Diagnosis("lldb", WayState.OK, reason, step)


def _probe() -> Diagnosis:
    return Diagnosis(
        "probe",
        WayState.OK,
        "a process may always read itself; it needs no permission, on macOS and iOS alike",
        "build the probe header into host and extension, and `portaudit import` what they write",
    )


def _simulated() -> Diagnosis:
    return Diagnosis(
        "simulated", WayState.OK, "a Mach kernel in Python, here on every system", "portaudit demo --hold"
    )


def _gnumach() -> Diagnosis:
    missing = [tool for tool in ("qemu-system-i386", "gcc", "apt-get") if shutil.which(tool) is None]
    if sys.platform != "linux":
        reason = "it is built from Debian's packages, on Linux"
        return Diagnosis("gnumach", WayState.NOT_HERE, reason, "nothing to do: no way of reading needs it")
    if missing:
        reason = f"not found: {', '.join(missing)}"
        return Diagnosis("gnumach", WayState.NOT_HERE, reason, "apt-get install qemu-system-x86 gcc-multilib")
    return Diagnosis(
        "gnumach", WayState.OK, "QEMU is here to boot a real Mach kernel", "portaudit demo --kernel gnumach"
    )
