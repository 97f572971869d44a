"""Guard exceptions from a code, a crash report or a log, joined to a snapshot."""

from pathlib import Path

from portaudit.analysis.guard import describe, parse_code, port_name
from portaudit.auditing.files import load
from portaudit.collect.crash_report import read_crash_report
from portaudit.collect.pasted import unpasted
from portaudit.errors import SnapshotFileError, UsageError
from portaudit.model.guard import Decoded, DecodedEvent, GuardEvent, Joined
from portaudit.model.snapshot import Snapshot
from portaudit.snapshot_file import read_bytes


def decode_guard(source: str, *, payload: str | None = None, snapshot: str | None = None) -> Decoded:
    """Decode a code, or every guard exception of a file (`-` is standard input).

    Raises UsageError if the source is neither, SnapshotFileError if the file holds no guard exception.
    """
    if source == "-" or Path(source).exists():
        reading = read_crash_report(unpasted(read_bytes(source)))
        if reading.declined is not None:
            raise SnapshotFileError(f"{source}: {reading.declined}")
        events, lost = reading.events, reading.not_understood
    else:
        events, lost = (_parse(source, payload),), ()
    known = load(snapshot) if snapshot is not None else None
    return Decoded(tuple(DecodedEvent(event, describe(event), _join(event, known)) for event in events), lost)


def guard_events(path: str) -> tuple[GuardEvent, ...]:
    """Read the guard exceptions of a crash report or log, for an audit to take into account."""
    return tuple(decoded.event for decoded in decode_guard(path).events)


def _parse(source: str, payload: str | None) -> GuardEvent:
    try:
        return parse_code(source, payload)
    except UsageError as error:
        raise UsageError(f"there is no file {source!r}, and {error}") from error


def _join(event: GuardEvent, snapshot: Snapshot | None) -> tuple[Joined, ...]:
    name = port_name(event)
    if snapshot is None or name is None:
        return ()
    tasks = [task for task in snapshot.tasks if task.entries is not None]
    named = [task for task in tasks if event.pid is not None and task.process.pid == event.pid]
    named = named or [task for task in tasks if event.process and task.process.name == event.process]
    chosen = ((task, task.entries) for task in named or tasks)
    return tuple(Joined(task, entries.named(name) if entries else None) for task, entries in chosen)
