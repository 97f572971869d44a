"""N4: a receive right that nobody listens at."""

from collections.abc import Iterator
from dataclasses import replace

from portaudit.analysis.causes.evidence import Evidence, by_task, with_own_senders
from portaudit.analysis.causes.rule import Claim, Rule
from portaudit.analysis.causes.words import plural
from portaudit.analysis.standing import standing
from portaudit.model.difference import Change, Difference
from portaudit.model.finding import Confidence, Verdict
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entries, Entry


def find(evidence: Evidence) -> Iterator[Claim]:
    """Speak of receive rights in no port set: new ones with messages or a sender, old ones that filled up."""
    new = [row for row in evidence.gains(right=Right.RECEIVE) if _in_no_set(row)]
    for rows in by_task(row for row in new if _waiting(row)):
        waiting = sum(map(_waiting, rows))
        full = sum(map(_is_full, rows))
        at_limit = f", {full} of them at the queue limit" if full else ""
        yield Claim(
            with_own_senders(evidence, rows),
            f"{plural(len(rows), 'new receive right')} with {plural(waiting, 'message')} waiting{at_limit}",
            Confidence.CERTAIN if full else Confidence.LIKELY,
        )
    for rows in by_task(row for row in new if not _waiting(row) and _has_own_sender(row)):
        seen = f"{plural(len(rows), 'new receive right')} with a send right at the same name, in no port set"
        yield Claim(with_own_senders(evidence, rows), seen, Confidence.HINT)
    for rows in by_task(_filled_up(evidence.spaces.difference)):
        grown = ", ".join(f"{_queued(row.was)} -> {_queued(row.now)}" for row in rows)
        seen = f"{plural(len(rows), 'receive right')} in no port set filled up: messages {grown}, the limit"
        yield Claim(rows, seen, Confidence.LIKELY, covers=(), verdict=Verdict.LEAKED)


def _filled_up(difference: Difference) -> Iterator[Change]:
    before = {task.title: task.entries for task in difference.before.tasks}
    for task in difference.after.tasks:
        old = before.get(task.title)
        if task.title in difference.unchanged and task.entries is not None and old is not None:
            for now in _full(task.entries):
                was = old.named(now.name)
                if was is not None and was.object == now.object and _queued(was) < _queued(now):
                    yield replace(standing(task, now, Right.RECEIVE, 1), was=was)


def _full(entries: Entries) -> Iterator[Entry]:
    told = entries.receive
    for place, in_set in enumerate(told.in_set):
        if in_set is False and (limit := told.queue_limit[place]) and (told.queued[place] or 0) >= limit:
            yield entries.entry(told.row[place])


def _in_no_set(row: Change) -> bool:
    return row.now is not None and not (row.now.receive and row.now.receive.in_set)


def _waiting(row: Change) -> int:
    return _queued(row.now)


def _queued(entry: Entry | None) -> int:
    return (entry.receive.queued or 0) if entry and entry.receive else 0


def _is_full(row: Change) -> bool:
    limit = row.now.receive.queue_limit if row.now and row.now.receive else None
    return bool(limit) and _waiting(row) >= (limit or 0)


def _has_own_sender(row: Change) -> bool:
    told = row.now is not None and row.now.receive is not None and row.now.receive.in_set is False
    return told and row.now is not None and Right.SEND in row.now.rights


RULE = Rule(
    id="N4",
    title="receive rights are abandoned: messages come, and nobody receives them",
    cause=(
        "a CFMachPort, NSMachPort, AXObserver or event tap was taken off its run loop or released, "
        "and never invalidated"
    ),
    fix="CFMachPortInvalidate (or -[NSPort invalidate]) before the last release; release what owns the port",
    case="ActivityWatch/aw-watcher-window#139",
    find=find,
)
