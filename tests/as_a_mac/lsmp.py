"""Apple's lsmp, played: it carries an entitlement, reads a task of the played kernel, and prints its table.

Where the kernel calls plain ports unknown, so does lsmp: it tests `kotype != 0` (system_cmds-1026.100.5,
lsmp/port_details.c), and its table of names ends at 53.
"""

import json
import os
import sys
from pathlib import Path
from typing import NoReturn

import psutil

from portaudit.collect.space_info import read_space
from portaudit.kernels import open_kernel
from portaudit.mach.library import task_port
from portaudit.model.kobject import LABELS
from portaudit.model.snapshot import Entries, Entry
from tests.collect.lsmp.printer import Port, Program, print_json, print_text

YOUNGER_THAN_LSMP = 54


def main() -> None:
    """Print one process, as `lsmp -p PID [-j FILE]` does."""
    stage = json.loads(os.environ["PLAYED_MAC"])
    words = sys.argv[1:]
    pid = int(words[words.index("-p") + 1])
    if (
        not (os.environ.get("PLAYED_ROOT") == "1" or stage["lsmp"] == "everybody")
        or stage["lsmp"] == "nobody"
    ):
        _give_up(pid)
    with (
        open_kernel(f"simulated:{stage['kernel']}") as kernel,
        task_port(kernel.mach, "task_read_for_pid", pid) as port,
    ):
        entries = read_space(kernel.mach, port)
    program = Program(pid, psutil.Process(pid).name().encode(), tuple(_ports(entries, stage["macos"])))
    sys.stdout.buffer.write(print_text([program]))
    if "-j" in words:
        Path(words[words.index("-j") + 1]).write_bytes(print_json([program]))


def _give_up(pid: int) -> NoReturn:
    sys.stderr.write("warning: should run as root for best output (cross-ref to other tasks' ports).\n")
    sys.stderr.write(f"task_for_pid() failed: (os/kern) failure (0x5) for pid {pid}\n")
    sys.exit(1)


def _ports(entries: Entries, macos: int) -> list[Port]:
    return [_port(entry, macos) for entry in entries]


def _port(entry: Entry, macos: int) -> Port:
    limit = entry.receive.queue_limit if entry.receive else 5
    return Port(
        entry.name,
        entry.object or 0,
        ",".join(right.value for right in entry.rights),
        entry.urefs or 0,
        _label(entry, macos),
        (entry.description or "").encode(),
        limit or 0,
    )


def _label(entry: Entry, macos: int) -> bytes | None:
    if [right.value for right in entry.rights] != ["send"]:
        return None
    if not entry.kobject:
        return b"UNKNOWN" if macos >= 26 else None
    known = entry.kobject < YOUNGER_THAN_LSMP
    return LABELS[entry.kobject].encode() if known else b"UNKNOWN"
