"""Three or more snapshots in, a report out: which rows leak at a rate, and which only changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from portaudit.analysis.causes import Evidence, explain
from portaudit.analysis.compare import compare
from portaudit.analysis.exhaustion import with_exhaustion
from portaudit.analysis.expectations import check_agreement, matches, not_used, unresolved
from portaudit.analysis.fingerprint import fingerprinted
from portaudit.analysis.judge import decided, forbidden, gravest_first, outcome_of, remarks
from portaudit.analysis.ownership import self_objects
from portaudit.analysis.readings import Readings, follow
from portaudit.analysis.series_rows import GOES_ON, Followed, rows_of
from portaudit.analysis.series_words import at_a_rate, notes
from portaudit.analysis.spaces import Spaces
from portaudit.analysis.tracks import tracks
from portaudit.model.difference import Change, Difference, Recycled, SeriesRow
from portaudit.model.expectation import Expectation
from portaudit.model.finding import Finding, Report
from portaudit.model.guard import GuardEvent
from portaudit.model.kobject import GRAVE, TASK_PORTS
from portaudit.model.rights import Right
from portaudit.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class SeriesTerms:
    """What a series is judged under."""

    expectations: tuple[Expectation, ...] = ()
    """Each speaks of what one round may change; a round that changes nothing is always fine."""
    operations: int = 1
    """How many operations one round makes: rates are told for one."""
    warmed: bool = False
    """Whether the operation ran before the first snapshot: what fills at its first use has filled."""
    cut_short: str | None = None
    """Why the run that took the snapshots ended before its time, if it did."""
    guards: tuple[GuardEvent, ...] = ()
    """Guard exceptions that were raised between the first snapshot and the last."""
    policy: str | None = None
    """What an extension must not hold after the last snapshot, changed or not."""


def judge_series(snapshots: Sequence[Snapshot], terms: SeriesTerms) -> Report:
    """Say of every row whether it leaks at a rate; a row that only comes and goes is no finding.

    Needs three snapshots. What happened once is told as a note, with one exception: a reference to a
    task port that was kept (or lost) when the operation had already run without that. Tasks that were
    not read each time, counts at their maximum and rights in queued messages are undecided. Raises
    UsageError if two expectations of the command line contradict each other.
    """
    check_agreement(terms.expectations)
    difference = compare(snapshots[0], snapshots[-1])
    followed, lost = follow(snapshots)
    rows, pegged = _all_rows(followed, snapshots)
    rows = [with_exhaustion(_under(row, terms, difference), snapshots) for row in rows]
    suspect = [row for row in rows if _is_finding(row, terms)]
    grave = tuple(recycled for recycled in difference.recycled if _is_grave(recycled))
    series = replace(
        difference,
        changes=tuple(row.change for row in rows),
        recycled=grave,
        saturated=tuple(pegged),
        unread=tuple(lost),
        queued={reading.last.title: reading.queued_more for reading in followed},
        between=tuple(snapshots[1:-1]),
        cut_short=terms.cut_short,
    )
    singles = tuple(_singles(suspect))
    evidence = Evidence(singles, Spaces(series, singles), terms.guards)
    told = [*_explained(suspect, evidence, terms.operations), *forbidden(evidence, terms.policy)]
    findings, undecided = decided(told)
    return Report(
        outcome=outcome_of(findings, undecided),
        difference=series,
        findings=fingerprinted(sorted(findings, key=gravest_first)),
        undecided=undecided,
        changes=series.changes,
        notes=(
            *notes(rows, suspect, len(difference.recycled) - len(grave)),
            *_about_rules(rows, terms, difference),
            *remarks(evidence, told),
        ),
        series=tuple(sorted(rows, key=_steepest_first)),
    )


def _all_rows(
    followed: list[Readings], snapshots: Sequence[Snapshot]
) -> tuple[list[SeriesRow], list[Change]]:
    owners = self_objects(snapshots[0], snapshots[-1])
    rows: list[SeriesRow] = []
    pegged: list[Change] = []
    for readings in followed:
        known = [track for track in tracks(readings.spaces) if not track.unknown]
        task = Followed(readings, owners)
        rows += rows_of(task, (track for track in known if not track.pegged))
        pegged += [row.change for track in known if track.pegged for row in rows_of(task, [track])]
    return rows, pegged


def _under(row: SeriesRow, terms: SeriesTerms, difference: Difference) -> SeriesRow:
    rounds = len(row.kept.steps)
    row = replace(row, change=replace(row.change, expected=_expected(row, terms, difference)))
    rate = row.kept.rate
    if _is_finding(row, terms) and row.kept.course not in GOES_ON:
        rate = sum(row.kept.steps) / rounds
    return replace(row, change=replace(row.change, rate=rate / terms.operations))


def _about_rules(rows: list[SeriesRow], terms: SeriesTerms, difference: Difference) -> Iterator[str]:
    for rule in terms.expectations:
        if reason := unresolved(difference, rule):
            yield reason
        if not any(_speaks_of(rule, row, difference) for row in rows):
            yield not_used(rule)


def _speaks_of(rule: Expectation, row: SeriesRow, difference: Difference) -> bool:
    return matches(rule, row.change, check_owner=unresolved(difference, rule) is None)


def _expected(row: SeriesRow, terms: SeriesTerms, difference: Difference) -> int:
    rounds = len(row.kept.steps)
    for rule in terms.expectations:
        if _speaks_of(rule, row, difference):
            low, high = min(0, rule.low) * rounds, max(0, rule.high) * rounds
            return min(max(row.change.change, low), high)
    return 0


def _is_finding(row: SeriesRow, terms: SeriesTerms) -> bool:
    if not row.change.residual:
        return False
    if row.kept.course in GOES_ON:
        return True
    # A dead name appears once; what leaked before the port died stands in the row of the send right
    task_port = row.change.kobject in TASK_PORTS and row.change.right is Right.SEND
    return task_port and bool(row.kept.rounds) and not _is_first_use(row, terms)


def _is_first_use(row: SeriesRow, terms: SeriesTerms) -> bool:
    gained = row.change.change > 0 and not terms.warmed
    rounds = row.kept.rounds
    return gained and rounds[0] == 1 and rounds[-1] <= max(1, len(row.kept.steps) / 2)


def _is_grave(recycled: Recycled) -> bool:
    # Names of ordinary ports are used again in every program that runs for a while
    return recycled.lost.kobject in GRAVE


def _explained(rows: list[SeriesRow], evidence: Evidence, operations: int) -> list[Finding]:
    """Let the cause rules look at every single change, and tell each row once.

    The rules see what came in each round by itself, as in a pair; the finding has the row instead.
    """
    row_of = {id(change): row for row in rows for change in row.members or (row.change,)}
    found = []
    told: set[int] = set()
    for one in explain(evidence):
        mine = list({id(row): row for change in one.rows if (row := row_of.get(id(change)))}.values())
        new = [row for row in mine if id(row) not in told]
        told |= {id(row) for row in mine}
        if new:
            found.append(at_a_rate(replace(one, rows=tuple(row.change for row in new)), new[0], operations))
        elif not mine:
            found.append(one)
    return found


def _singles(rows: list[SeriesRow]) -> list[Change]:
    return [change for row in rows for change in row.members or (row.change,)]


def _steepest_first(row: SeriesRow) -> tuple[bool, float]:
    return row.kept.course not in GOES_ON, -abs(row.change.rate or 0)
