"""The use cases: read, import, compare. What every command and plugin calls, and nothing else does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from portaudit.analysis.compare import compare as compare_snapshots
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.analysis.view import view as choose
from portaudit.collect.probe_record import looks_like_probe, read_probe
from portaudit.errors import SnapshotFileError, UsageError
from portaudit.exit_status import ExitStatus
from portaudit.model.finding import Report, Severity
from portaudit.model.snapshot import Snapshot, Task
from portaudit.model.terms import Terms
from portaudit.model.view import View
from portaudit.snapshot_file import decode, encode, looks_like_snapshot, read_bytes, write_bytes


def load(path: str) -> Snapshot:
    """Read whatever portaudit can read as a snapshot; `-` is standard input.

    Raises SnapshotFileError, naming the path, for anything else.
    """
    data = read_bytes(path)
    if not data.strip():
        raise SnapshotFileError(f"{path} is empty: it should hold a snapshot")
    if looks_like_probe(data) and not looks_like_snapshot(data):
        return read_probe(data, path)
    return decode(data, path)


def save(path: str, snapshot: Snapshot) -> None:
    """Write a snapshot file: in one step, mode 0600, packed if it is called .gz."""
    write_bytes(path, encode(snapshot))


def compare(
    before: Snapshot, after: Snapshot, expectations: Iterable[str] = (), *, mixed: bool = False
) -> Report:
    """Judge what changed between two snapshots, under rules such as `extension: task-control of host +1`.

    Raises UsageError if a rule is none, or if the snapshots were read in different ways and `mixed`
    does not allow that: the ways count some rows differently.
    """
    rules = tuple(parse_expectation(text) for text in expectations)
    ways = [{task.way for task in side.tasks if task.entries is not None} for side in (before, after)]
    if ways[0] and ways[1] and ways[0] != ways[1] and not mixed:
        raise UsageError(
            f"the snapshots were read in different ways ({_names(ways[0])} before, {_names(ways[1])} after), "
            f"which count some rows differently; read both alike, or compare them with --mixed"
        )
    return judge(compare_snapshots(before, after), Terms(expectations=rules))


def _names(ways: set[str | None]) -> str:
    return ", ".join(sorted(way or "unknown" for way in ways))


def exit_status(report: Report, fail_on: str) -> ExitStatus:
    """Say how a command ends that found this; `fail_on` is the least severity that counts."""
    grave = (Severity.ERROR,) if fail_on == Severity.ERROR else (Severity.ERROR, Severity.WARNING)
    if any(finding.severity in grave for finding in report.findings):
        return ExitStatus.FINDINGS
    return ExitStatus.UNDECIDED if report.undecided else ExitStatus.DONE


def view(snapshot: Snapshot, *, role: str | None = None, sort: str = "name") -> View:
    """Choose what to show of a snapshot: one role or all, rows by name, urefs or kobject."""
    return choose(snapshot, role, sort)


def join(
    roles: Mapping[str, str], pids: Iterable[str] = (), files: Iterable[str] = (), *, label: str | None = None
) -> Snapshot:
    """Make one snapshot of files: role -> `FILE` or `FILE:PID`, `PID=FILE`, and files with all they hold.

    Raises SnapshotFileError if a file cannot be read, UsageError if it does not hold the wanted process.
    """
    if not roles and not pids and not files:
        raise UsageError(
            "nothing to import: name a file, with --host, --extension or --pid N= if it has a role"
        )
    read: dict[str, Snapshot] = {}
    tasks: list[Task] = []
    for role, place in roles.items():
        path, pid = _split_pid(place)
        tasks.append(replace(_one_task(_read_once(read, path), pid, path), role=role))
    for text in pids:
        number, _, path = text.partition("=")
        if not number.isdecimal() or not path:
            raise UsageError(f"--pid {text!r} is not N=FILE")
        tasks.append(_one_task(_read_once(read, path), int(number), path))
    for path in files:
        tasks += _read_once(read, path).tasks
    return replace(_merged(list(read.values()), tuple(tasks)), label=label)


def _read_once(read: dict[str, Snapshot], path: str) -> Snapshot:
    if path not in read:
        read[path] = load(path)
    return read[path]


def _split_pid(place: str) -> tuple[str, int | None]:
    path, colon, pid = place.rpartition(":")
    if colon and pid.isdecimal() and not Path(place).exists():
        return path, int(pid)
    return place, None


def _one_task(snapshot: Snapshot, pid: int | None, path: str) -> Task:
    if pid is not None:
        return _with_pid(snapshot, pid, path)
    if len(snapshot.tasks) == 1:
        return snapshot.tasks[0]
    pids = ", ".join(str(task.process.pid) for task in snapshot.tasks[:10]) or "none"
    raise UsageError(f"{path} holds {len(snapshot.tasks)} processes ({pids}); name one as {path}:PID")


def _with_pid(snapshot: Snapshot, pid: int, path: str) -> Task:
    for task in snapshot.tasks:
        if task.process.pid == pid:
            return task
    if len(snapshot.tasks) == 1 and snapshot.tasks[0].process.pid is None:
        only = snapshot.tasks[0]
        return replace(only, process=replace(only.process, pid=pid))
    raise UsageError(f"{path} has no process {pid}")


def _merged(loaded: list[Snapshot], tasks: tuple[Task, ...]) -> Snapshot:
    boots = {snapshot.machine.boot for snapshot in loaded} - {None}
    if len(boots) > 1:
        raise UsageError("the files come from different boots, so their object ids cannot be joined")
    machine = next((part.machine for part in loaded if part.machine.boot), loaded[0].machine)
    taken = [part.taken for part in loaded if part.taken is not None]
    return Snapshot(
        tasks=tasks,
        taken=max(taken, default=None),
        machine=machine,
        not_understood=tuple(line for part in loaded for line in part.not_understood),
    )
