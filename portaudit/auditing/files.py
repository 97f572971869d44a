"""Snapshots from files, into files, and shown: whatever portaudit can read, recognised by content."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import structs

from portaudit import snapshot_file
from portaudit.analysis.roles import listed, named, with_roles
from portaudit.errors import SnapshotFileError, UsageError
from portaudit.model.once import pid_twice, sharing
from portaudit.model.snapshot import EXTENSION_ROLE, HOST_ROLE, Snapshot, Task
from portaudit.snapshot_file import decode, encode, looks_like_snapshot, read_bytes, schema, write_bytes

if TYPE_CHECKING:
    from portaudit.model.shown import View

PID_DIGITS = 10
"""No system has a pid with more."""


def load(path: str) -> Snapshot:
    """Read whatever portaudit can read as a snapshot; `-` is standard input.

    Raises SnapshotFileError, naming the path, for anything else.
    """
    data = read_bytes(path)
    if data.startswith(b"{") and looks_like_snapshot(data):
        return decode(data, path)  # as portaudit writes it: the readers of other texts need not be loaded
    from portaudit.collect.pasted import as_utf8

    data = as_utf8(data)
    if not data or data.isspace():
        raise SnapshotFileError(
            f"{path} is empty: it should hold a snapshot, a probe record or what lsmp printed"
        )
    if looks_like_snapshot(data):
        return decode(data, path)
    return _load_foreign(data, path)


def _load_foreign(data: bytes, path: str) -> Snapshot:
    from portaudit.collect.lsmp import begins_like_lsmp, looks_like_lsmp, read_lsmp
    from portaudit.collect.pasted import unpasted
    from portaudit.collect.probe_record import looks_like_probe, read_probe

    # A process may be called "portaudit_probe", and lsmp prints its name as it is
    if looks_like_probe(data) and not begins_like_lsmp(data):
        return read_probe(data, path)
    data = unpasted(data)
    if looks_like_lsmp(data):
        return read_lsmp(data, path)
    if data.lstrip()[:1] in (b"{", b"[", b'"'):
        return decode(data, path)
    raise SnapshotFileError(
        f"{path} is nothing that portaudit reads: no snapshot, no probe record, and no line of it is lsmp's"
    )


@dataclass(frozen=True, slots=True)
class Cast:
    """Snapshots in which it is said who is who, and the pids that are under audit without a role."""

    snapshots: tuple[Snapshot, ...]
    audited: frozenset[int] = frozenset()


def load_once() -> Callable[[str], Snapshot]:
    """Give a `load` that reads each file once: a file that is named twice is one reading.

    Columns that are as in the file before are kept once, for most of a series are.
    """
    read: dict[Path, Snapshot] = {}

    def load_one(path: str) -> Snapshot:
        place = Path(path).resolve() if is_there(path) else Path(path)
        if path == "-" or place not in read:
            read[place] = sharing(load(path), next(reversed(read.values()), None))
        return read[place]

    return load_one


def cast_of(
    snapshots: Sequence[Snapshot],
    host: str | None = None,
    extension: str | None = None,
    pids: Iterable[str] = (),
) -> Cast:
    """Say who is who in snapshots: host and extension by pid or name; `pids` name more tasks to audit.

    Raises UsageError if no snapshot has such a process, or if a name fits several.
    """
    said = {HOST_ROLE: host, EXTENSION_ROLE: extension}
    audited = (task.process.pid for whom in pids for task in named(snapshots, whom))
    cast = with_roles(snapshots, {role: whom for role, whom in said.items() if whom is not None})
    return Cast(tuple(cast), frozenset(pid for pid in audited if pid is not None))


def save(path: str, snapshot: Snapshot) -> None:
    """Write a snapshot file: in one step, mode 0600, packed if it is called .gz."""
    write_bytes(path, encode(snapshot))


def save_text(path: str, text: str) -> None:
    """Write a report, in UTF-8: in one step, mode 0600. Raises UsageError if it cannot be written."""
    write_bytes(path, text.encode(errors="backslashreplace"))


def save_new(path: str, text: str) -> None:
    """Write a file that is not there yet. Raises FileExistsError if it is, UsageError if it cannot be."""
    snapshot_file.write_new(path, text.encode())


def make_folder(path: Path) -> Path:
    """Make a folder for files, and give it. Raises UsageError if it cannot be, or is a stranger's link."""
    return snapshot_file.make_folder(path)


def held_folder(path: Path) -> AbstractContextManager[None]:
    """Make a folder, and hold it as long as the block. Raises UsageError if another process holds it."""
    return snapshot_file.held_folder(path)


def snapshot_schema() -> dict[str, Any]:
    """Give the JSON Schema of the snapshot file."""
    return schema()


