"""The programs of a Mac, played on a simulated kernel: `python -m tests.evidence.played PROGRAM WORDS...`."""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from portaudit.collect.space_info import read_space
from portaudit.demo.player import new_mailbox
from portaudit.kernels import open_kernel
from portaudit.mach.constants import MsgType
from portaudit.mach.library import KernError, task_port
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right
from tests.collect.lsmp.printer import Port, Program, print_json, print_text

REPORT = Path(__file__).parents[1] / "data/guard/ios15-invalid_name.ips.txt"


def target(record):
    """Be target.c."""
    with open_kernel() as kernel:
        mach = kernel.mach
        port = new_mailbox(mach)
        mach.mach_port_insert_right(mach.task_self, port, port, MsgType.MAKE_SEND)
        entries = read_space(mach, mach.task_self)
        rows = zip(entries.name, entries.type, entries.urefs, entries.object, entries.kobject, strict=True)
        written = {
            "portaudit_probe": 1,
            "pid": os.getpid(),
            "process": psutil.Process().name(),
            "start_time": psutil.Process().create_time(),
            "boot": kernel.boot,
            "task_self": mach.task_self,
            "method": "mach_port_space_info",
            "columns": ["name", "type", "urefs", "object", "kobject_type"],
            "rows": [list(row) for row in rows],
        }
        Path(record).write_text(json.dumps(written))
        print("ready 0", flush=True)  # noqa: T201  what target.c says
        sys.stdin.read()


def cat():
    """Be a program of Apple's: a platform task."""
    with open_kernel(platform=True):
        sys.stdin.read()


def guard(*behaviour):
    """Be guard.c, and where it is killed, the reporter that writes of it."""
    if not behaviour:
        print("double free 15")  # noqa: T201  what guard.c says
        return
    reports = Path(os.environ["PLAYED_REPORTS"])
    (reports / f"guard-{os.getpid()}.ips").write_text(REPORT.read_text())
    os.kill(os.getpid(), signal.SIGKILL)


def lsmp(_p, pid, _j, file):
    """Be lsmp: text on standard output, JSON in the file."""
    with open_kernel() as kernel:
        mach = kernel.mach
        try:
            with task_port(mach, "task_read_for_pid", int(pid)) as task:
                entries = read_space(mach, task)
        except KernError:
            sys.exit("task_for_pid() failed: os/kern failure")
    program = Program(int(pid), psutil.Process(int(pid)).name().encode(), tuple(map(printed, entries)))
    sys.stdout.buffer.write(print_text([program]))
    Path(file).write_bytes(print_json([program]))


def printed(entry):
    """An entry as the printer wants it."""
    right = "recv,send" if len(entry.rights) > 1 else "recv" if Right.RECEIVE in entry.rights else "send"
    label = (label_of(entry.kobject) or "UNKNOWN").encode() if entry.kobject else None
    receive = entry.receive
    return Port(
        entry.name, entry.object, right, entry.urefs, label, queue_limit=receive.queue_limit if receive else 5
    )


PLAYED: dict[str, Callable[..., None]] = {"target": target, "cat": cat, "guard": guard, "lsmp": lsmp}

if __name__ == "__main__":
    PLAYED[sys.argv[1]](*sys.argv[2:])
