"""The programs that this machine must have, and the sentence that says which are missing."""

import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from portaudit.errors import KernelUnavailable

LOADER_32 = Path("/lib/ld-linux.so.2")
"""What runs 32-bit programs, MIG among them; gcc-multilib brings it along with `gcc -m32`."""


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
BUILDERS = (
    Tool("gcc", "gcc-multilib"),
    Tool("gcc -m32", "gcc-multilib", LOADER_32),
    Tool("apt-get", "apt"),
    Tool("apt-cache", "apt"),
    Tool("dpkg-deb", "dpkg"),
)


def require(tools: Iterable[Tool]) -> None:
    """Raise KernelUnavailable, naming every tool that is missing and how to install it."""
    missing = [tool for tool in tools if not tool.is_here]
    if missing:
        names = ", ".join(tool.name for tool in missing)
        packages = " ".join(dict.fromkeys(tool.package for tool in missing))
        raise KernelUnavailable(f"GNU Mach needs {names}, missing here: apt-get install {packages}")


def run(command: Sequence[str], *, cwd: Path | None = None, given: bytes | None = None) -> bytes:
    """Run a program and give its output; raises KernelUnavailable with its last words if it fails."""
    done = subprocess.run(  # noqa: S603  every command is spelled out by this package
        command,
        cwd=cwd,
        input=given,
        stdin=None if given else subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        words = done.stderr.decode(errors="replace").strip().splitlines() or [f"status {done.returncode}"]
        raise KernelUnavailable(f"GNU Mach could not be built: {command[0]} says: {words[-1]}")
    return done.stdout
