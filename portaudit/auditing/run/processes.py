"""The processes that a run starts, trigger and host: no shell, watched, ended with all they started."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace

import psutil

from portaudit.auditing.run.keeper import END_SECONDS, Family, Keeper, reap
from portaudit.auditing.run.session import Session
from portaudit.auditing.snapshot import each_once, find_targets
from portaudit.collect.ending import end_families
from portaudit.collect.marks import EXTENSION, Mark, Marks
from portaudit.collect.process import identify
from portaudit.collect.started_by import Search, started_by
from portaudit.collect.taking import Target, uninterrupted
from portaudit.errors import NotReadable, UsageError
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE

LOOK_SECONDS = 0.02
"""How often it is looked whether the command has ended; a mark is heard at once."""
STANDARD_ERROR = 2
LISTED = 8
"""Processes that a sentence names."""

HearMark = Callable[[Mark], None]
Host = subprocess.Popen[bytes]


@contextmanager
def started(
    command: tuple[str, ...], environment: Mapping[str, str], keeper: Keeper
) -> Iterator["subprocess.Popen[bytes]"]:
    """Start a command; if it runs still when the block ends, or an error ends that, all it has started ends.

    What a command leaves running that has ended in time is meant to stay. What it prints goes to standard
    error: standard output belongs to the report. Raises UsageError if it cannot be started.
    """
    process, stays = None, False
    try:
        with uninterrupted():
            process = _start(command, environment)
            family = [psutil.Process(process.pid)]
            keeper.started(process.pid)
        yield process
        stays = process.poll() is not None
    finally:
        if process is not None:
            if not stays:
                end_families(family, END_SECONDS, keeper.mark)
            reap(process)
            keeper.ended(process.pid)


def _start(command: tuple[str, ...], environment: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    # In a group of its own, by which its orphans are known; but who may read a terminal needs the user's
    asks = sys.stdin is not None and sys.stdin.isatty()
    try:
        return subprocess.Popen(  # noqa: S603  what it is for
            command, stdout=STANDARD_ERROR, env=environment, process_group=None if asks else 0
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UsageError(f"{command[0]!r} cannot be started: {reason}") from error


def attend(process: "subprocess.Popen[bytes]", marks: Marks, hear: HearMark, seconds: float) -> bool:
    """Answer a command's marks until it has ended; gives False if it has not after so many seconds."""
    deadline = time.monotonic() + seconds
    while process.poll() is None:
        if time.monotonic() > deadline:
            return False
        mark = marks.wait(LOOK_SECONDS)
        if mark is not None:
            hear(mark)
    while (mark := marks.wait(0)) is not None:
        hear(mark)
    return True


def send_away(mark: Mark) -> None:
    """Tell whoever says a mark that nobody takes snapshots any more."""
    mark.answer("the audit is over")


def how_it_ended(status: int) -> str:
    """Say an exit status, or the signal that ended a command."""
    if status >= 0:
        return f"exit status {status}"
    with suppress(ValueError):
        return f"killed by {signal.Signals(-status).name}"
    return f"killed by signal {-status}"


@contextmanager
def started_host(session: Session) -> Iterator[Host]:
    """Start the host; it is ended with all that it has started when the block ends.

    Raises UsageError if it cannot be started.
    """
    with started(session.request.spawn, session.environment(), session.keeper) as host:
        session.family = Family(host.pid, session.keeper)
        try:
            yield host
        finally:
            session.family.end()


def await_targets(session: Session, host: Host, deadline: float) -> list[Target]:
    """Find host and extension among what was started, and the other processes that the request names.

    Raises NotReadable if one is not there when the monotonic clock says `deadline`, or if the host has
    ended before; UsageError if a name goes on to fit several.
    """
    wanted = session.request.processes
    named = [(HOST_ROLE, wanted.host or str(host.pid)), (EXTENSION_ROLE, wanted.extension)]
    targets = [_await(session, host, role, name, deadline) for role, name in named if name]
    if wanted.pids:
        targets += find_targets(replace(wanted, host=None, extension=None))
    return each_once(targets)


def _await(session: Session, host: Host, role: str, name: str, deadline: float) -> Target:
    if name == str(host.pid):
        return Target(identify(host.pid), role)
    search = Search(host.pid, name)
    while (found := search.look(session.extension if role == EXTENSION_ROLE else None)) is None:
        status = host.poll()
        if status is not None:
            raise NotReadable(f"the host ended before it had started {name!r}: {how_it_ended(status)}")
        if time.monotonic() > deadline:
            found = search.doubted
            break
        session.listen(LOOK_SECONDS)
    if found is None:
        raise search.several or _never_started(host.pid, name, session.request.time_limit)
    return Target(found.process, role, found.how)


def _never_started(host: int, name: str, limit: float) -> NotReadable:
    started = started_by(host)
    more = [f"{len(started) - LISTED} more"] if len(started) > LISTED else []
    listed = ", ".join((*started[:LISTED], *more))
    return NotReadable(
        f"the host started no process called {name!r} within {limit:g} seconds, and launchd none for it"
        f"{f' (it did start {listed})' if started else ' (it started none at all)'}; the "
        f'host can say which it is: portaudit_mark("{EXTENSION}", pid)'
    )
