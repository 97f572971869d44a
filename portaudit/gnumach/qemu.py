"""QEMU as a child process: bytes in, bytes out, a deadline on both, and nothing of it left behind.

And the sentence that says which programs this machine lacks, QEMU or what builds its kernel.
"""

import os
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from portaudit.errors import KernelUnavailable
from portaudit.gnumach import die_with_parent

CONSOLE_BYTES = 300

# noide: the kernel looks for disks for 2 seconds otherwise
MACHINE = (
    *("qemu-system-i386", "-accel", "tcg", "-M", "pc", "-nodefaults", "-m", "64"),
    *("-display", "none", "-monitor", "none", "-no-reboot"),
    *("-kernel", "kernel", "-append", "console=com0 noide"),
    *("-initrd", "agent ${device-port} $(task-create) $(task-resume)"),
)
"""The first serial port is the kernel's console, the second is ours."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that must be here: a program's name, or a file; and the Debian package that brings it."""

    name: str
    package: str
    file: Path | None = None

    @property
    def is_here(self) -> bool:
        """Whether this machine has it."""
        return self.file.exists() if self.file else shutil.which(self.name) is not None


QEMU = Tool("qemu-system-i386", "qemu-system-x86")


def require(tools: Iterable[Tool]) -> None:
    """Raise KernelUnavailable, naming every tool that is missing and how to install it."""
    missing = [tool for tool in tools if not tool.is_here]
    if missing:
        names = ", ".join(tool.name for tool in missing)
        packages = " ".join(dict.fromkeys(tool.package for tool in missing))
        raise KernelUnavailable(f"GNU Mach needs {names}, missing here: apt-get install {packages}")


class Qemu:
    """A running machine, whose kernel and bootstrap task stand in `folder`; `close` ends it.

    It ends with this process too, however that ends. Raises KernelUnavailable if it cannot be started.
    """

    def __init__(self, folder: Path) -> None:
        self._console: IO[bytes] = tempfile.TemporaryFile("a+b")  # noqa: SIM115  close() closes it
        self._process: subprocess.Popen[bytes] | None = None
        self._fault: Exception | None = None
        started = threading.Event()
        # "Parent" means the thread that forked, to Linux: so that is a thread that lives as long as QEMU
        self._keeper = threading.Thread(target=self._keep, args=(folder, started), daemon=True)
        self._keeper.start()
        started.wait()
        if self._process is None:
            self.close()
            raise KernelUnavailable(f"QEMU could not be started: {self._fault}")

    def _keep(self, folder: Path, started: threading.Event) -> None:
        console = self._console.fileno()
        serial = f"file,id=console,path=/dev/fd/{console},append=on"
        launcher = [sys.executable, "-I", "-S", die_with_parent.__file__, str(os.getpid())]
        try:
            self._process = subprocess.Popen(  # noqa: S603  our own words
                [*launcher, *MACHINE, "-chardev", serial, "-serial", "chardev:console", "-serial", "stdio"],
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._console,
                bufsize=0,
                pass_fds=[console],
                start_new_session=True,  # Ctrl-C is for this process, which ends QEMU in its own time
            )
        except (OSError, MemoryError) as fault:
            self._fault = fault
        finally:
            started.set()
        if self._process is not None:
            self._process.wait()

    @property
    def pid(self) -> int:
        """QEMU's process id."""
        return self._running.pid

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise KernelUnavailable("the machine that ran GNU Mach has ended")
        return self._process

    def close(self) -> None:
        """End the machine at once: nothing in it is worth keeping."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            self._keeper.join()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self._console.close()

    def write(self, data: bytes, deadline: float) -> None:
        """Send bytes to the serial port; raises KernelUnavailable if they are not taken by then."""
        pipe = self._running.stdin
        if pipe is None:
            raise KernelUnavailable(self._last_words("has no serial port"))
        os.set_blocking(pipe.fileno(), False)
        while data:
            _, ready, _ = select.select([], [pipe], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise KernelUnavailable(self._last_words("takes nothing"))
            try:
                data = data[os.write(pipe.fileno(), data) :]
            except BrokenPipeError as fault:
                raise KernelUnavailable(self._last_words("hung up")) from fault

    def read(self, deadline: float) -> bytes:
        """Give some bytes from the serial port; raises KernelUnavailable if none come by then."""
        pipe = self._running.stdout
        if pipe is None or not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise KernelUnavailable(self._last_words("does not answer"))
        data = os.read(pipe.fileno(), 65536)
        if not data:
            raise KernelUnavailable(self._last_words("hung up"))
        return data

    def _last_words(self, what: str) -> str:
        end = self._console.seek(0, os.SEEK_END)
        self._console.seek(max(0, end - CONSOLE_BYTES))
        words = self._console.read().decode("ascii", "replace").split()
        printable = "".join(letter for letter in " ".join(words) if letter.isprintable())
        return f"GNU Mach {what}; its console says: …{printable}" if printable else f"GNU Mach {what}"
