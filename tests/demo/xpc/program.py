"""What transfer.c is on a Mac, on a stand-in kernel: the compiled half of the audit under a stand-in of XPC.

It takes the same arguments. TRANSFER_LIBRARY names the compiled half, SET_HOLDS=1 lets a dictionary take a
reference when a port is put into it, and PORTAUDIT_KERNEL names the kernel.
"""

import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from portaudit.demo.player import new_mailbox
from portaudit.kernels import open_kernel
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType
from portaudit.mach.library import Mach
from tests.demo.xpc.xpc import Xpc
from tests.probe.stand_in import Probe

SECONDS = 10.0
KEPT: list[bytes] = []
"""Texts whose addresses C keeps."""


def main():
    """Play a part."""
    library = ctypes.CDLL(os.environ["TRANSFER_LIBRARY"])
    part, *words = sys.argv[1:]
    with open_kernel() as kernel:
        probe = Probe(library)
        probe.ask(kernel.mach.library)
        KEPT.append(part.encode())
        probe.program(KEPT[-1])
        xpc = Xpc(kernel.mach, set_holds=os.environ["SET_HOLDS"] == "1")
        xpc.bind(library)
        code = PARTS[part](library, xpc, *words)
        if xpc.faults:
            raise xpc.faults[0]
        return code


def loop_back(library: ctypes.CDLL, xpc: Xpc, folder: str, rounds: str, faults: str) -> int:
    """Be both, in one process."""
    mach = xpc.mach
    xpc.inbox = xpc.extension = new_mailbox(mach)
    mach.mach_port_insert_right(mach.task_self, xpc.inbox, xpc.inbox, MsgType.MAKE_SEND)
    extension(library, folder, rounds, faults, alone=False)
    xpc.postman = lambda: serve(library, xpc)
    return int(library.stand_in_host(folder.encode(), int(rounds)))


def serve(library: ctypes.CDLL, xpc: Xpc) -> None:
    """Serve the dictionary that has just been sent."""
    assert xpc.serve_one(library.stand_in_serve)


def extension(library: ctypes.CDLL, folder: str, rounds: str, faults: str, *, alone: bool) -> None:
    """Say what the extension's half is to do."""
    KEPT.append(folder.encode())
    library.stand_in_extension(KEPT[-1], int(rounds), int(faults == "leak"), int(alone))


def be_extension(library: ctypes.CDLL, xpc: Xpc, _service: str, folder: str, rounds: str, faults: str) -> int:
    """Be the extension, until somebody ends it."""
    xpc.inbox = new_mailbox(xpc.mach)
    extension(library, folder, rounds, faults, alone=True)
    found = Path(folder) / "found"
    found.with_suffix(".new").write_text(f"{os.getpid()} {xpc.inbox}")
    found.with_suffix(".new").rename(found)
    while True:
        xpc.serve_one(library.stand_in_serve, 100)


def be_host(library: ctypes.CDLL, xpc: Xpc, _service: str, folder: str, rounds: str) -> int:
    """Be the host: look the service up, as launchd would, and hand over."""
    xpc.extension = look_up(xpc.mach, Path(folder) / "found")
    return int(library.stand_in_host(folder.encode(), int(rounds)))


def look_up(mach: Mach, found: Path) -> int:
    """Get a send right to the port where the extension listens."""
    deadline = time.monotonic() + SECONDS
    while not found.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    pid, inbox = map(int, found.read_text().split())
    task, port, kind = c.mach_port_name_t(), c.mach_port_t(), c.mach_msg_type_name_t()
    mach.task_for_pid(mach.task_self, pid, ctypes.byref(task))
    mach.mach_port_extract_right(task.value, inbox, MsgType.MAKE_SEND, ctypes.byref(port), ctypes.byref(kind))
    mach.mach_port_deallocate(mach.task_self, task.value)
    return port.value


PARTS: dict[str, Callable[..., int]] = {"loop-back": loop_back, "host": be_host, "extension": be_extension}

if __name__ == "__main__":
    sys.exit(main())
