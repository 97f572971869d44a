"""Where claims are tried: the programs of the machine, as which user they run, and what they said."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from portaudit.kernels import VARIABLE
from portaudit.model.way import XNU

TOOLS = {
    "cat": "/bin/cat",
    "cc": "/usr/bin/cc",
    "codesign": "/usr/bin/codesign",
    "csrutil": "/usr/bin/csrutil",
    "developer-mode": "/usr/sbin/DevToolsSecurity",
    "lsmp": "/usr/bin/lsmp",
    "ps": "/bin/ps",
    "sudo": "/usr/bin/sudo",
    "sw_vers": "/usr/bin/sw_vers",
    "sysctl": "/usr/sbin/sysctl",
    "xcode-select": "/usr/bin/xcode-select",
}
"""Where macOS has the programs that claims ask."""
REPORTS = "Library/Logs/DiagnosticReports"
SECONDS = 60.0


class NotTriedError(Exception):
    """A claim that cannot be tried here; the text says why."""


class Caller(StrEnum):
    """Who asks."""

    USER = "user"
    ROOT = "root"
    SIGNED = "signed Python"


@dataclass(frozen=True, slots=True)
class Done:
    """How a program ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def first_words(self) -> str:
        """The first line of what it said, errors first."""
        return self._said()[0]

    @property
    def last_words(self) -> str:
        """The last line of what it said, errors last."""
        said = self._said()
        errors = [line for line in self.err.splitlines() if line.strip()]
        return errors[-1].strip() if errors else said[-1]

    def _said(self) -> list[str]:
        said = [line.strip() for line in (*self.err.splitlines(), *self.out.splitlines()) if line.strip()]
        return said or [f"exit status {self.status}, and not a word"]


@dataclass(frozen=True, slots=True)
class Target:
    """A running program that is to be read, and the record that it wrote of itself, if it writes one."""

    pid: int
    record: Path | None = None


@dataclass
class Scene:
    """A machine on which claims are tried.

    `folder` is a private one for what the attempts write, `kernel` the Mach that is asked, `sudo` whether
    root may be asked by `sudo -n`. `heard` is what the programs have said, one text each. `targets` holds
    the running programs that are to be read, by kind, `missing` why one does not run, and `known` what one
    attempt leaves for another.
    """

    folder: Path
    kernel: str = XNU
    sudo: bool = False
    tools: Mapping[str, str] = field(default_factory=lambda: TOOLS)
    reports: Path = field(default_factory=lambda: Path.home() / REPORTS)
    is_root: bool = field(default_factory=lambda: os.geteuid() == 0)
    heard: list[str] = field(default_factory=list)
    targets: dict[str, Target] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    signed_python: Path | None = None

    def tool(self, name: str) -> str:
        """Give the path of a program. Raises NotTriedError where it is not."""
        path = self.tools.get(name, "")
        if not path or not Path(path).exists():
            raise NotTriedError(f"{name} is not here")
        return path

    def run(self, command: Sequence[str], *, caller: Caller | None = None, seconds: float = SECONDS) -> Done:
        """Run a program to its end, and keep what it said. Raises NotTriedError if it cannot be."""
        prefixed = [*self.as_caller(caller), *command]
        try:
            done = subprocess.run(  # noqa: S603  no shell, and programs of our own choice
                prefixed,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
                env=self.environment(caller),
            )
        except subprocess.TimeoutExpired:
            raise NotTriedError(f"{command[0]} did not end within {seconds:g} s") from None
        except OSError as error:
            raise NotTriedError(f"{command[0]} could not be started: {error.strerror or error}") from None
        out, err = (text.decode(errors="backslashreplace") for text in (done.stdout, done.stderr))
        self.heard.append(f"$ {' '.join(prefixed)}\n{out}{err}exit {done.returncode}\n")
        return Done(done.returncode, out, err)

    def portaudit(self, *words: str, caller: Caller | None = None, seconds: float = SECONDS) -> Done:
        """Run a command of this very portaudit; without a caller, as whoever this is."""
        return self.run(
            [self.python(caller), "-P", "-m", "portaudit", *words], caller=caller, seconds=seconds
        )

    def python(self, caller: Caller | None) -> str:
        """Give the Python that asks."""
        if caller is Caller.SIGNED:
            if self.signed_python is None:
                raise NotTriedError(self.missing.get("signed python", "no Python was signed"))
            return str(self.signed_python)
        return sys.executable

    def as_caller(self, caller: Caller | None) -> list[str]:
        """Give what stands before a command so that this caller runs it."""
        if caller is Caller.ROOT and not self.is_root:
            if not self.sudo:
                raise NotTriedError("root was not asked: give --sudo, after `sudo -v`")
            named = [] if self.kernel == XNU else ["env", f"{VARIABLE}={self.kernel}"]
            return [self.tool("sudo"), "-n", "--", *named]
        if caller not in {None, Caller.ROOT} and self.is_root:
            raise NotTriedError("this is root: run it as a user, with --sudo")
        return []

    def environment(self, caller: Caller | None) -> dict[str, str]:
        """Give what a program inherits: the kernel, and for a signed Python where the packages are."""
        named = {} if self.kernel == XNU else {VARIABLE: self.kernel}
        if caller is Caller.SIGNED:
            # It lies elsewhere than its libraries: say where they are
            named["PYTHONHOME"] = sys.base_prefix
            named["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
            named["DYLD_LIBRARY_PATH"] = f"{sys.base_prefix}/lib"
        return {**os.environ, **named}
