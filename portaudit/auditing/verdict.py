"""Two snapshots judged, and one chosen from: the questions that every command asks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from portaudit.analysis.compare import TWICE
from portaudit.analysis.compare import compare as compare_snapshots
from portaudit.analysis.idle import no_idle_pair
from portaudit.analysis.judge import NO_TERMS, judge
from portaudit.errors import ExitStatus, UsageError
from portaudit.model.declared import Expectation, Pattern, Terms
from portaudit.model.difference import Difference
from portaudit.model.finding import Report
from portaudit.model.severity import Severity
from portaudit.model.snapshot import Snapshot


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
    return compare_series([before, after], expectations, mixed=mixed, terms=terms)


def compare_series(
    snapshots: Sequence[Snapshot],
    expectations: Iterable[str | Expectation] = (),
    *,
    mixed: bool = False,
    terms: Terms = NO_TERMS,
    cut_short: str | None = None,
) -> Report:
    """Judge snapshots that were taken one after each round; two of them are a pair, a series of one round.

    A rule speaks of one round. `cut_short` says why the run that took them ended before its time: then it is
    not balanced. Raises UsageError as `compare` does.
    """
    rules = rules_from(expectations)
    _check_ways(snapshots, mixed=mixed)
    _check_idle(terms.idle, snapshots)
    difference = replace(compare_snapshots(snapshots, terms.audited), cut_short=cut_short)
    if len({id(snapshot) for snapshot in snapshots}) < len(snapshots):
        difference = replace(difference, disorder=TWICE)
    return judge(difference, rules, terms)


def rules_from(expectations: Iterable[str | Expectation]) -> tuple[Expectation, ...]:
    """Read the rules among these that are texts. Raises UsageError, quoting it, if one is none."""
    rules = tuple(expectations)
    if not any(isinstance(rule, str) for rule in rules):
        return rules  # type: ignore[return-value]  # there is no text among them
    from portaudit.analysis.expectations import parse_expectation

    return tuple(parse_expectation(rule) if isinstance(rule, str) else rule for rule in rules)


def subjects_from(patterns: Iterable[str]) -> tuple[Pattern, ...]:
    """Read what is judged as strictly as a task's port. Raises UsageError if one is not understood."""
    if not (patterns := tuple(patterns)):
        return ()
    from portaudit.analysis.expectations import parse_pattern

    return tuple(map(parse_pattern, patterns))


def _check_ways(snapshots: Sequence[Snapshot], *, mixed: bool) -> None:
    ways = [{task.way for task in side.tasks if task.entries is not None} for side in snapshots]
    known = [way for way in ways if way]
    other = next((way for way in known if way != known[0]), None)
    if other is not None and not mixed:
        raise UsageError(
            f"the snapshots were read in different ways ({_names(known[0])} before, {_names(other)} after), "
            f"which count some rows differently; read both alike, or compare them with --mixed"
        )


def _check_idle(idle: Difference | None, snapshots: Sequence[Snapshot]) -> None:
    if idle is None:
        return
    if len(snapshots) > 2:  # noqa: PLR2004  a pair
        raise UsageError("an idle pair is held against a pair; a series tells a leak from churn by itself")
    if (why := no_idle_pair(idle, snapshots)) is not None:
        raise UsageError(f"this is no idle pair: {why}")


def _names(ways: set[str | None]) -> str:
    return ", ".join(sorted(way or "unknown" for way in ways))


def exit_status(report: Report, fail_on: str) -> ExitStatus:
    """Say how a command ends that found this; `fail_on` is the least severity that counts."""
    severities = list(Severity)
    grave = severities[: severities.index(Severity(fail_on)) + 1]
    moved = fail_on == Severity.NOTE and any(change.residual for change in report.changes)
    if moved or any(finding.severity in grave for finding in report.findings):
        return ExitStatus.FINDINGS
    return ExitStatus.UNDECIDED if report.undecided else ExitStatus.DONE
