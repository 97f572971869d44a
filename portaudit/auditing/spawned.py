"""A run that starts the host and nothing else: it says itself, by marks, when it is to be read."""

import time

from portaudit.auditing.host import Host, await_targets, started_host
from portaudit.auditing.keeper import END_SECONDS
from portaudit.auditing.moments import Moments
from portaudit.auditing.session import RunRequest, Session, Stopped
from portaudit.auditing.trigger import LOOK_SECONDS, attend, how_it_ended, send_away
from portaudit.collect.marks import Mark


def go(session: Session) -> None:
    """Start the host and take what its marks ask for, until the mark `after`; then it ends, or is ended.

    Raises Stopped if it ends before, says nothing for the time limit, or fails; NotReadable if there is no
    such extension among its descendants in that time.
    """
    request = session.request
    with started_host(session) as host:
        deadline = time.monotonic() + request.time_limit
        while not _is_over(session.moments):
            mark = session.marks.wait(LOOK_SECONDS)
            if mark is not None:
                session.moments = session.moments or _found(request, mark, host, deadline)
                session.look()
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


def _check(session: Session, host: Host, deadline: float) -> None:
    session.status = host.poll()
    if session.status is not None:
        raise Stopped(f"the host ended before its mark `after`: {how_it_ended(session.status)}")
    if time.monotonic() > deadline:
        limit = session.request.time_limit
        raise Stopped(f"the host said no mark for {limit:g} seconds; does it call portaudit_mark()?")


def _found(request: RunRequest, mark: Mark, host: Host, deadline: float) -> Moments:
    try:
        targets = await_targets(request, host, deadline)
    except BaseException:
        mark.answer("not found")
        raise
    return Moments(request.processes, targets, request.folder)
