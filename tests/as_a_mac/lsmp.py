"""Apple's lsmp, played: it carries an entitlement, reads a task of the played kernel, and prints its table.

Where the kernel calls plain ports unknown, so does lsmp: it tests `kotype != 0` (system_cmds-1026.100.5,
lsmp/port_details.c), and its table of names ends at 53.

The program that is started hands its words to the stage, which has all that this takes: a process that had to
import it would take a fifth of a second for each table, and a snapshot wants several.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingUnixStreamServer

import psutil

from portaudit.collect.space_info import read_space
from portaudit.kernels import open_kernel
from portaudit.mach.library import task_port
from portaudit.model.kobject import LABELS
from portaudit.model.snapshot import Entries, Entry
from tests.collect.lsmp.printer import Port, Program, print_json, print_text

YOUNGER_THAN_LSMP = 54

PROGRAM = """\
import os, socket, sys
with socket.socket(socket.AF_UNIX) as stage:
    stage.connect(sys.argv[1])
    stage.sendall("\\0".join([os.environ.get("PLAYED_ROOT", ""), *sys.argv[2:]]).encode())
    stage.shutdown(socket.SHUT_WR)
    with stage.makefile("rb") as told:
        status = told.read(1)[0]
        (sys.stderr if status else sys.stdout).buffer.write(told.read())
sys.exit(status)
"""
"""What is started: `PROGRAM SOCKET WORDS...`. It needs nothing of its Python but what is built in."""


@dataclass(frozen=True, slots=True)
class Lsmp:
    """Apple's program on one stage: its kernel's socket, its macOS, and for whom it prints something."""

    kernel: Path
    macos: int
    prints_for: str

    def said(self, words: list[str], *, root: bool) -> bytes:
        """Print one process, as `lsmp -p PID [-j FILE]` does: exit status in a byte, and text."""
        pid = int(words[words.index("-p") + 1])
        if self.prints_for == "nobody" or not (root or self.prints_for == "everybody"):
            return b"\x01" + REFUSED.format(pid=pid).encode()
        with (
            open_kernel(f"simulated:{self.kernel}") as kernel,
            task_port(kernel.mach, "task_read_for_pid", pid) as port,
        ):
            entries = read_space(kernel.mach, port)
        program = Program(pid, psutil.Process(pid).name().encode(), tuple(_ports(entries, self.macos)))
        if "-j" in words:
            Path(words[words.index("-j") + 1]).write_bytes(print_json([program]))
        return b"\x00" + print_text([program])


REFUSED = """\
warning: should run as root for best output (cross-ref to other tasks' ports).
task_for_pid() failed: (os/kern) failure (0x5) for pid {pid}
"""


@contextmanager
def answered(lsmp: Lsmp, path: Path) -> Iterator[None]:
    """Let the program be answered at a socket, one process after the other: this one is one task."""
    one = threading.Lock()

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            root, *words = self.rfile.read().decode().split("\0")
            with one:
                self.wfile.write(lsmp.said(words, root=root == "1"))

    with ThreadingUnixStreamServer(str(path), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


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
