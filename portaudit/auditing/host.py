"""The host that a run starts: found with its extension, and ended with all that it has started."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from portaudit.auditing.family import Family
from portaudit.auditing.live import each_once, find_targets
from portaudit.auditing.session import RunRequest, Session
from portaudit.auditing.trigger import LOOK_SECONDS, how_it_ended, started
from portaudit.collect.descendants import find_descendant
from portaudit.collect.process import identify
from portaudit.collect.taking import Target
from portaudit.errors import NotReadable
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE, Process

Host = subprocess.Popen[bytes]


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


def await_targets(request: RunRequest, host: Host, deadline: float) -> list[Target]:
    """Find host and extension among what was started, and the other processes that the request names.

    Raises NotReadable if one is not there when the monotonic clock says `deadline`, or if the host has
    ended before; UsageError if a name fits several.
    """
    wanted = request.processes
    named = [(HOST_ROLE, wanted.host or str(host.pid)), (EXTENSION_ROLE, wanted.extension)]
    targets = [Target(_await(request, host, name, deadline), role) for role, name in named if name]
    if wanted.pids:
        targets += find_targets(replace(wanted, host=None, extension=None))
    return each_once(targets)


def _await(request: RunRequest, host: Host, name: str, deadline: float) -> Process:
    if name == str(host.pid):
        return identify(host.pid)
    while (found := find_descendant(host.pid, name)) is None:
        status = host.poll()
        if status is not None:
            raise NotReadable(f"the host ended before it had started {name!r}: {how_it_ended(status)}")
        if time.monotonic() > deadline:
            limit = request.time_limit
            raise NotReadable(f"the host started no process called {name!r} within {limit:g} seconds")
        time.sleep(LOOK_SECONDS)
    return found
