"""The ways of a run: trigger processes that run, start a host and trigger it, or start one and heed marks."""

import time
from collections.abc import Sequence
from dataclasses import replace

from portaudit.auditing.run.keeper import END_SECONDS
from portaudit.auditing.run.processes import (
    LOOK_SECONDS,
    Host,
    attend,
    await_targets,
    how_it_ended,
    send_away,
    started,
    started_host,
)
from portaudit.auditing.run.session import Moments, RunRequest, Session, Stopped
from portaudit.auditing.snapshot import Request, find_targets, take_snapshot
from portaudit.collect.marks import Mark
from portaudit.collect.taking import Target
from portaudit.model.way import XNU

REST_SECONDS = 10.0
"""How long what many operations have driven may go on after them: four of 36 healthy models of `tests.churn`
kept some of it when they were read at once, and none of the five that were read ten seconds later."""

START_SECONDS = 5.0
"""How long a process that was just started may be unknown to a stand-in kernel."""


def trigger_running(session: Session) -> None:
    """Take a snapshot, then trigger and take one in each round, after the warm-up.

    Raises Stopped if there is no sense in going on.
    """
    request = session.request
    session.moments = Moments(request.processes, find_targets(request.processes), request.folder)
    rounds(session, session.moments)


def trigger_hosted(session: Session) -> None:
    """Start the host, find its extension, and go through the rounds; the host is ended after the last.

    Raises Stopped if there is no sense in going on, and as await_targets does.
    """
    request = session.request
    with started_host(session) as host:
        targets = await_targets(session, host, time.monotonic() + request.time_limit)
        session.look()
        _await_tasks(request.processes, targets)
        moments = session.moments = Moments(request.processes, targets, request.folder)
        try:
            rounds(session, moments)
        except Stopped as reason:
            raise Stopped(_blamed(host, str(reason))) from None
        if moments.lost:
            raise Stopped(_blamed(host, moments.lost))


