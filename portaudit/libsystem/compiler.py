"""The machine's C compiler, and what it says where it fails."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from portaudit.errors import NoCompiler

PATIENCE = 300.0
"""A compiler that takes longer hangs."""


def find_compiler() -> str:
    """Find the C compiler: what CC says, else cc, clang or gcc. Raises NoCompiler if there is none."""
    for name in (os.environ.get("CC"), "cc", "clang", "gcc"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise NoCompiler(
        "no C compiler is here (CC, cc, clang, gcc): xcode-select --install on a Mac, "
        "apt-get install gcc libc6-dev elsewhere"
    )


def compile_c(arguments: Sequence[str], output: Path) -> Path:
    """Compile with these arguments into a file. Raises NoCompiler, with the first complaint."""
    compiler = find_compiler()
    words = [compiler, *arguments, "-o", str(output)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NoCompiler(f"{compiler} cannot be run: {error}") from error
    if done.returncode:
        said = next((line for line in done.stderr.splitlines() if "error" in line), done.stderr.strip()[:200])
        raise NoCompiler(f"{compiler} cannot make {output.name}: {said}")
    return output
