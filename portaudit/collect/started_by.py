"""The processes that work for another one: its descendants, and those of launchd's children that serve it.

XPC services and app extensions are started by launchd for the app that asks for them, so they are no
descendants of it. What tells them is whom the system holds responsible for them, and else their name and that
they started after the host.
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import psutil

from portaudit.collect.ending import runs
from portaudit.collect.marks import VARIABLE as MARKS
from portaudit.collect.process import FORK_SECONDS, has_parents_name, identify
from portaudit.errors import NotReadable, UsageError
from portaudit.mach.system import responsible_for
from portaudit.model.snapshot import Process

LAUNCHD = 1
START_SECONDS = 0.05
"""How much earlier than its host's a start may seem: Linux counts them in hundredths of a second."""
NAME_SECONDS = 1.0
"""How long one that only its name tells must have been seen: a descendant of that name goes before."""
SEVERAL_SECONDS = 2.0
"""How long several must have one name until that is an answer, where no fork explains it."""
OF_AN_AUDIT = (MARKS, "PORTAUDIT_KERNEL")
"""What an audit tells those that it starts, by their environment."""
CUT_NAMES = (15, 16)
"""Bytes that Linux and XNU keep of a name."""

BY_RESPONSIBILITY = "launchd started it, and the system holds the host responsible for it"
BY_NAME = "launchd started it, under this name and after the host"
BY_MARK = "the host named it by its mark `extension`"


class SeveralFit(UsageError):  # noqa: N818  an answer of the process table
    """Several processes fit in this moment; `passing`: a fork explains it, so that it may be over soon."""

    def __init__(self, ancestor: int, name: str, fitting: list[psutil.Process]) -> None:
        pids = ", ".join(str(each.pid) for each in fitting)
        super().__init__(f"process {ancestor} has started several called {name!r}: {pids}; give one's pid")
        self.passing = any(has_parents_name(each.pid) for each in fitting)


@dataclass(frozen=True, slots=True)
class Found:
    """A process that was found."""

    process: Process
    how: str | None = None
    """What told that it is the one; None: it is the host's descendant."""
    doubted: float = 0.0
    """Seconds for which it must have been seen until it is believed."""


class Search:
    """Looks for one process of a host again and again, and takes nothing for an answer that passes."""

    def __init__(self, host: int, name: str) -> None:
        self._host, self._name = host, name
        self._seen: dict[int, float] = {}
        self._several_since: float | None = None
        self.several: SeveralFit | None = None
        """What stood in the way in the last look."""
        self.doubted: Found | None = None
        """What the last look found, and was not believed yet."""

    def look(self, told: int | None = None) -> Found | None:
        """Look once; `told` is the pid that the host itself gives, which counts unless a pid is looked for.

        Raises as find_started does, but SeveralFit only if that is no passing answer.
        """
        self.several = self.doubted = None
        if told is not None and not self._name.isdecimal():
            mine = told in (each.pid for each in _family(self._host, self._name)[1])
            return Found(identify(told), None if mine and self._is_called(told) else BY_MARK)
        try:
            found = find_started(self._host, self._name)
        except SeveralFit as several:
            self.several = several
            if not several.passing and self._stays_so():
                raise
            return None
        self._several_since = None
        if found is None or self._is_itself(found):
            return found
        self.doubted = found
        return None

    def _is_called(self, pid: int) -> bool:
        return psutil.pid_exists(pid) and _is_called(psutil.Process(pid), self._name)

    def _stays_so(self) -> bool:
        now = time.monotonic()
        self._several_since = self._several_since or now
        return now - self._several_since > SEVERAL_SECONDS

    def _is_itself(self, found: Found) -> bool:
        now = time.monotonic()
        since = self._seen.setdefault(found.process.pid or 0, now)
        return now - since >= found.doubted


def find_started(host: int, name: str) -> Found | None:
    """Find the one process of this name, or pid, that works for a host; None if there is none yet.

    Raises NotReadable if the host has gone, SeveralFit if several have the name.
    """
    started, family = _family(host, name)
    members = {host, *(each.pid for each in family)}
    if own := _only(host, name, (each for each in family if _fits(each, name))):
        return _found(own, None, FORK_SECONDS if has_parents_name(own.pid) else 0)
    orphans = [each for each in launchds_children() if each.pid not in members and _fits(each, name)]
    served = (each for each in orphans if responsible_for(each.pid) in members)
    if one := _only(host, name, served):
        return _found(one, BY_RESPONSIBILITY)
    later = (each for each in orphans if _start(each) >= started - START_SECONDS and _may_serve(each, host))
    return _found(one, BY_NAME, NAME_SECONDS) if (one := _only(host, name, later)) else None


def started_by(host: int) -> list[str]:
    """Name the processes that a host has started, itself or through others, and that run now."""
    try:
        family = psutil.Process(host).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [f"{_name_of(each)} ({each.pid})" for each in family if runs(each)]


def _name_of(process: psutil.Process) -> str:
    try:
        return process.name() or "a process"
    except psutil.Error:
        return "a process"


def _found(process: psutil.Process, how: str | None, doubted: float = 0) -> Found | None:
    try:
        return Found(identify(process.pid), how, doubted)
    except NotReadable:  # it has ended in this very moment
        return None


def _family(host: int, name: str) -> tuple[float, list[psutil.Process]]:
    try:
        process = psutil.Process(host)
        return process.create_time(), process.children(recursive=True)
    except psutil.NoSuchProcess:
        raise NotReadable(f"process {host} ended before it had started {name!r}") from None


def _only(host: int, name: str, fitting: Iterable[psutil.Process]) -> psutil.Process | None:
    found = list(fitting)
    if len(found) > 1:
        raise SeveralFit(host, name, found)
    return found[0] if found else None


def launchds_children() -> Iterator[psutil.Process]:
    """List the processes whose parent is the first one."""
    for process in psutil.process_iter(["ppid"]):
        if process.info["ppid"] == LAUNCHD and runs(process):
            yield process


def _may_serve(service: psutil.Process, host: int) -> bool:
    """Whether nobody else is known to be served.

    For what was started in a terminal, and for its services, the terminal itself is held responsible. What
    launchd starts knows of no audit; an orphan of another one has its marks, or its kernel.
    """
    if responsible_for(service.pid) not in (None, LAUNCHD, service.pid, responsible_for(host)):
        return False
    theirs, ours = _environment(service.pid), _environment(host)
    return all(theirs.get(variable) in (None, ours.get(variable)) for variable in OF_AN_AUDIT)


def _environment(pid: int) -> dict[str, str]:
    try:
        return psutil.Process(pid).environ()
    except (psutil.Error, OSError):
        return {}


def _fits(process: psutil.Process, name: str) -> bool:
    return name == str(process.pid) or _is_called(process, name)


def _is_called(process: psutil.Process, name: str) -> bool:
    try:
        told = process.name()
    except psutil.Error:
        return False
    return told == name or (len(told.encode()) in CUT_NAMES and name.startswith(told))


def _start(process: psutil.Process) -> float:
    try:
        return float(psutil.Process(process.pid).create_time())  # anew: psutil remembers those it has listed
    except psutil.Error:
        return 0.0


def own_services() -> list[int]:
    """List the pids of launchd's children that the system holds this very process responsible for."""
    own = os.getpid()
    if responsible_for(own) is None:
        return []
    orphans = (orphan.pid for orphan in launchds_children() if orphan.pid != own)
    return [orphan for orphan in orphans if responsible_for(orphan) == own]