def _await_tasks(request: Request, targets: Sequence[Target]) -> None:
    """Wait until each process is a task: on XNU it is one from the first, on a stand-in once it connects."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        snapshot = take_snapshot(replace(request, settle=0), targets)
        if snapshot.machine.kernel == XNU or all(task.not_read is None for task in snapshot.tasks):
            return
        time.sleep(LOOK_SECONDS)


def _blamed(host: Host, reason: str) -> str:
    status = host.poll()
    return reason if status is None else f"the host ended too early, {how_it_ended(status)}: {reason}"


def heed_marks(session: Session) -> None:
    """Start the host and take what its marks ask for, until the mark `after`; then it ends, or is ended.

    Raises Stopped if it ends before, says nothing for the time limit, or fails; NotReadable if there is no
    such extension among its descendants in that time.
    """
    request = session.request
    with started_host(session) as host:
        deadline = time.monotonic() + request.time_limit
        while not _is_over(session.moments):
            mark = session.next_mark(LOOK_SECONDS)
            if mark is not None:
                session.moments = session.moments or _found(session, mark, host, deadline)
                session.look()
                session.moments.hear(mark)
                deadline = time.monotonic() + request.time_limit
            else:
                _check_host(session, host, deadline)
        attend(host, session.marks, send_away, END_SECONDS)
        session.status = host.poll()
    if session.status:
        raise Stopped(f"the host failed: {how_it_ended(session.status)}")


def _is_over(moments: Moments | None) -> bool:
    return bool(moments and moments.taken and moments.taken[-1].name == "after")


def _check_host(session: Session, host: Host, deadline: float) -> None:
    session.status = host.poll()
    if session.status is not None:
        raise Stopped(f"the host ended before its mark `after`: {how_it_ended(session.status)}")
    if time.monotonic() > deadline:
        limit = session.request.time_limit
        raise Stopped(f"the host said no mark for {limit:g} seconds; does it call portaudit_mark()?")


def _found(session: Session, mark: Mark, host: Host, deadline: float) -> Moments:
    request = session.request
    try:
        targets = await_targets(session, host, deadline)
    except BaseException:
        mark.answer("not found")
        raise
    return Moments(request.processes, targets, request.folder)


def rounds(session: Session, moments: Moments) -> None:
    """Go through the rounds with processes that were found.

    Where the trigger, or a host that was started, says marks, its own moments count. Raises Stopped if
    there is no sense in going on.
    """
    request = session.request
    took = _warm_up(session, moments) if request.warm_up else 0.0
    idle = took + REST_SECONDS if request.idle is None else request.idle
    if request.waits_idle:
        _wait_idle(session, moments, idle)
    _begin(session, moments, _name(request.rounds, 0))
    began = time.monotonic()
    for number in range(1, request.rounds + 1):
        _go_on_if_read(moments)
        if number > 1:
            _rest(session, moments, began + request.pace)
        began = time.monotonic()
        moments.next_name, moments.marked = _name(request.rounds, number), False
        _tell_round(request, moments, request.warm_up + number)
        failed = _trigger(session, moments)
        if request.waits_idle and not moments.marked:
            _rest(session, moments, time.monotonic() + min(REST_SECONDS, idle))
        if not moments.marked:
            moments.take(moments.next_name)
        if failed:
            raise Stopped(failed)


def _tell_round(request: RunRequest, moments: Moments, number: int) -> None:
    rounds = request.warm_up + request.rounds
    moments.going_on = f"round {number} of {rounds}"
    moments.tell(f"{moments.going_on}: trigger", (number - 1) / rounds)


def _name(rounds: int, number: int) -> str:
    if rounds == 1:
        return "after" if number else "before"
    return f"round-{number:02}"


def _begin(session: Session, moments: Moments, name: str) -> None:
    moments.take(name)
    # A host that was started may wait for the answer to its `before`: it is ready only then
    while (mark := session.next_mark(0)) is not None:
        moments.hear(mark)


def _warm_up(session: Session, moments: Moments) -> float:
    """Run the trigger without judging it; gives the seconds that it took last."""
    _begin(session, moments, "start")
    _go_on_if_read(moments)
    began = time.monotonic()
    for number in range(1, session.request.warm_up + 1):
        began = time.monotonic()
        _tell_round(session.request, moments, number)
        failed = _trigger(session, moments)
        if failed:
            raise Stopped(f"in the warm-up, {failed}")
    moments.warm_up = moments.taken[0]
    moments.taken.clear()
    return time.monotonic() - began


def _wait_idle(session: Session, moments: Moments, seconds: float) -> None:
    """Let so much time pass in which nothing is triggered; the reading before it is kept apart."""
    _begin(session, moments, "idle")
    _go_on_if_read(moments)
    moments.idle = moments.taken.pop()
    moments.taken.clear()
    _rest(session, moments, time.monotonic() + seconds)
    moments.taken.clear()  # a host that was started may have said that it is ready: its `before` is read anew


def _rest(session: Session, moments: Moments, until: float) -> None:
    """Wait until the monotonic clock says so, and answer marks meanwhile.

    A mark that ends the round before is later than the reading that we took, and goes in its place.
    """
    moments.tell(f"{moments.going_on or 'idle'}: waiting {max(until - time.monotonic(), 0):.0f} s")
    while (left := until - time.monotonic()) > 0:
        mark = session.marks.wait(left)
        if mark is not None:
            early = mark.moment == "after" and not moments.marked and len(moments.taken) > 1
            moments.hear(mark)
            if early:
                del moments.taken[-2]


def _go_on_if_read(moments: Moments) -> None:
    # The trigger could bring about nothing that would be seen
    if moments.lost:
        raise Stopped(moments.lost)


def _trigger(session: Session, moments: Moments) -> str | None:
    """Run the trigger once; gives the reason if it failed."""
    limit = session.request.time_limit
    session.look()
    with started(session.request.trigger, session.environment(), session.keeper) as process:
        if not attend(process, session.marks, moments.hear, limit):
            raise Stopped(f"the trigger did not end within {limit:g} seconds")
    session.status = process.returncode
    return f"the trigger failed: {how_it_ended(session.status)}" if session.status else None