def join(
    roles: Mapping[str, str], pids: Iterable[str] = (), files: Iterable[str] = (), *, label: str | None = None
) -> Snapshot:
    """Make one snapshot of files: role -> `FILE` or `FILE:WHO`, `PID=FILE`, and files with all they hold.

    WHO is the pid or the name of one of the processes in the file.
    Raises SnapshotFileError if a file cannot be read, UsageError if it does not hold the wanted process.
    """
    if not roles and not pids and not files:
        raise UsageError(
            "nothing to import: name a file, with --host, --extension or --pid N= if it has a role"
        )
    read: dict[str, Snapshot] = {}
    tasks: list[Task] = []
    for role, place in roles.items():
        path, whom = _split(place)
        tasks.append(replace(_one_task(_read_once(read, path), whom, path, role), role=role))
    for text in pids:
        number, _, path = text.partition("=")
        if not is_pid(number) or not path:
            raise UsageError(f"--pid {text!r} is not N=FILE")
        tasks.append(_one_task(_read_once(read, path), number, path, "pid"))
    files = list(files)
    for path in files:
        tasks += _read_once(read, path).tasks
    if pid := pid_twice(tasks):
        raise UsageError(f"process {pid} is to be imported twice: name it once")
    whole = [read[path] for path in files]
    merged = _merged(list(read.values()), tuple(tasks), whole)
    return merged if label is None else replace(merged, label=label)


def _read_once(read: dict[str, Snapshot], path: str) -> Snapshot:
    if path not in read:
        read[path] = load(path)
    return read[path]


def _split(place: str) -> tuple[str, str | None]:
    """Part FILE:PID or FILE:NAME at the first colon that a file stands before; a name may have colons."""
    if not is_there(place):
        for at in (at for at, char in enumerate(place) if char == ":"):
            if place[:at] == "-" or is_there(place[:at]):
                return place[:at], place[at + 1 :] or None
    return place, None


def is_there(path: str) -> bool:
    """Whether there is a file of this name; what no file can be called is none."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def _one_task(snapshot: Snapshot, whom: str | None, path: str, role: str) -> Task:
    if whom is not None:
        return _called(snapshot, whom, role)
    if len(snapshot.tasks) == 1:
        return snapshot.tasks[0]
    raise UsageError(
        f"{path} holds {len(snapshot.tasks)} processes ({listed(snapshot.tasks)}); "
        f"name one as {path}:PID or {path}:NAME"
    )


def _called(snapshot: Snapshot, whom: str, role: str) -> Task:
    only = snapshot.tasks[0] if len(snapshot.tasks) == 1 else None
    if only is not None and only.process.pid is None and is_pid(whom):
        return replace(only, process=structs.replace(only.process, pid=int(whom)))
    return named([snapshot], whom, role)[0]


def is_pid(text: str) -> bool:
    """Whether a text is a number that a process may have."""
    return text.isascii() and text.isdigit() and len(text) <= PID_DIGITS


def _merged(loaded: list[Snapshot], tasks: tuple[Task, ...], whole: list[Snapshot]) -> Snapshot:
    # What is missing beside the tasks matters only where all tasks of a file were asked for
    boots = {snapshot.machine.boot for snapshot in loaded} - {None}
    if len(boots) > 1:
        raise UsageError("the files come from different boots, so their object ids cannot be joined")
    machine = next((part.machine for part in loaded if part.machine.boot), loaded[0].machine)
    taken = [part.taken for part in loaded if part.taken is not None]
    settled = {part.settled for part in loaded}
    return Snapshot(
        tasks=tasks,
        taken=max(taken, default=None),
        machine=machine,
        settled=False if False in settled else settled == {True} or None,
        not_understood=tuple(line for part in loaded for line in part.not_understood),
        gaps=tuple(gap for part in whole for gap in part.gaps),
        label=loaded[0].label if len(loaded) == 1 else None,
    )


def view(
    snapshot: Snapshot,
    host: str | None = None,
    extension: str | None = None,
    pids: Sequence[str] = (),
    *,
    role: str | None = None,
    sort: str = "name",
) -> "View":
    """Choose what to show of a snapshot: the processes that are named, in their roles, and that of a role.

    All where nobody is named; rows by name, urefs or kobject. Raises UsageError as `cast_of` does.
    """
    from portaudit.analysis.view import view as choose

    cast = cast_of([snapshot], host, extension, pids)
    roles = {HOST_ROLE: host, EXTENSION_ROLE: extension}
    wanted = {word for word, whom in roles.items() if whom is not None} | ({role} if role else set())
    return choose(cast.snapshots[0], wanted, cast.audited, sort)
