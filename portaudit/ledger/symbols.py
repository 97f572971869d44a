"""Functions and lines of addresses, offline: asked of the tools that the system has for it, once an image."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

from portaudit.ledger.images import read_image_file
from portaudit.ledger.stacks import Address, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from portaudit.model.ledger import Image, Ledger

SECONDS = 60.0
"""How long a tool may take for one image."""
UNKNOWN = ("??", "")
LLVM = ("llvm-symbolizer", *(f"llvm-symbolizer-{version}" for version in range(30, 13, -1)))
"""Debian puts the version behind the name."""
CLONES = frozenset({"isra", "constprop", "part", "cold", "lto_priv", "llvm"})
"""What a compiler puts behind the name of a function that it has made anew for one caller."""
HOW = "install llvm (llvm-symbolizer) or binutils (addr2line); on a Mac, Xcode's command line tools (atos)"


def as_written(name: str) -> str:
    """Take off a function's name what the compiler put behind it: `take.isra.0.cold` is `take`."""
    parts = name.split(".")
    written = len(parts)
    for at in range(len(parts) - 1, 0, -1):
        if parts[at] in CLONES:
            written = at
        elif not parts[at].isdecimal():
            break
    return ".".join(parts[:written])


class Symbolizer:
    """Asks the system's tool; remembers what stood in the way of the images that it could not tell of."""

    def __init__(self, here: Path | None = None) -> None:
        """Spell source files below the directory `here` relative to it, as a review does."""
        self._here = here
        self.obstacles: dict[str, str] = {}
        """Image -> why its addresses stay numbers."""
        self._known: dict[Address, tuple[Symbol, ...]] = {}

    def __call__(
        self, ledger: Ledger, addresses: Iterable[Address], /
    ) -> Mapping[Address, tuple[Symbol, ...]]:
        """Give the symbols of those addresses that are known."""
        wanted = list(addresses)
        by_image: defaultdict[Image, list[Address]] = defaultdict(list)
        for address in wanted:
            if address not in self._known:
                by_image[address.image].append(address)
        for image, asked in by_image.items():
            told = [tuple(map(self._spelled, one)) for one in self._of_image(ledger, image, asked)]
            self._known.update(zip(asked, told or [()] * len(asked), strict=False))
        return {address: symbols for address in wanted if (symbols := self._known.get(address))}

    def _spelled(self, symbol: Symbol) -> Symbol:
        symbol = symbol._replace(name=as_written(symbol.name))
        if self._here is None or symbol.file is None or not Path(symbol.file).is_relative_to(self._here):
            return symbol
        return symbol._replace(file=str(Path(symbol.file).relative_to(self._here)))

    def _of_image(self, ledger: Ledger, image: Image, asked: list[Address]) -> list[tuple[Symbol, ...]]:
        files = read_image_file(image.path)
        same = next((file for file in files if not image.id or not file.id or file.id == image.id), None)
        if same is None:
            why = "it has been built anew since" if files else "it is not here"
            self.obstacles[image.path] = why
            return []
        # One byte back: within the call, not behind it
        linked = [same.first + address.offset - 1 for address in asked]
        return self._ask(image.path, same.first, ledger.architecture, linked)

    def _ask(self, path: str, first: int, architecture: str, linked: list[int]) -> list[tuple[Symbol, ...]]:
        path = str(Path(path).absolute())  # what begins with - or @ is more than a name to these tools
        if sys.platform == "darwin" and shutil.which("atos"):
            words = ["atos", "-i", "-arch", architecture, "-o", path, "-l", hex(first), *map(hex, linked)]
            return read_atos(_run(words))
        llvm = next(filter(shutil.which, LLVM), None)
        if llvm:
            return read_llvm(_run([llvm, "--output-style=JSON", "-e", path, *map(hex, linked)]))
        if shutil.which("addr2line"):
            return read_addr2line(_run(["addr2line", "-a", "-f", "-C", "-i", "-e", path, *map(hex, linked)]))
        self.obstacles[path] = HOW
        return []


def _run(words: list[str]) -> str:
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603  no shell
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return ""
    return done.stdout


def read_llvm(text: str) -> list[tuple[Symbol, ...]]:
    """Read llvm-symbolizer's JSON: an answer an address, in order; a list of them, or one a line."""
    found = []
    try:
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return []
    for answer in [one for line in lines for one in (line if isinstance(line, list) else [line])]:
        symbols = answer.get("Symbol") or []
        found.append(
            tuple(
                Symbol(symbol["FunctionName"], symbol.get("FileName") or None, symbol.get("Line") or None)
                for symbol in symbols
                if symbol.get("FunctionName") not in UNKNOWN
            )
        )
    return found


def read_addr2line(text: str) -> list[tuple[Symbol, ...]]:
    """Read addr2line: the address, then two lines a function, the innermost first."""
    found: list[tuple[Symbol, ...]] = []
    for block in re.split(r"^0x[0-9a-f]+\n", text, flags=re.MULTILINE)[1:]:
        lines = block.splitlines()
        found.append(
            tuple(
                Symbol(name, *_file_and_line(place))
                for name, place in zip(lines[::2], lines[1::2], strict=False)
                if name not in UNKNOWN
            )
        )
    return found


def _file_and_line(place: str) -> tuple[str | None, int | None]:
    file, _, line = place.partition(" (")[0].rpartition(":")
    if file in ("", "??"):
        return None, None
    return file, int(line) if line.isdigit() and int(line) else None


ATOS = re.compile(r"^(?P<name>.+) \(in [^()]*\)(?: \((?P<file>[^():]+)(?::(?P<line>\d+))?\))?(?: \+ \d+)?$")


def read_atos(text: str) -> list[tuple[Symbol, ...]]:
    """Read `atos -i`: a function a line, the innermost first, an empty line between addresses."""
    found: list[tuple[Symbol, ...]] = []
    for block in re.split(r"\n\s*\n", text.strip("\n")) if text.strip() else []:
        matches = filter(None, map(ATOS.match, block.splitlines()))
        found.append(
            tuple(
                Symbol(match["name"], match["file"], int(match["line"]) if match["line"] else None)
                for match in matches
            )
        )
    return found
