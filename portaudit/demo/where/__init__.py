"""A C program with two mistakes, audited with a ledger: the report names the lines.

It is built with the machine's compiler, run over the kernel, recorded and judged.
"""

import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from portaudit.auditing.ledgers import ledgers_of, recording, with_ledgers
from portaudit.auditing.run.run import run
from portaudit.auditing.run.session import RunRequest
from portaudit.auditing.snapshot import Request
from portaudit.libsystem import PROGRAM_FLAGS, build_libsystem, compile_c
from portaudit.model.finding import Report
from portaudit.model.way import AUTO
from portaudit.probe import header_path

SOURCE = Path(__file__).with_name("leaky.c")
LEAKS, FREES_TWICE = "serve", "close_box"
"""The functions of leaky.c that make the mistakes."""
KEPT = 10
TIME_LIMIT = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """What the audit said, and the files that it left."""

    report: Report
    files: tuple[Path, ...]

    @property
    def as_planted(self) -> bool:
        """Whether it names both mistakes, the leak with its number."""
        wheres = [where for finding in self.report.findings for where in finding.where]
        kept = {
            (origin.stack[0].symbol, origin.kept)
            for where in wheres
            for origin in where.origins
            if origin.stack
        }
        freed = {release.stack[0].symbol for where in wheres for release in where.releases if release.stack}
        return (LEAKS, KEPT) in kept and FREES_TWICE in freed


def build_leaky(folder: Path) -> Path:
    """Build the program into a folder. Raises NoCompiler where that cannot be done."""
    flags = ["-O2", "-g", "-fno-omit-frame-pointer", f"-I{header_path().parent}"]
    link: list[str] = []
    if sys.platform != "darwin":
        flags += PROGRAM_FLAGS
        # By its path: whatever else lies in the folder is no library of ours
        link = [str(build_libsystem(folder)), "-lpthread"]
    return compile_c((*flags, str(SOURCE), *link), folder / "leaky")


def play_leaky(folder: Path, kernel: str, way: str = AUTO, *, sudo: bool = False) -> Found:
    """Build, run, record and judge it. Raises what these raise."""
    program = build_leaky(folder.resolve())
    outcome = run(
        RunRequest(
            Request(kernel=kernel, way=way, sudo=sudo),
            spawn=(str(program),),
            time_limit=TIME_LIMIT,
            folder=folder,
            environment=partial(recording, folder),
        )
    )
    report = with_ledgers(outcome.report, ledgers := ledgers_of(outcome.report, folder))
    moments = (moment.file for moment in outcome.moments if moment.file)
    return Found(report, (*moments, *ledgers))
