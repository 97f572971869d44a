"""A run that starts the host itself: it starts its extension, and says by marks when it is to be read."""

import subprocess
import time
from dataclasses import replace

from portaudit.auditing.keeper import END_SECONDS
from portaudit.auditing.live import find_targets
from portaudit.auditing.moments import Moments
from portaudit.auditing.session import RunRequest, Session, Stopped
from portaudit.auditing.trigger import LOOK_SECONDS, attend, how_it_ended, send_away, started
from portaudit.collect.descendants import find_descendant
from portaudit.collect.marks import Mark
from portaudit.collect.process import identify
from portaudit.collect.taking import Target
from portaudit.errors import NotReadable, UsageError
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE


def go(session: Session) -> None:
    """Start the host and take what its marks ask for, until the mark `after`; then it ends, or is ended.

    Raises Stopped if it ends before, says nothing for the time limit, or fails; NotReadable if there is no
    such extension among its descendants in that time.
    """
    request = session.request
    if request.processes.host is not None:
        raise UsageError("with --spawn the command is the host: leave --host away")
    with started(request.trigger, session.marks.path, session.keeper) as host:
        deadline = time.monotonic() + request.time_limit
        while not _is_over(session.moments):
            mark = session.marks.wait(LOOK_SECONDS)
            if mark is not None:
                session.moments = session.moments or _found(request, mark, host.pid, deadline)
                session.moments.hear(mark)
                deadline = time.monotonic() + request.time_limit
            else:
                _check(session, host, deadline)
        attend(host, session.marks, send_away, END_SECONDS)
        session.status = host.poll()
    if session.status:
        raise Stopped(f"the host failed: {how_it_ended(session.status)}")


def _is_over(moments: Moments | None) -> bool:
    return bool(moments and moments.taken and moments.taken[-1].name == "after")


def _check(session: Session, host: subprocess.Popen[bytes], deadline: float) -> None:
    session.status = host.poll()
    if session.status is not None:
        raise Stopped(f"the host ended before its mark `after`: {how_it_ended(session.status)}")
    if time.monotonic() > deadline:
        limit = session.request.time_limit
        raise Stopped(f"the host said no mark for {limit:g} seconds; does it call portaudit_mark()?")


def _found(request: RunRequest, mark: Mark, host: int, deadline: float) -> Moments:
    try:
        return _await_extension(request, host, deadline)
    except BaseException:
        mark.answer("not found")
        raise


def _await_extension(request: RunRequest, host: int, deadline: float) -> Moments:
    while (moments := _find(request, host)) is None:
        if time.monotonic() > deadline:
            name, limit = request.processes.extension, request.time_limit
            raise NotReadable(f"the host started no process called {name!r} within {limit:g} seconds")
        time.sleep(LOOK_SECONDS)
    return moments


def _find(request: RunRequest, host: int) -> Moments | None:
    targets = [Target(identify(host), HOST_ROLE)]
    if request.processes.extension is not None:
        extension = find_descendant(host, request.processes.extension)
        if extension is None:
            return None
        targets.append(Target(extension, EXTENSION_ROLE))
    if request.processes.pids:
        targets += find_targets(replace(request.processes, extension=None))
    return Moments(request.processes, targets, request.folder)
