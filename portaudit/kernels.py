"""The one place that chooses which Mach kernel answers."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from portaudit.errors import KernelUnavailable, UsageError
from portaudit.mach.library import Mach, load_libsystem

VARIABLE = "PORTAUDIT_KERNEL"
XNU = "xnu"
SERVED = ("simulated", "gnumach")
"""Kinds of kernel that another process serves on a socket, named KIND:SOCKET."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A Mach kernel that answers, and the boot that its object ids belong to."""

    mach: Mach
    boot: str | None


@contextmanager
def open_kernel(name: str | None = None) -> Iterator[Kernel]:
    """Lend the kernel called `name`: `xnu`, or `simulated:SOCKET`, or `gnumach:SOCKET`.

    Without a name it is what PORTAUDIT_KERNEL says, or macOS's own. Raises KernelUnavailable if it does
    not answer, UsageError if there is no such kind.
    """
    wanted = name or os.environ.get(VARIABLE) or default_name()
    if wanted == XNU:
        yield Kernel(load_libsystem(), boot_session())
        return
    kind, colon, path = wanted.partition(":")
    if kind not in SERVED or not (colon and path):
        raise UsageError(f"{wanted!r} is no kernel; say xnu, simulated:SOCKET or gnumach:SOCKET")
    with _connected(path) as kernel:
        yield kernel


def default_name() -> str:
    """Name the kernel of this machine. Raises KernelUnavailable where it has no Mach."""
    if sys.platform == "darwin":
        return XNU
    raise KernelUnavailable(
        f"this machine runs no Mach kernel; start a stand-in with `portaudit demo --hold` and pass what it "
        f"prints as --kernel (or in {VARIABLE}), or read files from a Mac with `portaudit import`"
    )


@contextmanager
def _connected(path: str) -> Iterator[Kernel]:
    from portaudit.mach.callbacks import Callbacks
    from portaudit.mach.connection import Connection

    with Connection(path) as connection:
        callbacks = Callbacks(connection, connection.welcome.task_self)
        yield Kernel(Mach(callbacks, connection.welcome.kind), connection.welcome.boot)


def boot_session() -> str | None:
    """Give macOS's boot session id, which object ids are valid within; None if it does not tell."""
    import subprocess

    command = ["/usr/sbin/sysctl", "-n", "kern.bootsessionuuid"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=5, check=True)  # noqa: S603  a fixed command
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None
