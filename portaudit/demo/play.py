"""Playing scenarios: snapshot, transfers, snapshot, diff, by the code of the real commands."""

import time
from dataclasses import dataclass
from pathlib import Path

from portaudit import audit
from portaudit.demo.scenarios import TRANSFERS, Scenario
from portaudit.demo.stage import Pair, pair
from portaudit.kernels import GuardNote, open_kernel
from portaudit.model.finding import Report
from portaudit.model.rights import Right
from portaudit.model.snapshot import Snapshot

DEATH_SECONDS = 0.4
"""How long the extension may take to look at its names after the host's death."""


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: what was found, where the snapshots lie, is it what was planted."""

    scenario: Scenario
    report: Report
    before: Path
    after: Path
    guard_notes: tuple[GuardNote, ...]
    as_planted: bool


def play(scenario: Scenario, kernel: str, folder: Path, way: str = "auto") -> Played:
    """Play one scenario on a kernel and audit it; the snapshot files stay in the folder."""
    before, after = (folder / f"{scenario.name}-{when}.json" for when in ("before", "after"))
    with pair(scenario.name, kernel) as players, open_kernel(kernel) as watched:
        noted = len(watched.guard_notes())
        _snapshot(players, kernel, before, way)
        for _ in range(TRANSFERS):
            players.transfer()
        if scenario.host_exits:
            players.end_host()
            time.sleep(DEATH_SECONDS)
        _snapshot(players, kernel, after, way, host=not scenario.host_exits)
        notes = tuple(watched.guard_notes()[noted:])
    report = audit.compare(audit.load(str(before)), audit.load(str(after)), scenario.expect)
    return Played(scenario, report, before, after, notes, _as_planted(scenario, report, notes))


def _snapshot(players: Pair, kernel: str, path: Path, way: str, *, host: bool = True) -> Snapshot:
    request = audit.Request(
        host=str(players.host) if host else None,
        extension=str(players.extension),
        kernel=kernel,
        way=way,
        label=path.stem,
    )
    snapshot = audit.take_snapshot(request)
    audit.save(str(path), snapshot)
    return snapshot


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
