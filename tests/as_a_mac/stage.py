"""The suite's own stage of a Mac: a kernel that answers as one of its systems, Apple's programs, and a user.

What runs on it are real processes of this machine that see a Mac (site/played_mac.py). What AMFI refuses is
played from public reports, not from its sources, which nobody has.
"""

import json
import os
import plistlib
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from portaudit.mach.serving import Server
from portaudit.simulator.kernel import ServedSimulator
from tests.as_a_mac.lsmp import PROGRAM, Lsmp, answered
from tests.conftest import Ended
from tests.shared import short_place

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
SECONDS = 400.0
"""How long a command may take on the stage."""
RELEASES = {13: "13.7.1", 15: "15.4", 26: "26.1"}
TASK = """
from portaudit.kernels import open_kernel
with open_kernel():
    print("ready", flush=True)
    input()
"""
"""A program that waits: on a Mac each process is a task, on the stage each that has opened the kernel."""
HIDDEN = ("PORTAUDIT_KERNEL", "PORTAUDIT_STRICT", "COLUMNS")

SUDO = """\
#!/bin/sh
for word; do
  shift
  case $word in
    -n | --) ;;
    /usr/bin/lsmp) set -- "$@" {lsmp} ;;
    *) set -- "$@" "$word" ;;
  esac
done
{refusal}
PLAYED_ROOT=1 exec "$@"
"""
"""Programs that a Python process of the stage would take a tenth of a second to be are of the shell."""
REFUSAL = "echo 'sudo: a password is required' >&2; exit 1"


@dataclass(frozen=True)
class Mac:
    """A Mac on the stage, and one user at it."""

    root: Path
    environment: dict[str, str]

    def run(self, *command: Any, **more: str) -> Ended:
        """Run a command as the user does, and say how it ended."""
        ended = subprocess.run(
            [str(word) for word in command],
            env=self.environment | more,
            cwd=self.home,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())

    def portaudit(self, *arguments: Any, **more: str) -> Ended:
        """Run one portaudit command."""
        return self.run(sys.executable, "-m", "portaudit", *arguments, **more)

    @property
    def home(self) -> Path:
        """The folder that the user works in."""
        return self.root / "home"

    @contextmanager
    def runs(self, body: str, **more: str) -> Iterator[int]:
        """Let a program of some Python lines run, which print a line when they are ready; gives its pid."""
        process = subprocess.Popen(
            [sys.executable, "-c", body],
            env=self.environment | more,
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            assert process.stdout is not None
            process.stdout.readline()
            yield process.pid
        finally:
            process.kill()
            process.communicate()

    def step_clock(self, seconds: float) -> None:
        """Set the clock forward; psutil moves every start with it."""
        (self.root / "step").write_text(str(seconds))


@contextmanager
def a_mac(
    macos: int = 15,
    *,
    root: bool = False,
    python: str = "hardened",
    sip: str = "on",
    password: bool = False,
    lsmp: str = "root",
) -> Iterator[Mac]:
    """Give a Mac of this release, with a plain user at it or root.

    `python` says how its Python is signed (python.org's is hardened), `password` whether sudo asks for one,
    and `lsmp` for whom lsmp prints something: root, everybody or nobody.
    """
    if sys.platform != "linux":
        pytest.skip("the stage of a Mac stands on Linux: it looks into /proc")
    with TemporaryDirectory(prefix="mac-", dir=short_place()) as folder:
        stage = Path(folder)
        (stage / "home").mkdir()
        kernel = stage / "kernel"
        _install(stage, macos, password=password, lsmp=lsmp)
        apples = Lsmp(kernel, macos, lsmp)
        played = {
            "kernel": str(kernel),
            "macos": macos,
            "root": folder,
            "python": python,
            "sip": sip,
            "lsmp": lsmp,
        }
        with Server(ServedSimulator(macos), kernel), answered(apples, stage / "asked"):
            yield Mac(stage, _environment(played, root=root))


def _environment(played: dict[str, object], *, root: bool) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    tools = os.pathsep.join([str(Path(sys.executable).parent), kept.get("PATH", os.defpath)])
    path = os.pathsep.join([str(HERE / "site"), str(REPOSITORY)])
    more = {"PLAYED_MAC": json.dumps(played), "PYTHONPATH": path, "PATH": tools, "COLUMNS": "80"}
    return kept | more | ({"PLAYED_ROOT": "1"} if root else {})


def _install(stage: Path, macos: int, *, password: bool, lsmp: str) -> None:
    release = RELEASES[macos]
    _shell_program(stage / "sw_vers", f"#!/bin/sh\necho {release}\n")
    (stage / "SystemVersion.plist").write_bytes(plistlib.dumps({"ProductVersion": release}))
    refusal = REFUSAL if password else ""
    _shell_program(stage / "sudo", SUDO.format(lsmp=shlex.quote(str(stage / "lsmp")), refusal=refusal))
    if lsmp != "missing":
        words = shlex.join([sys.executable, "-I", "-S", "-c", PROGRAM, str(stage / "asked")])
        _shell_program(stage / "lsmp", f'#!/bin/sh\nexec {words} "$@"\n')


def _shell_program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o700)


def await_file(path: Path, seconds: float = 10.0) -> str:
    """Wait until a file has something in it, and give that."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and (text := path.read_text()):
            return text
        time.sleep(0.02)
    raise AssertionError(f"{path} was never written")
