"""Whether a process runs, and how it is ended with all that it has started."""

import os
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

import psutil


def runs(process: psutil.Process) -> bool:
    """Whether a process runs: one that has ended and was not waited for yet does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


END_LOOK_SECONDS = 0.01
"""How often it is looked whether a process has ended."""


def end_families(
    ancestors: Iterable[psutil.Process], seconds: float, mark: tuple[str, str] | None = None
) -> None:
    """End processes and all that they have started: asked first, and killed after so many seconds.

    Whoever has lost its parent is known by its group or session, and by a `mark`: a variable in its
    environment that has this value, which nothing else has.
    """
    known = {ancestor.pid: ancestor for ancestor in ancestors}
    groups = frozenset(known)
    for ask in (psutil.Process.terminate, psutil.Process.kill, psutil.Process.kill):
        # Looked for again each time: whoever is asked to end may start another one first
        known |= {member.pid: member for member in _family(list(known.values()), groups, mark)}
        left = [member for member in known.values() if runs(member)]
        for member in left:
            _try(ask, member)
        _await_end(left, seconds)


def _family(
    known: Iterable[psutil.Process], groups: frozenset[int], mark: tuple[str, str] | None
) -> Iterator[psutil.Process]:
    for member in known:
        with suppress(psutil.Error):  # it has ended, or its pid is another's by now
            yield from member.children(recursive=True)
    for process in psutil.process_iter():
        if process.pid != os.getpid() and (_is_of(process.pid, groups) or _bears(process, mark)):
            yield process


def _is_of(pid: int, groups: frozenset[int]) -> bool:
    try:
        return not groups.isdisjoint((os.getpgid(pid), os.getsid(pid)))
    except OSError:
        return False


def _bears(process: psutil.Process, mark: tuple[str, str] | None) -> bool:
    try:
        return mark is not None and process.environ().get(mark[0]) == mark[1]
    except (psutil.Error, OSError):
        return False


def _await_end(members: list[psutil.Process], seconds: float) -> None:
    # One that nobody waits for stays a zombie for ever where the first process reaps none
    deadline = time.monotonic() + seconds
    while any(map(runs, members)) and time.monotonic() < deadline:
        time.sleep(END_LOOK_SECONDS)


def _try(ask: object, member: psutil.Process) -> None:
    try:
        ask(member)  # type: ignore[operator]  # a method of Process
    except psutil.Error:
        return
