"""What the sources say of Mach port rights: files, suppressions, baseline; one report."""

from __future__ import annotations

import os
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

from portaudit.auditing.project import read_baseline, today
from portaudit.errors import BaselineFileError, ExitStatus, SnapshotFileError, UsageError
from portaudit.lint.languages import SUFFIXES
from portaudit.lint.source import check_source
from portaudit.model.check import Accepted, Baseline
from portaudit.model.lint import FileChecked, SourceNote, SourceReport
from portaudit.model.severity import Severity
from portaudit.snapshot_file import write_bytes
from portaudit.trust import open_regular

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.model.check import Suppression
    from portaudit.model.declared import Configuration
    from portaudit.model.lint import SourceFinding

SIZE_MAX = 32 << 20
"""Bytes: no longer source is read."""

FOLDED = 200
"""Files from which on several processes share the work."""


def lint(paths: Iterable[str], configuration: Configuration, *, baseline: str | None = None) -> SourceReport:
    """Check these files, and all sources below these folders.

    What the configuration or the baseline accepts is told apart. Raises UsageError for a path that is not
    there and without the extra `portaudit[lint]`, BaselineFileError for a baseline that is none.
    """
    files = sorted({file: None for path in paths for file in _files(path, configuration.lint.exclude)})
    checked = _all(files)
    told = [_suppressed(one, configuration.suppressions) for one in checked]
    findings = [finding for one in told for finding in one.findings]
    path = baseline or configuration.lint.baseline
    counting, known = _beyond(findings, read_baseline(path)) if path else (findings, [])
    return SourceReport(
        len(files),
        tuple(counting),
        (*(finding for one in told for finding in one.accepted), *known),
        (*(note for one in told for note in one.notes), *_expired(configuration.suppressions)),
    )


def status_of(report: SourceReport, fail_on: str) -> ExitStatus:
    """Say how the command ends: findings before what could not be read."""
    order = list(Severity)
    grave = order.index(Severity(fail_on))
    if any(order.index(finding.severity) <= grave for finding in report.findings):
        return ExitStatus.FINDINGS
    return ExitStatus.UNDECIDED if any(note.unread for note in report.notes) else ExitStatus.DONE


def save(path: str, report: SourceReport) -> int:
    """Write the findings of a report as accepted; the reasons of an older baseline there are kept.

    Gives how many entries it has. Raises BaselineFileError, and changes nothing, if something else is there.
    """
    from portaudit.configuration.baseline_file import encode_baseline

    reasons = {}
    if Path(path).exists():
        reasons = {one.fingerprint: one.reason for one in read_baseline(path).accepted}
    found = {finding.fingerprint: finding for finding in report.findings}
    times = Counter(finding.fingerprint for finding in report.findings)
    accepted = tuple(
        Accepted(
            mark, one.rule, f"{one.path}: {one.function}", count=times[mark], reason=reasons.get(mark, "")
        )
        for mark, one in found.items()
    )
    try:
        write_bytes(path, encode_baseline(Baseline(accepted)))
    except SnapshotFileError as error:
        raise BaselineFileError(str(error)) from error
    return len(accepted)


def _files(path: str, exclude: tuple[str, ...]) -> Iterator[str]:
    if os.path.isdir(path):  # noqa: PTH112  a hundred thousand paths
        yield from (file for file in _below(path) if not _excluded(file, exclude))
    elif not os.path.lexists(path):
        raise UsageError(f"{path} is not there: name files or folders of sources")
    elif not _excluded(_shown(path), exclude):
        yield _shown(path)


def _below(folder: str) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if os.path.splitext(name)[1].lower() in SUFFIXES:  # noqa: PTH122  a hundred thousand paths
                yield _shown(os.path.join(here, name))  # noqa: PTH118  the same


def _shown(path: str) -> str:
    return os.path.normpath(path)


def _excluded(path: str, exclude: tuple[str, ...]) -> bool:
    return any(fnmatch(path, pattern) for pattern in exclude)


def _all(files: list[str]) -> list[FileChecked]:
    workers = min(os.cpu_count() or 1, 8)
    if len(files) < FOLDED or workers == 1:
        return [_check(file) for file in files]
    from concurrent.futures import ProcessPoolExecutor

    with _safe_path(), ProcessPoolExecutor(workers, initializer=_end_with_parent) as pool:
        return list(pool.map(_check, files, chunksize=max(1, min(64, len(files) // (workers * 4)))))


def _end_with_parent() -> None:
    """End this worker when who gives it work has: SIGKILL says nothing to those who wait for more."""
    from multiprocessing import parent_process
    from threading import Thread

    if (parent := parent_process()) is not None:
        Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    from multiprocessing.connection import wait

    wait([sentinel])
    os._exit(int(ExitStatus.INTERRUPTED))


@contextmanager
def _safe_path() -> Iterator[None]:
    """Let no worker look for its modules in the working folder, where one that is no fork looks first."""
    before = os.environ.get("PYTHONSAFEPATH")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        os.environ.pop("PYTHONSAFEPATH")
        if before is not None:
            os.environ["PYTHONSAFEPATH"] = before


def _check(path: str) -> FileChecked:
    try:
        source = _read(path)
    except OSError as error:
        return FileChecked(
            path, notes=(SourceNote(path, f"it cannot be read: {error.strerror or error}", unread=True),)
        )
    if len(source) > SIZE_MAX:
        told = f"it is longer than {SIZE_MAX >> 20} MiB: nothing in it was looked at"
        return FileChecked(path, notes=(SourceNote(path, told, unread=True),))
    return check_source(path, source)


def _read(path: str) -> bytes:
    with open_regular(path) as file:
        return file.read(SIZE_MAX + 1)


def _suppressed(checked: FileChecked, suppressions: tuple[Suppression, ...]) -> FileChecked:
    counting, accepted = [], list(checked.accepted)
    for finding in checked.findings:
        hit = next((one for one in suppressions if _matches(one, finding)), None)
        if hit is None:
            counting.append(finding)
        else:
            accepted.append(replace(finding, reason=hit.reason))
    return replace(checked, findings=tuple(counting), accepted=tuple(accepted))


def _matches(suppression: Suppression, finding: SourceFinding) -> bool:
    wanted = ((suppression.path, finding.path), (suppression.function, finding.function))
    return (
        suppression.rule == finding.rule
        and suppression.until >= today()
        and all(pattern is None or fnmatch(text, pattern) for pattern, text in wanted)
    )


def _expired(suppressions: tuple[Suppression, ...]) -> Iterator[SourceNote]:
    for one in suppressions:
        if one.about_sources and one.until < today():
            where = one.place.file if one.place else "the configuration"
            yield SourceNote(
                where, f"the suppression {one.text!r} has expired on {one.until}: it hides nothing"
            )


def _beyond(
    findings: list[SourceFinding], baseline: Baseline
) -> tuple[list[SourceFinding], list[SourceFinding]]:
    left = {one.fingerprint: one for one in baseline.accepted}
    room = Counter({one.fingerprint: one.count for one in baseline.accepted})
    counting, known = [], []
    for finding in findings:
        mark = finding.fingerprint
        if room[mark] > 0:
            room[mark] -= 1
            known.append(replace(finding, reason=left[mark].reason or "known by the baseline"))
        else:
            counting.append(finding)
    return counting, known
