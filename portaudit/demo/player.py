"""What host and extension have in common as players of the demo.

A name to be found by and a decent end, messages with port rights as a C program sends them, a reading of
their own space, as the probe reads (that needs no permission, on any Mac), and unrelated ports that come and
go, which every real program has beside the rights that are audited.
"""

import ctypes
import gc
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from portaudit.errors import AuditError, NotReadable
from portaudit.mach import c_types as c
from portaudit.mach.constants import KernReturn, MsgOption, MsgType, PortRight
from portaudit.mach.library import KernError, Mach
from portaudit.mach.messages import Message, pack, unpack

if TYPE_CHECKING:
    from portaudit.mach.functions import Place
    from portaudit.model.snapshot import Snapshot


def perform(name: str, play: Callable[[], None]) -> None:
    """Run a demo process under a name of its own; an error ends it with a sentence.

    Linux lets a process set its name through a file (proc(5)), so that --host and --extension find it.
    Ctrl-C ends it at once: it has nothing to put away, and the kernel keeps its rights in order.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        with suppress(OSError):
            Path("/proc/self/comm").write_text(name)
    try:
        play()
    except AuditError as error:
        sys.stderr.write(f"{name}: {error}\n")
        sys.exit(error.exit_status)
    finally:
        gc.freeze()  # at the end, Python would look through all there is once more


BUFFER_SIZE = 512
"""Bytes: every message of the demo fits, with its trailer."""


def new_mailbox(mach: Mach) -> int:
    """Allocate a receive right and give its name."""
    name = c.mach_port_name_t()
    mach.mach_port_allocate(mach.task_self, PortRight.RECEIVE, ctypes.byref(name))
    return name.value


def send(mach: Mach, message: Message) -> None:
    """Send a message; waits while the queue is full."""
    data = pack(message)
    buffer = ctypes.create_string_buffer(data, len(data))
    mach.mach_msg(_header(buffer), MsgOption.SEND_MSG, len(data), 0, 0, 0, 0)


def receive(mach: Mach, name: int, milliseconds: int) -> Message | None:
    """Receive a message within a time; None if none came."""
    buffer = ctypes.create_string_buffer(BUFFER_SIZE)
    option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
    try:
        mach.mach_msg(_header(buffer), option, 0, BUFFER_SIZE, name, milliseconds, 0)
    except KernError as error:
        if error.code == KernReturn.MACH_RCV_TIMED_OUT:
            return None
        raise
    return unpack(buffer.raw)


def answer(mach: Mach, request: Message) -> None:
    """Answer a received request: the send-once right that came with it is used up."""
    send(mach, Message(request.remote, MsgType.MOVE_SEND_ONCE, id=request.id + 100))


def _header(buffer: ctypes.Array[ctypes.c_char]) -> "Place":
    return ctypes.byref(c.mach_msg_header_t.from_buffer(buffer))


READ = "read "
"""What a player is told, and behind it the file to write."""

PATIENCE_SECONDS = 30.0
LOOK_SECONDS = 0.01


def read_own(path: str, *, host: bool) -> None:
    """Read this very process, as the host of the play or as its extension, into a snapshot file."""
    from portaudit.auditing.files import save
    from portaudit.auditing.snapshot import Request, take_snapshot

    own = str(os.getpid())
    save(path, take_snapshot(Request(host=own if host else None, extension=None if host else own)))


def await_reading(path: Path, who: str, lives: Callable[[], bool]) -> "Snapshot":
    """Give the snapshot that a player writes. Raises NotReadable if it dies, or does not answer."""
    from portaudit.auditing.files import load

    deadline = time.monotonic() + PATIENCE_SECONDS
    while not path.exists():
        if not lives():
            raise NotReadable(f"the demo's {who} died before it had read its own space")
        if time.monotonic() > deadline:
            raise NotReadable(f"the demo's {who} did not read its own space in {PATIENCE_SECONDS:g} seconds")
        time.sleep(LOOK_SECONDS)
    return load(str(path))


CHURN = "--churn"
"""The argument that a demo process gets where unrelated ports shall come and go."""

COMING, GOING, STAYING = 0.4, 0.5, 0.05
"""Chances: that a port comes at a stir, that one goes, and that one that comes stays for good."""

STAYERS = 2
"""So many ports stay for good: without a limit they are a leak, and on a slow machine one in every round."""


class Churn:
    """The unrelated ports of one process."""

    def __init__(self, mach: Mach, *, going_on: bool = True) -> None:
        self._mach = mach
        self._going_on = going_on
        self._chance = random.Random()  # noqa: S311  played chance
        self._ports: list[int] = []
        self._stayers = 0

    def stir(self) -> None:
        """Let some go, and perhaps one come."""
        if not self._going_on:
            return
        for port in list(self._ports):
            if self._chance.random() < GOING:
                self._ports.remove(port)
                self._mach.mach_port_destroy(self._mach.task_self, port)
        if self._chance.random() < COMING:
            self._come()

    def _come(self) -> None:
        mach, name = self._mach, c.mach_port_name_t()
        mach.mach_port_allocate(mach.task_self, PortRight.RECEIVE, ctypes.byref(name))
        if self._chance.random() < 1 / 2:
            mach.mach_port_insert_right(mach.task_self, name.value, name.value, MsgType.MAKE_SEND)
        if self._stayers < STAYERS and self._chance.random() < STAYING:
            self._stayers += 1
        else:
            self._ports.append(name.value)
