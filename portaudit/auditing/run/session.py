"""One run while it goes on: what was asked for, the snapshots so far, and how the trigger ended."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from portaudit.auditing.files import save
from portaudit.auditing.run.keeper import Family, Keeper
from portaudit.auditing.snapshot import Request, take_snapshot
from portaudit.collect.marks import EXTENSION, Mark, Marks
from portaudit.collect.marks import VARIABLE as MARKS
from portaudit.collect.process import is_same
from portaudit.collect.taking import Target
from portaudit.kernels import VARIABLE as KERNEL
from portaudit.model.declared import Expectation
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE, Snapshot
from portaudit.snapshot_file import make_folder

PIDS = {HOST_ROLE: "PORTAUDIT_HOST_PID", EXTENSION_ROLE: "PORTAUDIT_EXTENSION_PID"}
"""Role -> the environment variable that tells a trigger the pid."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What to run, on whom, how often, and what it may change."""

    processes: Request
    """Host, extension and others; with `spawn` host and extension are names among what it starts."""
    trigger: tuple[str, ...] = ()
    """The command that makes the transfer, and its arguments; no shell."""
    expectations: tuple[str | Expectation, ...] = ()
    warm_up: int = 0
    """Rounds before the first snapshot that counts."""
    rounds: int = 1
    pace: float = 0.0
    """Seconds from the beginning of a round that counts to that of the next, at the least."""
    operations: int = 1
    """How many operations one trigger makes."""
    idle: float | None = None
    """Seconds without a trigger before the pair of many operations and, at most ten, after it;
    None: ten, and as many more before as a warm-up round took."""
    spawn: tuple[str, ...] = ()
    """The command that starts the host; without a trigger it says by marks when it is to be read."""
    time_limit: float = 60.0
    """Seconds that a trigger may take, or a spawned host until its extension runs and between two marks."""
    folder: Path | None = None
    """Where the snapshots are kept; None: nowhere."""
    environment: Callable[[Path], Mapping[str, str]] | None = None
    """Gives what is started more for its environment, of a private folder that is gone after the run."""

    @property
    def waits_idle(self) -> bool:
        """Whether an idle pair tells more: a series, or one operation, has no use for it."""
        return self.operations > 1 and self.rounds == 1


class Stopped(Exception):  # noqa: N818  a fact about the run, not an error of ours
    """The run cannot go on, and why; what was taken so far is judged."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A snapshot with its name, and its file if it was kept in one."""

    name: str
    snapshot: Snapshot
    file: Path | None = None
    refused: str | None = None
    """Which process could not be read though it lived, and why: a permission is missing."""


@dataclass(slots=True)
class Moments:
    """Takes snapshots of the same processes, one after the other."""

    request: Request
    targets: Sequence[Target]
    folder: Path | None = None
    """Where each is kept; None: nowhere."""
    taken: list[Moment] = field(default_factory=list)
    warm_up: Moment | None = None
    """The snapshot before the warm-up, if there was one."""
    idle: Moment | None = None
    """The snapshot before the time in which nothing was triggered, if there was such a time."""
    next_name: str = "after"
    """What the one after this round is called."""
    marked: bool = False
    """Whether a mark has ended this round or a part of it: then its moments count, and no other is taken."""

    going_on: str = ""
    """Which round of how many it is."""
    share: float = 0.0
    """How much of the run is over."""

    def tell(self, what: str, share: float | None = None) -> None:
        """Say what goes on now, and how much of the run is over."""
        self.share = self.share if share is None else share
        self.request.progress(what, self.share)

    def take(self, name: str) -> Moment:
        """Take one, keep it, and give it. Raises AuditError as take_snapshot and save do."""

        def tell(what: str, _share: float) -> None:
            self.tell(f"{self.going_on}: {what}" if self.going_on else what)

        snapshot = take_snapshot(replace(self.request, label=name, progress=tell), self.targets)
        file = None
        if self.folder is not None:
            file = make_folder(self.folder) / f"{name}.json"
            save(str(file), snapshot)
        self.taken.append(Moment(name, snapshot, file, _refused(snapshot)))
        return self.taken[-1]

    def hear(self, mark: Mark) -> None:
        """Take the one that a program asks for, and let it go on. Raises what taking raises."""
        if mark.moment == EXTENSION:  # said too late to be of use, or of processes that were named
            mark.answer()
            return
        self.marked |= mark.moment != "before"
        try:
            self._take_marked(mark)
        except BaseException:
            mark.answer("the spaces cannot be read")
            raise
        mark.answer()

    def _take_marked(self, mark: Mark) -> None:
        if mark.moment == "round":
            self.take(f"round-{mark.round:02}")
        elif mark.moment == "after":
            self.take(self.next_name)
        elif len(self.taken) <= 1:
            # The program knows better than we when its first round begins; later ones begin where
            # the round before has ended
            self.take(self.taken[0].name if self.taken else "before")
            del self.taken[:-1]  # only now: whoever interrupts the taking finds the older one

    @property
    def lost(self) -> str | None:
        """Why the last one lacks a process that was to be read; None if it has them all."""
        unread = [task for task in self.taken[-1].snapshot.tasks if task.not_read] if self.taken else []
        return f"{unread[0].title} was not read: {unread[0].not_read.reason}" if unread else None  # type: ignore[union-attr]  # it was asked for


def _refused(snapshot: Snapshot) -> str | None:
    for task in snapshot.tasks:
        if task.not_read is not None and is_same(task.process):
            return f"{task.title} was not read: {task.not_read.reason}"
    return None


@dataclass(slots=True)
class Session:
    """One run."""

    request: RunRequest
    keeper: Keeper
    marks: Marks
    moments: Moments | None = None
    """None until the processes are found."""
    status: int | None = None
    """How the trigger ended last; negative: the signal that killed it; None: it did not end by itself."""
    added: Mapping[str, str] = field(default_factory=dict)
    """What is started finds this in its environment, beside what this process has."""
    family: Family | None = None
    """The host with all it has started, if this run has started it."""
    extension: int | None = None
    """The pid that the host has given of its extension, by a mark."""
    _waiting: list[Mark] = field(default_factory=list)

    def next_mark(self, seconds: float) -> Mark | None:
        """Give the next mark that asks for something; None if none came in time."""
        return self._waiting.pop(0) if self._waiting else self._listen(seconds)

    def listen(self, seconds: float) -> None:
        """Hear what the host says of its extension; whatever else it says waits."""
        if (mark := self._listen(seconds)) is not None:
            self._waiting.append(mark)

    def _listen(self, seconds: float) -> Mark | None:
        mark = self.marks.wait(seconds)
        if mark is None or mark.moment != EXTENSION:
            return mark
        self.extension = mark.round or None
        mark.answer("ok" if mark.round else "which pid?")
        return None

    def look(self) -> None:
        """Remember what a host that this run has started has started in its turn."""
        if self.family is not None:
            self.family.look()

    def environment(self) -> dict[str, str]:
        """Give the environment of what is started: where marks go, which kernel answers, and who is read.

        This very portaudit stands behind what is on the PATH.
        """
        targets = self.moments.targets if self.moments else ()
        pids = {target.role: target.process.pid for target in targets}
        path = os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])
        own = {MARKS: self.marks.path, KERNEL: self.request.processes.kernel, "PATH": path}
        told = {variable: pids.get(role) for role, variable in PIDS.items()}
        kept = {name: value for name, value in os.environ.items() if name not in PIDS.values()}
        told_of = {name: str(value) for name, value in (own | told).items() if value is not None}
        return kept | dict(self.added) | told_of
