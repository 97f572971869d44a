"""A run on processes that run already: the trigger makes them do something, round after round."""

from portaudit.auditing.live import find_targets
from portaudit.auditing.moments import Moments
from portaudit.auditing.session import Session, Stopped
from portaudit.auditing.trigger import attend, how_it_ended, started


def go(session: Session) -> None:
    """Take a snapshot, then trigger and take one in each round, after the warm-up.

    Raises Stopped if there is no sense in going on.
    """
    request = session.request
    session.moments = Moments(request.processes, find_targets(request.processes), request.folder)
    rounds(session, session.moments)


def rounds(session: Session, moments: Moments) -> None:
    """Go through the rounds with processes that were found.

    Where the trigger, or a host that was started, says marks, its own moments count. Raises Stopped if
    there is no sense in going on.
    """
    request = session.request
    if request.warm_up:
        _warm_up(session, moments)
    _begin(session, moments, _name(request.rounds, 0))
    for number in range(1, request.rounds + 1):
        _go_on_if_read(moments)
        moments.next_name, moments.marked = _name(request.rounds, number), False
        failed = _trigger(session, moments)
        if not moments.marked:
            moments.take(moments.next_name)
        if failed:
            raise Stopped(failed)


def _name(rounds: int, number: int) -> str:
    if rounds == 1:
        return "after" if number else "before"
    return f"round-{number:02}"


def _begin(session: Session, moments: Moments, name: str) -> None:
    moments.take(name)
    # A host that was started may wait for the answer to its `before`: it is ready only then
    while (mark := session.marks.wait(0)) is not None:
        moments.hear(mark)


def _warm_up(session: Session, moments: Moments) -> None:
    _begin(session, moments, "start")
    _go_on_if_read(moments)
    for _ in range(session.request.warm_up):
        failed = _trigger(session, moments)
        if failed:
            raise Stopped(f"in the warm-up, {failed}")
    moments.warm_up = moments.taken[0]
    moments.taken.clear()


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
