"""Processes that another process has started, itself or through others."""

import psutil

from portaudit.collect.process import identify
from portaudit.errors import NotReadable, UsageError
from portaudit.model.snapshot import Process


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


def end_family(pid: int, seconds: float) -> None:
    """End a process and all that it has started: asked first, and killed after so many seconds."""
    try:
        ancestor = psutil.Process(pid)
        family = [*ancestor.children(recursive=True), ancestor]
    except psutil.NoSuchProcess:
        return
    for ask in (psutil.Process.terminate, psutil.Process.kill):
        for member in family:
            _try(ask, member)
        _, family = psutil.wait_procs(family, seconds)


def _try(ask: object, member: psutil.Process) -> None:
    try:
        ask(member)  # type: ignore[operator]  # a method of Process
    except psutil.Error:
        return
