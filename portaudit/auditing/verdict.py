"""Two snapshots judged, and one chosen from: the questions that every command asks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from portaudit.analysis.compare import compare as compare_snapshots
from portaudit.analysis.judge import NO_TERMS, judge, sifted
from portaudit.errors import UsageError
from portaudit.exit_status import ExitStatus
from portaudit.model.declared import Terms
from portaudit.model.expectation import Expectation
from portaudit.model.finding import Report, Severity
from portaudit.model.snapshot import Snapshot

A_SERIES = 3
"""Snapshots: two are a pair."""


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
    _check_ways([before, after], mixed=mixed)
    return judge(compare_snapshots(before, after), rules_from(expectations), terms)


def compare_series(  # noqa: PLR0913  each but the first has a name and a default
    snapshots: Sequence[Snapshot],
    expectations: Iterable[str | Expectation] = (),
    *,
    mixed: bool = False,
    terms: Terms = NO_TERMS,
    operations: int = 1,
    warmed: bool = False,
    cut_short: str | None = None,
) -> Report:
    """Judge snapshots that were taken one after each round; two of them are judged as a pair.

    A rule speaks of one round. `operations` is how many of them a round makes: rates are told for one.
    `warmed` says that the operation ran before the first snapshot, so that nothing is a first use.
    `cut_short` says why the run that took them ended before its time: then it is not balanced. Raises
    UsageError as `compare` does.
    """
    rules = rules_from(expectations)
    _check_ways(snapshots, mixed=mixed)
    if len(snapshots) < A_SERIES:
        pair = compare_snapshots(snapshots[0], snapshots[-1])
        return judge(replace(pair, cut_short=cut_short), rules, terms)
    if terms.idle is not None:
        raise UsageError("an idle pair is subtracted from a pair; a series tells churn by its course")
    from portaudit.analysis.series import SeriesTerms, judge_series

    own = SeriesTerms(rules, operations, warmed, cut_short, terms.guards, terms.policy)
    return sifted(judge_series(snapshots, own), terms)


def rules_from(expectations: Iterable[str | Expectation]) -> tuple[Expectation, ...]:
    """Read the rules among these that are texts. Raises UsageError, quoting it, if one is none."""
    rules = tuple(expectations)
    if not any(isinstance(rule, str) for rule in rules):
        return rules  # type: ignore[return-value]  # there is no text among them
    from portaudit.analysis.expectation_rule import parse_expectation

    return tuple(parse_expectation(rule) if isinstance(rule, str) else rule for rule in rules)


def _check_ways(snapshots: Sequence[Snapshot], *, mixed: bool) -> None:
    ways = [{task.way for task in side.tasks if task.entries is not None} for side in snapshots]
    known = [way for way in ways if way]
    other = next((way for way in known if way != known[0]), None)
    if other is not None and not mixed:
        raise UsageError(
            f"the snapshots were read in different ways ({_names(known[0])} before, {_names(other)} after), "
            f"which count some rows differently; read both alike, or compare them with --mixed"
        )


def _names(ways: set[str | None]) -> str:
    return ", ".join(sorted(way or "unknown" for way in ways))


def exit_status(report: Report, fail_on: str) -> ExitStatus:
    """Say how a command ends that found this; `fail_on` is the least severity that counts."""
    grave = (Severity.ERROR,) if fail_on == Severity.ERROR else (Severity.ERROR, Severity.WARNING)
    if any(finding.severity in grave for finding in report.findings):
        return ExitStatus.FINDINGS
    return ExitStatus.UNDECIDED if report.undecided else ExitStatus.DONE
