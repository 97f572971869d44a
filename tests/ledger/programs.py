"""C programs over a small kernel, and the interposer that watches them, built once for all tests."""

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from portaudit.ledger.interposer import build_interposer
from portaudit.ledger.layout import MAGIC
from portaudit.ledger.read import read_ledger
from portaudit.libsystem import PROGRAM_FLAGS, compile_c
from portaudit.model.ledger import EVERYTHING, Ledger

SOURCES = Path(__file__).with_name("programs")
FLAGS = ("-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", *PROGRAM_FLAGS)


def built(words: tuple[str, ...], path: Path) -> Path:
    """Build a program, if it is not there yet: whole or not at all, for another worker may want it, too."""
    if not path.exists():
        with TemporaryDirectory(dir=path.parent) as place:
            compile_c(words, Path(place) / path.name).rename(path)
    return path


@dataclass(frozen=True, slots=True)
class Programs:
    """Where everything was built."""

    folder: Path

    @property
    def interposer(self) -> Path:
        """The interposer."""
        return self.folder / "libportaudit_ledger.so"

    def program(self, name: str, *more: str) -> Path:
        """Build a program of this folder over the small kernel, if it is not there yet."""
        link = (f"-L{self.folder}", "-lsmall", f"-Wl,-rpath,{self.folder}", "-lpthread")
        return built((*FLAGS, str(SOURCES / f"{name}.c"), *link, *more), self.folder / name)

    def library(self, name: str, source: str) -> Path:
        """Build a library of C text over the small kernel."""
        own = Path(mkdtemp(dir=self.folder))  # another worker may be at the same, with another text
        c_file = own / f"{name}.c"
        c_file.write_text(source)
        link = (f"-L{self.folder}", "-lsmall", f"-Wl,-rpath,{self.folder}")
        return compile_c((*FLAGS, "-shared", "-fPIC", str(c_file), *link), own / f"{name}.so")

    def environment(self, ledger: Path, events: int = 1 << 21) -> dict[str, str]:
        """Give the environment in which a program is recorded."""
        return {
            "PATH": os.environ["PATH"],
            "LD_PRELOAD": str(self.interposer),
            "PORTAUDIT_LEDGER": str(ledger),
            "PORTAUDIT_LEDGER_EVENTS": str(events),
        }

    def run(self, name: str, *words: object, ledger: Path, events: int = 1 << 21, extra: str = "") -> "Ran":
        """Run a program with the interposer, and with another library before it if one is named."""
        environment = self.environment(ledger, events)
        environment["LD_PRELOAD"] = f"{extra}:{self.interposer}" if extra else str(self.interposer)
        done = subprocess.run(
            [self.program(name), *map(str, words)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True, slots=True)
class Ran:
    """How a program ended, and what it printed."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> dict[int, int]:
        """What the kernel counted at the end: name -> references."""
        pairs = (line.split() for line in self.out.splitlines())
        return {int(name, 16): int(references) for name, references in pairs}


def build_programs(folder: Path, interposer: Path | None = None) -> Programs:
    """Build the small kernel, and the interposer, unless that has been built."""
    shutil.copy(interposer, folder) if interposer else build_interposer(folder)
    small = (*FLAGS, "-shared", "-fPIC", str(SOURCES / "small_kernel.c"), "-lpthread")
    compile_c(small, folder / "libsmall.so")
    return Programs(folder)


def sums(ledger: Ledger) -> dict[int, int]:
    """Add up a ledger: name -> references that it leaves, where that is not 0."""
    total: Counter[int] = Counter()
    for event in ledger.events:
        if event.done:
            total[event.name] = 0 if event.change == EVERYTHING else total[event.name] + event.change
    return {name: count for name, count in total.items() if count}


def below_zero(ledger: Ledger) -> list[int]:
    """Name what a ledger, read in its order, ever leaves with fewer than no references."""
    total: Counter[int] = Counter()
    found = []
    for event in ledger.events:
        if event.done:
            total[event.name] = 0 if event.change == EVERYTHING else total[event.name] + event.change
            if total[event.name] < 0:
                found.append(event.name)
    return found


def has_begun(ledger: Path) -> bool:
    """Whether a recorder has written the head of a ledger; its first eight bytes come last."""
    with suppress(FileNotFoundError), ledger.open("rb") as file:
        return file.read(8) == MAGIC
    return False


def kill_after(programs: Programs, seconds: float, ledger: Path, *words: object) -> Ledger:
    """Kill a running program so long after it began to be recorded, and read what it left behind."""
    process = subprocess.Popen(
        [programs.program("stress"), *map(str, words)],
        env=programs.environment(ledger),
        stdout=subprocess.DEVNULL,
    )
    while not has_begun(ledger) and process.poll() is None:
        time.sleep(0.001)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
    process.wait()
    return read_ledger(ledger)
