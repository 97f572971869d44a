"""lldb, the programs that it watches, and a stand-in kernel for them."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from portaudit.libsystem import build_libsystem
from portaudit.lldb_script import HOW_TO_INSTALL, find_lldb, script_path
from portaudit.probe import header_path
from tests.ledger.programs import FLAGS, SOURCES, built


def need_lldb() -> str:
    """Find lldb. Without it the test is skipped; REQUIRE_LLDB=1 makes that an error."""
    found = find_lldb()
    if found:
        return found
    reason = f"lldb is not here: {HOW_TO_INSTALL}"
    if os.environ.get("REQUIRE_LLDB") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@dataclass(frozen=True, slots=True)
class MachPrograms:
    """Programs over the stand-in for libSystem, and where they were built."""

    folder: Path

    def program(self, name: str) -> Path:
        """Build one, if it is not there yet."""
        link = (f"-L{self.folder}", "-lmach", "-lpthread")
        include = f"-I{header_path().parent}"
        return built((*FLAGS, include, str(SOURCES / f"{name}.c"), *link), self.folder / name)


def build_mach_programs(folder: Path) -> MachPrograms:
    """Build the stand-in for libSystem."""
    build_libsystem(folder)
    return MachPrograms(folder)


def lldb(*commands: str, kernel: str | None = None) -> str:
    """Run lldb in batch with the script; gives what was printed."""
    words = [need_lldb(), "--no-lldbinit", "--batch", "-o", f'command script import "{script_path()}"']
    environment = os.environ | ({"PORTAUDIT_KERNEL": kernel} if kernel else {})
    done = subprocess.run(
        [*words, *(word for command in commands for word in ("-o", command))],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout + done.stderr
