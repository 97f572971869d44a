"""A run that starts the host and triggers it: rounds as with processes that run, and nothing stays behind."""

import time
from collections.abc import Sequence
from dataclasses import replace

from portaudit.auditing.host import Host, await_targets, started_host
from portaudit.auditing.live import Request, take_snapshot
from portaudit.auditing.moments import Moments
from portaudit.auditing.session import Session, Stopped
from portaudit.auditing.trigger import LOOK_SECONDS, how_it_ended
from portaudit.auditing.triggered import rounds
from portaudit.collect.taking import Target
from portaudit.kernels import XNU

START_SECONDS = 5.0
"""How long a process that was just started may be unknown to a stand-in kernel."""


def go(session: Session) -> None:
    """Start the host, find its extension, and go through the rounds; the host is ended after the last.

    Raises Stopped if there is no sense in going on, and as await_targets does.
    """
    request = session.request
    with started_host(session) as host:
        targets = await_targets(request, host, time.monotonic() + request.time_limit)
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
