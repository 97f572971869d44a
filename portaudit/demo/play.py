"""Playing scenarios: snapshot, transfers, snapshot, diff, by the code of the real commands, and telling them.

And a platform binary as the host: the kernel kills it for sending its own control port.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from portaudit.auditing.files import load, save
from portaudit.auditing.snapshot import Request, take_snapshot
from portaudit.auditing.verdict import compare_series
from portaudit.demo.host import PLATFORM
from portaudit.demo.scenarios import TRANSFERS, Scenario
from portaudit.demo.stage import Pair, pair
from portaudit.errors import KernelUnavailable, NotReadable
from portaudit.kernels import GuardNote, open_kernel
from portaudit.mach.constants import GuardFlavor
from portaudit.model.declared import Terms
from portaudit.model.finding import Outcome, Report
from portaudit.model.guard import MACH_PORT, GuardEvent
from portaudit.model.rights import Right
from portaudit.model.severity import Severity
from portaudit.model.snapshot import Snapshot
from portaudit.model.way import AUTO, GNUMACH, XNU
from portaudit.render.facts import verdict_sentence
from portaudit.render.style import INDENT, hang

SELF = "self"
"""The way that asks for nobody else's task port: each player reads its own space."""

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
    tells_guards: bool
    """Whether the kernel tells of bad releases: a Mac's own leaves them to crash reports."""
    as_planted: bool

    def check_was_read(self) -> None:
        """Raise NotReadable if a process died in the midst of it: that is not the verdict's fault."""
        lost = self.report.outcome is Outcome.UNDECIDED or not self.scenario.host_exits
        if not self.as_planted and lost and self.report.undecided:
            reason = self.report.undecided[0].reason
            raise NotReadable(f"the play of {self.scenario.name!r} could not be read to its end: {reason}")


def play(scenario: Scenario, kernel: str, folder: Path, way: str = AUTO, *, sudo: bool = False) -> Played:
    """Play one scenario on a kernel and audit it; the snapshot files stay in the folder.

    The processes are read from outside, as `way` and `sudo` say, or with SELF each by itself.
    """
    with pair(scenario.name, kernel) as players, open_kernel(kernel) as watched:
        noted = len(watched.guard_notes())
        act = _series if scenario.rounds else _pair
        files = tuple(act(scenario, players, _Camera(players, kernel, folder, way, sudo)))
        notes = tuple(watched.guard_notes()[noted:])
        told = watched.mach.kind not in (XNU, GNUMACH)
    terms = Terms(guards=tuple(map(_event, notes)))
    report = compare_series([load(str(file)) for file in files], scenario.expect, terms=terms)
    noticed = not told or len(notes) >= scenario.guard_events
    wanted = scenario if told or not scenario.guard_events else replace(scenario, balanced=True)
    return Played(scenario, report, files, notes, told, noticed and _as_planted(wanted, report))


def outcome_of(scenario: Scenario) -> Outcome:
    """Give the verdict that is planted in a play."""
    return Outcome.BALANCED if scenario.balanced else Outcome.FINDINGS


def _event(note: GuardNote) -> GuardEvent:
    return GuardEvent(guard=MACH_PORT, flavour=note.flavour, target=note.name, pid=note.pid)


@dataclass(frozen=True, slots=True)
class _Camera:
    players: Pair
    kernel: str
    folder: Path
    way: str
    sudo: bool

    def take(self, name: str, *, host: bool = True) -> Path:
        path = self.folder / f"{name}.json"
        save(str(path), replace(self._snapshot(host=host), label=name))
        return path

    def _snapshot(self, *, host: bool) -> Snapshot:
        if self.way == SELF:
            return _side_by_side(self.players.read_themselves(host=host))
        request = Request(
            host=str(self.players.host) if host else None,
            extension=str(self.players.extension),
            kernel=self.kernel,
            way=self.way,
            sudo=self.sudo,
        )
        return take_snapshot(request)


def _side_by_side(readings: list[Snapshot]) -> Snapshot:
    last = readings[-1]
    tasks = tuple(task for reading in readings for task in reading.tasks)
    return replace(last, tasks=tasks, settled=all(reading.settled for reading in readings))


def refusal(kernel: str, way: str, *, sudo: bool) -> str | None:
    """Say why the demo's players cannot be read from outside in this way; None if they can."""
    with TemporaryDirectory(prefix="portaudit-demo-") as folder, pair("clean", kernel) as players:
        snapshot = load(str(_Camera(players, kernel, Path(folder), way, sudo).take("tried")))
    return next((task.not_read.reason for task in snapshot.tasks if task.not_read), None)


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


