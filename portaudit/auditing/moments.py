"""The moments of a run: each is a snapshot of the same processes, kept as soon as it is taken."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from portaudit.auditing.files import save
from portaudit.auditing.live import Request, take_snapshot
from portaudit.collect.marks import Mark
from portaudit.collect.process import is_same
from portaudit.collect.taking import Target
from portaudit.errors import UsageError
from portaudit.model.snapshot import Snapshot


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
    next_name: str = "after"
    """What the one after this round is called."""
    marked: bool = False
    """Whether a mark has ended this round or a part of it: then its moments count, and no other is taken."""

    def take(self, name: str) -> Moment:
        """Take one, keep it, and give it. Raises AuditError as take_snapshot and save do."""
        snapshot = take_snapshot(replace(self.request, label=name), self.targets)
        file = None
        if self.folder is not None:
            file = _in(self.folder) / f"{name}.json"
            save(str(file), snapshot)
        self.taken.append(Moment(name, snapshot, file, _refused(snapshot)))
        return self.taken[-1]

    def hear(self, mark: Mark) -> None:
        """Take the one that a program asks for, and let it go on. Raises what taking raises."""
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


def _in(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be made: {error.strerror or error}") from error
    return folder
