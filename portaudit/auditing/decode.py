"""Guard exceptions, and ports that ran out, from a code, a crash report or a log, joined to a snapshot."""

from dataclasses import replace

from portaudit.analysis.exception_codes import no_code, otherwise, readings_of_code
from portaudit.analysis.guard import describe, port_name
from portaudit.analysis.resource import describe_panic, describe_resource, largest_kinds
from portaudit.auditing.files import is_there, load
from portaudit.errors import SnapshotFileError, UsageError
from portaudit.model.guard import Decoded, DecodedEvent, GuardEvent, GuardReading, Joined
from portaudit.model.resource import PORTS, DecodedResource, ResourceEvent, ZonePanic
from portaudit.model.snapshot import Snapshot, Task
from portaudit.snapshot_file import read_bytes

_NUMBER_MAX = 100
"""Bytes of a file that may hold a code alone."""


def decode_guard(source: str, *, payload: str | None = None, snapshot: str | None = None) -> Decoded:
    """Decode a code, or every guard and resource exception of a file (`-` is standard input).

    Raises UsageError if the source is neither, SnapshotFileError if the file holds none.
    """
    if source == "-" or is_there(source):
        data = read_bytes(source)
        reading = _one_number(data) or _read(data)
        if reading.declined is not None:
            raise SnapshotFileError(f"{source}: {reading.declined}")
    else:
        reading = _reading_of_code(source, payload)
    known = load(snapshot) if snapshot is not None else None
    return Decoded(
        tuple(_decoded(event, source, known) for event in reading.events),
        reading.not_understood,
        tuple(_resource(event, source, known) for event in reading.resources),
    )


def guard_events(path: str) -> tuple[GuardEvent, ...]:
    """Read the guard exceptions of a crash report or log, for an audit to take into account."""
    return tuple(decoded.event for decoded in decode_guard(path).events)


def _read(data: bytes) -> GuardReading:
    from portaudit.collect.crash_report import read_crash_report  # noqa: PLC0415  a number has no use for it
    from portaudit.collect.pasted import unpasted  # noqa: PLC0415  as above

    return read_crash_report(unpasted(data))


def _one_number(data: bytes) -> GuardReading | None:
    """Read a file that holds a code and nothing else."""
    try:
        return _reading_of_code(data.decode("ascii"), None) if len(data) < _NUMBER_MAX else None
    except (UsageError, UnicodeDecodeError):
        return None


def _reading_of_code(source: str, payload: str | None) -> GuardReading:
    """Read a bare number, which may be the code of a guard exception or of a resource that ran out."""
    try:
        guard, resource = readings_of_code(source, payload)
    except UsageError as error:
        raise UsageError(f"there is no file {source!r}, and {error}") from error
    if resource is not None:
        return GuardReading((), resources=(resource,))
    return GuardReading((guard,))


def _decoded(event: GuardEvent, source: str, snapshot: Snapshot | None) -> DecodedEvent:
    words = replace(describe(event), otherwise=otherwise(source, event))
    if (meant := no_code(source)) is not None:
        words = replace(words, title=meant)
    return DecodedEvent(event, words, _join(event, snapshot))


def _resource(event: ResourceEvent | ZonePanic, source: str, snapshot: Snapshot | None) -> DecodedResource:
    if isinstance(event, ZonePanic):
        return DecodedResource(event, describe_panic(event))
    words = replace(describe_resource(event), otherwise=otherwise(source, event))
    tasks = _tasks_of(event, snapshot) if snapshot and event.type in (None, PORTS) else []
    return DecodedResource(event, words, tuple(map(largest_kinds, tasks)))


def _join(event: GuardEvent, snapshot: Snapshot | None) -> tuple[Joined, ...]:
    name = port_name(event)
    if snapshot is None or name is None:
        return ()
    chosen = ((task, task.entries) for task in _tasks_of(event, snapshot))
    return tuple(Joined(task, entries.named(name) if entries else None) for task, entries in chosen)


def _tasks_of(event: GuardEvent | ResourceEvent, snapshot: Snapshot) -> list[Task]:
    """Give the task that an event was raised in, by pid or name; all that were read if neither is known."""
    tasks = [task for task in snapshot.tasks if task.entries is not None]
    named = [task for task in tasks if event.pid is not None and task.process.pid == event.pid]
    named = named or [task for task in tasks if event.process and task.process.name == event.process]
    return named or tasks
