"""Processes that another process has started, itself or through others."""

import time
from collections.abc import Iterable
from contextlib import suppress

import psutil

from portaudit.collect.process import identify, runs
from portaudit.errors import NotReadable, UsageError
from portaudit.model.snapshot import Process

LOOK_SECONDS = 0.01
"""How often it is looked whether a process has ended."""


def find_descendant(ancestor: int, name: str) -> Process | None:
    """Find the one descendant of a process that has this name, or this pid; None if there is none yet.

    Raises NotReadable if the ancestor has gone, UsageError if several have the name.
    """
    try:
        family = psutil.Process(ancestor).children(recursive=True)
    except psutil.NoSuchProcess:
        raise NotReadable(f"process {ancestor} ended before it had started {name!r}") from None
    fitting = [member.pid for member in family if name in (_name(member), str(member.pid))]
    if len(fitting) > 1:
        pids = ", ".join(map(str, fitting))
        raise UsageError(f"process {ancestor} has started several called {name!r}: {pids}; give one's pid")
    return identify(fitting[0]) if fitting else None


def _name(process: psutil.Process) -> str | None:
    try:
        return process.name()
    except psutil.Error:
        return None


def end_families(ancestors: Iterable[psutil.Process], seconds: float) -> None:
    """End processes and all that they have started: asked first, and killed after so many seconds."""
    family: dict[int, psutil.Process] = {}
    for ancestor in ancestors:
        with suppress(psutil.NoSuchProcess):  # it has ended, or its pid is another's by now
            family |= {member.pid: member for member in (*ancestor.children(recursive=True), ancestor)}
    left = list(family.values())
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for member in left:
            _try(ask, member)
        left = _left(left, seconds)


def _left(members: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    # One that nobody waits for stays a zombie for ever where the first process reaps none
    deadline = time.monotonic() + seconds
    while (members := [member for member in members if runs(member)]) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return members


def _try(ask: object, member: psutil.Process) -> None:
    try:
        ask(member)  # type: ignore[operator]  # a method of Process
    except psutil.Error:
        return
