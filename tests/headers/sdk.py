"""Apple's SDK as the PyPI package ziglang carries it: its compiler, its headers, libSystem's symbols."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import pytest

TARGETS = {"arm64": "aarch64-macos", "x86_64": "x86_64-macos"}
"""Architecture, as libSystem.tbd calls it -> the compiler's name for it."""

HOW_TO_INSTALL = "Apple's SDK headers are not here: pip install 'portaudit[headers]'"


@dataclass(frozen=True, slots=True)
class Sdk:
    """The SDK, the folder where the compiler keeps its cache, and the one for its output."""

    root: Path
    cache: Path
    output: Path

    def complaints(self, source: Path, architecture: str, *options: str) -> list[str]:
        """Compile one C or C++ file for macOS; give what the compiler says, one entry each, in its order.

        Raises RuntimeError if it fails without saying why.
        """
        return self._run(architecture, "-ferror-limit=0", *options, "-c", str(source))

    def link(self, source: Path, architecture: str, *options: str) -> list[str]:
        """Make a program of it, with nothing but libSystem; give what the linker says."""
        alone = ("-nodefaultlibs", "-lSystem", "-fno-sanitize=undefined")
        return self._run(architecture, *options, *alone, str(source))

    def _run(self, architecture: str, *options: str) -> list[str]:
        compiler = [sys.executable, "-m", "ziglang", "cc", "-target", TARGETS[architecture]]
        caches = {"ZIG_GLOBAL_CACHE_DIR": str(self.cache), "ZIG_LOCAL_CACHE_DIR": str(self.cache)}
        done = subprocess.run(
            [*compiler, *options, "-o", self.output / "out"],
            env={**os.environ, **caches},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        complaints = _read_complaints(done.stderr)
        if done.returncode and not complaints:
            raise RuntimeError(done.stderr)
        return complaints

    def exported_symbols(self, architecture: str) -> frozenset[str]:
        """Give the C names that libSystem and what it re-exports offer on macOS."""
        return read_symbols((self.root / "lib/libc/darwin/libSystem.tbd").read_text(), architecture)


def find_sdk(cache: Path, output: Path, package: str = "ziglang") -> Sdk:
    """Find the installed SDK. Without it the test is skipped; REQUIRE_HEADERS=1 makes that an error."""
    found = find_spec(package)
    if found and found.origin:
        return Sdk(Path(found.origin).parent, cache, output)
    if os.environ.get("REQUIRE_HEADERS") == "1":
        pytest.fail(HOW_TO_INSTALL, pytrace=False)
    pytest.skip(HOW_TO_INSTALL)


PREAMBLE = re.compile(
    r"^static assertion failed(?: due to requirement '.*')?: |^call to .* 'error' attribute: "
)


def _read_complaints(stderr: str) -> list[str]:
    """Drop what the compiler says about its own means; what is left is the text of the claim."""
    said = re.findall(r"(?:error|warning): (.*)", stderr)
    return [PREAMBLE.sub("", line) for line in said]


def read_symbols(tbd: str, architecture: str) -> frozenset[str]:
    """Read the exported C symbols of all libraries in a text-based stub file (tapi-tbd version 4)."""
    listed = re.findall(r"targets:\s*\[([^]]*)\]\s*(?:weak-)?symbols:\s*\[([^]]*)\]", tbd)
    symbols: set[str] = set()
    for targets, names in listed:
        if f"{architecture}-macos" in re.split(r"[\s,]+", targets):
            symbols |= set(re.split(r"[\s,']+", names))
    return frozenset(symbol.removeprefix("_") for symbol in symbols if symbol.startswith("_"))
