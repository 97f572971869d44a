"""Playing scenarios: snapshot, transfers, snapshot, diff, by the code of the real commands."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from portaudit.auditing.files import load, save
from portaudit.auditing.snapshot import Request, take_snapshot
from portaudit.auditing.verdict import compare_series
from portaudit.demo.scenarios import TRANSFERS, Scenario
from portaudit.demo.stage import Pair, pair
from portaudit.errors import NotReadable
from portaudit.kernels import GuardNote, open_kernel
from portaudit.model.finding import Outcome, Report
from portaudit.model.rights import Right

DEATH_SECONDS = 0.4
"""How long the extension may take to look at its names after the host's death."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: what was found, where the snapshots lie, is it what was planted."""

    scenario: Scenario
    report: Report
    files: tuple[Path, ...]
    """The snapshots in their order, two or more."""
    guard_notes: tuple[GuardNote, ...]
    as_planted: bool

    def check_was_read(self) -> None:
        """Raise NotReadable if a process died in the midst of it: that is not the verdict's fault."""
        lost = self.report.outcome is Outcome.UNDECIDED or not self.scenario.host_exits
        if not self.as_planted and lost and self.report.undecided:
            reason = self.report.undecided[0].reason
            raise NotReadable(f"the play of {self.scenario.name!r} could not be read to its end: {reason}")


def play(scenario: Scenario, kernel: str, folder: Path, way: str = "auto") -> Played:
    """Play one scenario on a kernel and audit it; the snapshot files stay in the folder."""
    with pair(scenario.name, kernel) as players, open_kernel(kernel) as watched:
        noted = len(watched.guard_notes())
        act = _series if scenario.rounds else _pair
        files = tuple(act(scenario, players, _Camera(players, kernel, folder, way)))
        notes = tuple(watched.guard_notes()[noted:])
    report = compare_series([load(str(file)) for file in files], scenario.expect)
    return Played(scenario, report, files, notes, _as_planted(scenario, report, notes))


@dataclass(frozen=True, slots=True)
class _Camera:
    players: Pair
    kernel: str
    folder: Path
    way: str

    def take(self, name: str, *, host: bool = True) -> Path:
        request = Request(
            host=str(self.players.host) if host else None,
            extension=str(self.players.extension),
            kernel=self.kernel,
            way=self.way,
            label=name,
        )
        path = self.folder / f"{name}.json"
        save(str(path), take_snapshot(request))
        return path


def _pair(scenario: Scenario, players: Pair, camera: _Camera) -> Iterator[Path]:
    yield camera.take(f"{scenario.name}-before")
    for _ in range(TRANSFERS):
        players.transfer()
    if scenario.host_exits:
        players.end_host()
        time.sleep(DEATH_SECONDS)
    yield camera.take(f"{scenario.name}-after", host=not scenario.host_exits)


def _series(scenario: Scenario, players: Pair, camera: _Camera) -> Iterator[Path]:
    yield camera.take(f"{scenario.name}-0")
    for number in range(1, scenario.rounds + 1):
        players.transfer()
        yield camera.take(f"{scenario.name}-{number}")


def _as_planted(scenario: Scenario, report: Report, notes: tuple[GuardNote, ...]) -> bool:
    found: dict[tuple[str, str | None], int] = {}
    for finding in report.findings:
        for row in finding.rows:
            dead = row.right is Right.DEAD_NAME
            key = (row.role or "", "DEAD-NAME" if dead else row.kobject_label)
            found[key] = found.get(key, 0) + row.residual
    planted = scenario.residuals
    if any(kind is None for _, kind in found):
        # GNU Mach does not tell what is behind a port: there the role alone counts
        planted = {(role, None): number for (role, _), number in planted.items()}
        found = {(role, None): number for (role, _), number in found.items()}
    return found == planted and report.outcome is scenario.outcome and len(notes) >= scenario.guard_events
