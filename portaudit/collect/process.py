"""Who a process is, by psutil: found by pid or name, the same one afterwards; what it started."""

import time
from collections.abc import Callable
from difflib import get_close_matches
from typing import TypeVar

import psutil

from portaudit.collect.ending import runs
from portaudit.errors import NotReadable, UsageError
from portaudit.model.snapshot import Process

T = TypeVar("T")

CANDIDATES_SHOWN = 10
NEAREST = 3
"""Names that are offered for one that nothing is called by."""

LOOK_SECONDS = 0.05
FORK_SECONDS = 0.3
"""How long one that has its parent's name is doubted: between fork and exec a child has it."""
PID_DIGITS = 10
"""No system has a pid with more."""

SAME_START_SECONDS = 1.5
"""Two accounts of one start differ by less: Linux keeps the boot's time in whole seconds, and psutil leaves
steps below one second alone. No system gives a pid again so soon."""

BOOT_TIME = psutil.boot_time()
"""The boot's time by the clock that went when portaudit started."""


def identify(pid: int) -> Process:
    """Give a process's identity; what psutil may not see stays unknown. Raises NotReadable if it is gone."""
    try:
        process = psutil.Process(pid)
        with process.oneshot():
            return Process(
                pid,
                process.create_time(),
                process.name(),
                _allowed(process.exe),
                _allowed(process.ppid),
            )
    except psutil.NoSuchProcess:
        raise NotReadable(
            f"there is no process {pid}; look for it with `ps -p {pid}` or give its name"
        ) from None
    except psutil.AccessDenied:
        return Process(pid)


def _allowed(question: Callable[[], T]) -> T | None:
    try:
        return question() or None
    except (psutil.AccessDenied, OSError):
        return None


def find(target: str) -> Process:
    """Find a process by pid, or by name: exact, else ignoring case, else a part of it.

    A child that has its parent's name until it becomes what it will be makes it wait. Raises NotReadable if
    there is none, UsageError with the candidates if there are several.
    """
    if target.isascii() and target.isdigit():
        if len(target) > PID_DIGITS:
            raise UsageError(f"there is no process of a number with {len(target)} digits; give a pid")
        return identify(int(target))
    candidates = _named_for_good(target)
    if not candidates:
        raise NotReadable(
            f"there is no process called {target!r}{_near(target)}; give its pid, or look with `ps -A`"
        )
    if len(candidates) > 1:
        more = len(candidates) - CANDIDATES_SHOWN
        raise UsageError(
            f"{len(candidates)} processes are called {target!r}; give one of these pids:",
            *(f"  {pid}  {name}" for pid, name in candidates[:CANDIDATES_SHOWN]),
            *([f"  and {more} more"] if more > 0 else []),
        )
    return identify(candidates[0][0])


def _named_for_good(target: str) -> list[tuple[int, str]]:
    deadline = time.monotonic() + FORK_SECONDS
    while True:
        candidates = _named(target)
        several = len(candidates) > 1 and any(has_parents_name(pid) for pid, _ in candidates)
        if not several or time.monotonic() > deadline:
            return candidates
        time.sleep(LOOK_SECONDS)


def has_parents_name(pid: int) -> bool:
    """Whether a process is called as its parent is: so is a child between fork and exec."""
    try:
        process = psutil.Process(pid)
        parent = process.parent()
        return parent is not None and parent.name() == process.name()
    except psutil.Error:
        return False


def _named(target: str) -> list[tuple[int, str]]:
    names = [(process.pid, process.info["name"] or "") for process in psutil.process_iter(["name"])]
    folded = target.casefold()
    for fits in (
        lambda name: name == target,
        lambda name: name.casefold() == folded,
        lambda name: folded in name.casefold(),
    ):
        found = [(pid, name) for pid, name in names if fits(name)]
        if found:
            return found
    return []


def _near(target: str) -> str:
    """Say which processes are called nearly so."""
    names = sorted({process.info["name"] or "" for process in psutil.process_iter(["name"])})
    near = get_close_matches(target, names, NEAREST)
    return f" (there is {' and '.join(near)})" if near else ""


def fits_in_part(name: str, process: Process) -> str | None:
    """Say that a name is only a part of a process's own; None if it is all of it, or no name."""
    own, given = (process.name or "").casefold(), name.casefold()
    if name.isdecimal() or own == given or given not in own:
        return None
    return f"{name!r} is a part of the name {process.name}: process {process.pid} is taken"


def is_same(process: Process) -> bool:
    """Whether this very process still runs: its pid, and its start time.

    One that has exited and was not waited for yet keeps its pid, and has no task any more.
    """
    try:
        now = psutil.Process(process.pid)
        if now.status() == psutil.STATUS_ZOMBIE:
            return False
        return process.start_time is None or _is_one_moment(now.create_time(), process.start_time)
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


def _is_one_moment(told_now: float, told_before: float) -> bool:
    """Whether two accounts of one process's start mean the same, though the clock was stepped between them.

    psutil moves every start with the clock: by the step of the boot's time, and on a Mac (7.2) forwards,
    whichever way the clock went.
    """
    step = psutil.boot_time() - BOOT_TIME
    moved = told_now - told_before
    return any(abs(moved - by) <= SAME_START_SECONDS for by in (0, step, abs(step)))


def descendants() -> list[int]:
    """List the pids of this process's children, and of theirs, that run now; not of those that have ended."""
    return [child.pid for child in psutil.Process().children(recursive=True) if runs(child)]
