"""The one place that chooses which Mach kernel answers."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from portaudit.errors import KernelNonsense, KernelUnavailable, UsageError
from portaudit.model.way import GNUMACH, STAND_INS, XNU
from portaudit.progress import Progress, in_silence

if TYPE_CHECKING:
    from portaudit.mach.connection import Connection
    from portaudit.mach.library import Mach
    from portaudit.mach.serving import ServedKernel

VARIABLE = "PORTAUDIT_KERNEL"
TEMPORARY_PATH_MAX = 60
"""Bytes of the temporary folder's own path."""

SIMULATED_MACOS = 15
"""Which macOS the simulated kernel answers as unless told otherwise: the one that it is held against."""


GUARD_NOTE_WORDS = 3


@dataclass(frozen=True, slots=True)
class GuardNote:
    """A guard exception that a stand-in kernel raised: in which process, of which flavour, on which name."""

    pid: int
    flavour: int
    name: int


@dataclass(frozen=True, slots=True)
class Kernel:
    """A Mach kernel that answers, and the boot that its object ids belong to."""

    mach: "Mach"
    boot: str | None
    guard_notes: Callable[[], list[GuardNote]]
    """What the kernel raised so far; a Mac writes crash reports instead, so nothing there."""


@contextmanager
def open_kernel(name: str | None = None, *, platform: bool = False) -> Iterator[Kernel]:
    """Lend the kernel called `name`: `xnu`, or `simulated:SOCKET`, or `gnumach:SOCKET`.

    Without a name it is what PORTAUDIT_KERNEL says, or macOS's own. A simulated kernel treats this process as
    a platform binary if `platform` is set; a real one decides for itself. Raises KernelUnavailable if it does
    not answer, UsageError if there is no such kind.
    """
    wanted = name or os.environ.get(VARIABLE) or default_name()
    if wanted == XNU:
        from portaudit.mach.library import load_libsystem

        yield Kernel(load_libsystem(), boot_session(), list)
        return
    kind, colon, path = wanted.partition(":")
    if kind not in STAND_INS or not (colon and path):
        raise UsageError(f"{wanted!r} is no kernel; say xnu, simulated:SOCKET or gnumach:SOCKET")
    with _connected(kind, path, platform=platform) as kernel:
        yield kernel


def default_name() -> str:
    """Name the kernel of this machine. Raises KernelUnavailable where it has no Mach."""
    if sys.platform == "darwin":
        return XNU
    raise KernelUnavailable(
        f"this machine runs no Mach kernel; start a stand-in with `portaudit demo --hold` and pass what it "
        f"prints as --kernel (or in {VARIABLE}), or `portaudit import` what a Mac's lsmp or a probe wrote"
    )


@contextmanager
def _connected(kind: str, path: str, *, platform: bool) -> Iterator[Kernel]:
    from portaudit.mach.callbacks import Callbacks
    from portaudit.mach.connection import Connection
    from portaudit.mach.library import Mach

    with Connection(path, platform=platform) as connection:
        welcome = connection.welcome
        if welcome.kind != kind:
            raise KernelNonsense(f"the kernel at {path} says that it is {welcome.kind}, and not {kind}")
        callbacks = Callbacks(connection, welcome.task_self)
        yield Kernel(Mach(callbacks, welcome.kind), welcome.boot, lambda: _guard_notes(connection))


def _guard_notes(connection: "Connection") -> list[GuardNote]:
    from portaudit.mach.callbacks import words
    from portaudit.mach.serving import GUARD_WORDS

    outputs = connection.call(GUARD_WORDS, ()).outputs
    told = words(outputs[0] if outputs else None)
    if len(told) % GUARD_NOTE_WORDS:
        raise KernelNonsense(f"a kernel told of its guard exceptions in {len(told)} numbers, not in threes")
    starts = range(0, len(told), GUARD_NOTE_WORDS)
    return [GuardNote(*told[start : start + GUARD_NOTE_WORDS]) for start in starts]


@cache
def boot_session() -> str | None:
    """Give macOS's boot session id, which object ids are valid within; None if it does not tell."""
    from portaudit.mach.system import sysctl_text

    return sysctl_text("kern.bootsessionuuid")


def socket_folder() -> Path:
    """Make a private folder whose path is short enough for a socket in it.

    sun_path holds 104 bytes (macOS) to 108 (Linux), and a Mac's own temporary folder has half of them.
    """
    import tempfile

    short = len(tempfile.gettempdir()) < TEMPORARY_PATH_MAX
    return Path(tempfile.mkdtemp(prefix="portaudit-", dir=None if short else "/tmp"))  # noqa: S108  private


def serve(kind: str, path: Path, macos: int = SIMULATED_MACOS, progress: Progress = in_silence) -> None:
    """Serve a stand-in kernel at a socket until standard input ends, then remove the socket.

    `progress` hears of each thing that takes long before all is ready.
    Standard input is the lifeline: it ends when whoever started this process goes, however it goes.
    """
    from portaudit.mach.serving import Server

    with stand_in(kind, macos, progress) as kernel, Server(kernel, path):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.read()


@contextmanager
def stand_in(
    kind: str, macos: int = SIMULATED_MACOS, progress: Progress = in_silence
) -> Iterator["ServedKernel"]:
    """Start a stand-in kernel in this process: simulated, which answers as this macOS, or gnumach in QEMU."""
    if kind == GNUMACH:
        from portaudit.gnumach.kernel import ServedGnuMach

        with ServedGnuMach(progress) as kernel:
            yield kernel
    else:
        from portaudit.simulator.kernel import ServedSimulator

        yield ServedSimulator(macos)
