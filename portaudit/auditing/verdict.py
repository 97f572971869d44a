"""Two snapshots judged, and one chosen from: the questions that every command asks."""

from collections.abc import Collection, Iterable, Sequence
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

ALIKE = "which count some rows differently; read both alike, or compare them with --mixed"


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
    difference = _difference(snapshots, terms.audited, mixed=mixed)
    _check_idle(terms.idle, snapshots, mixed=mixed)
    return judge(replace(difference, cut_short=cut_short), rules, terms)


def idle_difference(
    pair: Sequence[Snapshot], audited: Collection[int] = (), *, mixed: bool = False
) -> Difference | None:
    """Compare what was read before and after a time in which nothing was transferred; None without a pair.

    Raises UsageError as `compare` does.
    """
    return _difference(pair, audited, mixed=mixed) if pair else None


def _difference(snapshots: Sequence[Snapshot], audited: Collection[int], *, mixed: bool) -> Difference:
    _check_ways(snapshots, mixed=mixed)
    difference = compare_snapshots(snapshots, audited)
    if len({id(snapshot) for snapshot in snapshots}) < len(snapshots):
        return replace(difference, disorder=TWICE)
    return difference


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
    if not mixed and (ways := _two_ways(snapshots)):
        raise UsageError(
            f"the snapshots were read in different ways ({ways[0]} before, {ways[1]} after), {ALIKE}"
        )


def _two_ways(snapshots: Sequence[Snapshot]) -> tuple[str, str] | None:
    ways = [{task.way for task in side.tasks if task.entries is not None} for side in snapshots]
    known = [way for way in ways if way]
    other = next((way for way in known if way != known[0]), None)
    return None if other is None else (_names(known[0]), _names(other))


def _check_idle(idle: Difference | None, snapshots: Sequence[Snapshot], *, mixed: bool) -> None:
    if idle is None:
        return
    if len(snapshots) > 2:  # noqa: PLR2004  a pair
        raise UsageError("an idle pair is held against a pair; a series tells a leak from churn by itself")
    if (why := no_idle_pair(idle, snapshots)) is not None:
        raise UsageError(f"this is no idle pair: {why}")
    if not mixed and (ways := _two_ways((*snapshots, idle.before))):
        raise UsageError(f"the idle pair was read by {ways[1]} and the other one by {ways[0]}, {ALIKE}")


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
