"""What a project declares, found and read: its configuration, its baseline, and the terms of a diff.

Most folders declare nothing, so what reads and judges is imported where something is declared.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from portaudit.configuration.file import find_file
from portaudit.errors import BaselineFileError, SnapshotFileError, UsageError
from portaudit.model.declared import Configuration, Terms

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portaudit.model.check import Baseline, Check
    from portaudit.model.declared import Expectation
    from portaudit.model.finding import Report


def configure(path: str | None = None) -> Configuration:
    """Read the configuration: this file, or the nearest one from the current folder upwards; else nothing.

    Raises UsageError, with file, line and the nearest valid key, for a mistake in it.
    """
    found = find_file(Path.cwd()) if path is None else Path(path)
    if found is None:
        return Configuration()
    from portaudit.analysis.expectations import parse_expectation, parse_pattern
    from portaudit.configuration.read import read_configuration
    from portaudit.configuration.rules import Parse

    parse = Parse(parse_expectation, parse_pattern)
    return read_configuration(found, called(found), parse, found=path is None)


def chosen_checks(configuration: Configuration, names: tuple[str, ...]) -> tuple[Check, ...]:
    """Give the checks of these names, or all. Raises UsageError if there is none, or not this one."""
    if not configuration.checks:
        where = configuration.file or "portaudit.toml or pyproject.toml, here or above"
        raise UsageError(f"no checks in {where}; `portaudit init` writes a first one")
    known = {check.name: check for check in configuration.checks}
    for name in names:
        if name not in known:
            raise UsageError(f"{configuration.file} has no check {name!r}; it has {', '.join(known)}")
    return tuple(known[name] for name in names) or configuration.checks


def rules_of(
    configuration: Configuration, check: Check | None = None, *, given: Iterable[str] = ()
) -> tuple[Expectation, ...]:
    """Gather what may change, the nearest word first: given here, by the check, above the checks.

    Raises UsageError if a given rule is none.
    """
    from portaudit.auditing.verdict import rules_from

    own = check.expectations if check else ()
    return (*rules_from(given), *own, *configuration.expectations)


def terms_of(
    configuration: Configuration,
    check: Check | None = None,
    *,
    baseline: str | None = None,
    accepting: bool = True,
) -> Terms:
    """Gather what a diff is judged under beside its expectations.

    A check adds to what stands above the checks, and its baseline goes before that one; the path that is
    given here goes before both. Without `accepting` no baseline counts. Raises BaselineFileError if a file
    is none.
    """
    path = baseline or (check and check.baseline) or configuration.baseline
    named_by = None if baseline else configuration.file
    suppressions = (*(check.suppressions if check else ()), *configuration.suppressions)
    return Terms(
        suppressions=tuple(one for one in suppressions if not one.about_sources),
        baseline=replace(read_baseline(path), named_by=named_by) if path and accepting else None,
        policy=(check and check.policy) or configuration.policy,
        today=today(),
        subjects=(*(check.subjects if check else ()), *configuration.subjects),
    )


def stricter(terms: Terms, guards: Iterable[str] = (), policy: str | None = None) -> Terms:
    """Add the guard exceptions of crash reports or logs, and a policy, to what a diff is judged under.

    Raises SnapshotFileError if a file holds no guard exception.
    """
    if not (paths := tuple(guards)):
        return replace(terms, policy=policy or terms.policy)
    from portaudit.auditing.decode import guard_events

    events = tuple(event for path in paths for event in guard_events(path))
    return replace(terms, guards=(*terms.guards, *events), policy=policy or terms.policy)


def today() -> date:
    """Give the day here and now, which suppressions are held against."""
    return datetime.now().astimezone().date()


def called(path: Path) -> str:
    """Name a file as messages do: relative to the working folder, if it is below."""
    absolute, here = path.absolute(), Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(path)


def read_baseline(path: str) -> Baseline:
    """Read a baseline file. Raises BaselineFileError, naming it, if it cannot be read or is none."""
    from portaudit.configuration.baseline_file import decode_baseline
    from portaudit.snapshot_file import read_bytes

    try:
        return decode_baseline(read_bytes(path), called(Path(path)))
    except SnapshotFileError as error:
        raise BaselineFileError(str(error)) from error


def save_baseline(path: str, report: Report) -> Baseline:
    """Write the findings of a report as accepted, and give what was written.

    An older baseline at the path is replaced in one step; the reasons in it are kept. Raises
    BaselineFileError, and changes nothing, if something else is there.
    """
    from portaudit.analysis.known import baseline_of, with_reasons
    from portaudit.configuration.baseline_file import encode_baseline
    from portaudit.snapshot_file import write_bytes

    baseline = baseline_of(report.findings)
    if path != "-" and Path(path).exists():
        baseline = with_reasons(baseline, read_baseline(path))
    write_bytes(path, encode_baseline(baseline))
    return baseline
