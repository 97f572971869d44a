"""Two snapshots judged, and one chosen from: the questions that every command asks."""

from collections.abc import Iterable

from portaudit.analysis.compare import compare as compare_snapshots
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import NO_TERMS, judge
from portaudit.analysis.view import view as choose
from portaudit.errors import UsageError
from portaudit.exit_status import ExitStatus
from portaudit.model.expectation import Expectation
from portaudit.model.finding import Report, Severity
from portaudit.model.snapshot import Snapshot
from portaudit.model.terms import Terms
from portaudit.model.view import View


def compare(
    before: Snapshot,
    after: Snapshot,
    expectations: Iterable[str | Expectation] = (),
    *,
    mixed: bool = False,
    terms: Terms = NO_TERMS,
) -> Report:
    """Judge what changed between two snapshots, under rules such as `extension: task-control of host +1`.

    Of two rules that speak of one change the first counts.

    Raises UsageError if a rule is none, or if the snapshots were read in different ways and `mixed`
    does not allow that: the ways count some rows differently.
    """
    rules = [parse_expectation(rule) if isinstance(rule, str) else rule for rule in expectations]
    ways = [{task.way for task in side.tasks if task.entries is not None} for side in (before, after)]
    if ways[0] and ways[1] and ways[0] != ways[1] and not mixed:
        raise UsageError(
            f"the snapshots were read in different ways ({_names(ways[0])} before, {_names(ways[1])} after), "
            f"which count some rows differently; read both alike, or compare them with --mixed"
        )
    return judge(compare_snapshots(before, after), rules, terms)


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