def _as_planted(scenario: Scenario, report: Report) -> bool:
    found: dict[tuple[str, str | None], int] = {}
    for finding in report.findings:
        for row in finding.rows if finding.severity is not Severity.NOTE else ():
            dead = row.right is Right.DEAD_NAME
            key = (row.role or "", "DEAD-NAME" if dead else row.kobject_label)
            found[key] = found.get(key, 0) + row.residual
    found = {key: residual for key, residual in found.items() if residual}
    planted = scenario.residuals
    if any(kind is None for _, kind in found):
        # GNU Mach does not tell what is behind a port: there the role alone counts
        planted = {(role, None): number for (role, _), number in planted.items()}
        found = {(role, None): number for (role, _), number in found.items()}
    return found == planted and report.outcome is outcome_of(scenario)


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of the platform host: how it ended, and what the kernel noted."""

    ending: str | None
    """None: it lived on."""
    notes: tuple[GuardNote, ...]

    @property
    def as_planted(self) -> bool:
        """Whether it died of sending an immovable right (XNU osfmk/ipc/ipc_right.c:2400-2404)."""
        return self.ending is not None and any(note.flavour == GuardFlavor.IMMOVABLE for note in self.notes)


def play_platform(kernel: str) -> Killed:
    """Let a platform host send its task port once."""
    with open_kernel(kernel) as watched, pair("clean", kernel, PLATFORM) as players:
        ending: str | None
        try:
            players.transfer()
            ending = None
        except (NotReadable, KernelUnavailable) as error:
            ending = str(error)
        return Killed(ending, tuple(watched.guard_notes()))


TWO_PARTS = 100
"""Columns from which on there is room for a sentence beside name and verdict."""


def summary_lines(played: Played, width: int) -> Iterator[str]:
    """Say name, verdict and headline of a played scenario: in one line, where it has room."""
    mark = "ok " if played.as_planted else "NOT AS PLANTED"
    noted = f"; the kernel noted {len(played.guard_notes)} bad releases" if played.guard_notes else ""
    if played.scenario.guard_events and not played.tells_guards:
        noted = "; this kernel tells of bad releases in crash reports, if at all"
    outcome, sentence = played.report.outcome.upper(), verdict_sentence(played.report)
    head = f"{mark}  {played.scenario.name:<19} {outcome:<9} "
    narrow = width < TWO_PARTS
    return hang(head, f"{sentence}{noted}", width, indent=INDENT + 1 if narrow else None)


def guard_lines(played: Played) -> Iterator[str]:
    """Say what the kernel noted: the only trace of a release that hit a name already gone."""
    if played.scenario.guard_events and not played.tells_guards:
        yield ""
        yield (
            "Not in the tables: releases of names that were gone (EXC_GUARD). A Mac's kernel tells of them "
            "in a crash report, and of a third-party process only if that has asked for it; GNU Mach only by "
            "what the call returns: see `portaudit explain O5`, and `portaudit decode` for the report."
        )
    if played.guard_notes:
        yield ""
        yield "Not in the tables: the kernel noted releases of names that were gone (EXC_GUARD):"
    for note in played.guard_notes:
        yield f"  process {note.pid}: {_flavour(note.flavour)} on 0x{note.name:x}"


def platform_lines(killed: Killed) -> Iterator[str]:
    """Say what became of the platform host, and what would have worked."""
    yield "platform: a platform binary sends its own control port, mach_task_self, to its extension"
    yield ""
    yield killed.ending or "the host lived on"
    for note in killed.notes:
        yield f"  EXC_GUARD in process {note.pid}: {_flavour(note.flavour)} on 0x{note.name:x}"
    yield ""
    yield (
        "Since macOS 12.3 the own control port of a platform (or hardened) binary is immovable: sending it "
        "is fatal. A third-party app may send it. What a platform binary may send: the port that "
        "task_get_special_port(mach_task_self(), TASK_KERNEL_PORT) gives, if the system allows it, or a task "
        "identity token (task_create_identity_token). Read and inspect ports cannot be sent by anybody."
    )


def _flavour(number: int) -> str:
    try:
        return GuardFlavor(number).name
    except ValueError:
        return f"flavour {number}"
