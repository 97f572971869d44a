"""What a warm-up has left behind: it is not judged, and must not pass in silence."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from portaudit.analysis.classes import class_words, classes_of
from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import apply
from portaudit.analysis.kinds import title_of, with_kinds
from portaudit.analysis.strict import STRICT
from portaudit.model.declared import Expectation
from portaudit.model.difference import Change, Difference
from portaudit.model.finding import Report, Verdict
from portaudit.model.snapshot import Snapshot

MEANING = (
    "a cache that fills at its first use, or one leak (if lost: one release too many), and the audit cannot "
    "tell; a warm-up of 0 shows in which round, and --expect declares what is meant"
)


def with_warm_up(
    report: Report,
    moments: tuple[Snapshot, Snapshot, Snapshot],
    rules: Iterable[Expectation],
    rounds: int,
    audited: Collection[int] = (),
) -> Report:
    """Add to a report what the warm-up has left and nobody expected: the loose rights by class.

    The moments are before the warm-up, before the first round that counts, and after the last. What came
    back until then is not told, nor what a finding tells. `rounds` says how many the warm-up had; a rule
    speaks of each.
    """
    start, first, last = moments
    scaled = [replace(rule, low=rule.low * rounds, high=rule.high * rounds) for rule in rules]
    warm, later = compare((start, first), audited), compare((start, last), audited)
    told = {
        _key(row)
        for finding in report.findings
        if finding.verdict is not Verdict.UNMET
        for row in finding.rows
    }
    kept = [
        row
        for row in apply(warm, with_kinds(warm), scaled).changes
        if row.residual and _key(row) not in told and _stayed(row, later)
    ]
    strict = tuple(row for row in kept if row.kind in STRICT)
    listed = "; ".join((*(f"{words(row)} {row.residual:+d}" for row in strict), *_by_class(kept)))
    if not listed:
        return report
    note = f"the warm-up, which is not judged, left {listed}: {MEANING}"
    return replace(report, warm_up=strict, notes=(note, *report.notes))


def _by_class(rows: Iterable[Change]) -> Iterator[str]:
    for known in classes_of(rows):
        if known.net:
            yield f"{title_of(known.names[0])} {class_words(known.key, abs(known.net))} {known.net:+d}"


def words(row: Change) -> str:
    """Name a row: `extension TASK-CONTROL of host`."""
    who = row.role or row.process.name or str(row.process.pid)
    return f"{who} {row.kobject_label or row.right}{f' of {row.of}' if row.of else ''}"


def _key(row: Change) -> tuple[object, ...]:
    return row.role, row.process, row.object, row.right


def _stayed(row: Change, later: Difference) -> bool:
    if all(task.process != row.process for task in later.after.tasks if task.title in later.unchanged):
        return True  # it was not read at the end: nobody has seen that it came back
    changes = {_key(change): change.change for change in later.changes}
    return changes.get(_key(row), 0) * row.residual > 0
