"""The use case of `portaudit watch`: cheap counts, readings where they pay, alarms with their past."""

import time
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from portaudit.auditing.watched import AlarmLimit, Ring, Watched
from portaudit.collect.following import Follower
from portaudit.collect.process import find
from portaudit.errors import UsageError
from portaudit.kernels import Kernel, boot_session, open_kernel
from portaudit.model.snapshot import Process
from portaudit.model.watch import WatchState
from portaudit.model.way import AUTO, READ_BY_PROGRAM, XNU

STABLE_LOOKS = 10
"""So many looks without any change are called stable."""


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """Whom to watch, how often, and until when."""

    processes: tuple[str, ...]
    """Pids or names."""
    interval: float = 1.0
    """Seconds between two looks."""
    until_stable: bool = False
    """Whether to end after ten looks without any change."""
    looks: int | None = None
    """Looks to take; None: no end."""
    alarm: float | None = None
    """References a minute above which a class rings."""
    keep: int = 10
    """How many of the last readings are kept when it does."""
    folder: Path | None = None
    """Where; None: nowhere."""
    kernel: str | None = None
    way: str = AUTO
    """One of model.way.WAYS."""
    sudo: bool = False
    """Whether lsmp shall be run by sudo."""


def watch(request: WatchRequest) -> Generator[tuple[WatchState, ...], None, None]:
    """Yield the states of all processes, look after look, until all have ended or the request is met.

    At each look the names are counted; the rows are read when the count has changed, and else as often as
    costs next to nothing, since references grow without a new name. Raises NotReadable if there is no such
    process, UsageError if a name fits several, KernelUnavailable if no kernel answers, or not any more.
    """
    found = [find(name) for name in request.processes]
    if not found:
        raise UsageError("nothing to watch: name a process")
    if len({process.pid for process in found}) < len(found):
        raise UsageError("a process is named twice")
    with nullcontext() if request.way in READ_BY_PROGRAM else open_kernel(request.kernel) as kernel:
        watched = [_watched(process, kernel, request) for process in found]
        yield from _looks(watched, request)


def _watched(process: Process, kernel: Kernel | None, request: WatchRequest) -> Watched:
    kind, boot = (XNU, boot_session()) if kernel is None else (kernel.mach.kind, kernel.boot)
    limit = None if request.alarm is None else AlarmLimit(request.alarm, request.folder)
    mach = kernel.mach if kernel else None
    follower = Follower(mach, process, request.way, sudo=request.sudo)
    return Watched(follower, Ring(kind, boot, request.keep), limit)


def _anything_new(watched: list[Watched]) -> bool:
    news = [each.reads_something_new() for each in watched]
    return any(news)


def _looks(watched: list[Watched], request: WatchRequest) -> Iterator[tuple[WatchState, ...]]:
    looks, quiet, due = 0, 0, time.monotonic()
    while True:
        states = tuple(each.look() for each in watched)
        looks += 1
        quiet = 0 if any(state.changed for state in states) else quiet + 1
        yield states
        stable = request.until_stable and quiet >= STABLE_LOOKS
        if stable and _anything_new(watched):
            stable, quiet = False, 0
        if stable or looks == request.looks or all(state.over for state in states):
            return
        now = time.monotonic()
        due = max(due + request.interval, now)
        time.sleep(due - now)
