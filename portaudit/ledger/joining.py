"""Findings and ledgers, joined: where references were acquired, and where they were given back too often.

Of a ledger's events those count that lie in the time that was audited.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.ledger.pairing import Held, pair
from portaudit.ledger.refused import bad_releases, placed
from portaudit.ledger.stacks import Stacks
from portaudit.model.finding import Finding, Outcome, Report
from portaudit.model.ledger import Origin, Release, Where
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from portaudit.ledger.pairing import Key, Paired
    from portaudit.ledger.stacks import Resolve
    from portaudit.model.difference import Change
    from portaudit.model.ledger import Event, Ledger


@dataclass(frozen=True, slots=True)
class Window:
    """The time that was audited: when each snapshot was taken, in seconds since 1970."""

    moments: tuple[float, ...]

    @property
    def begin(self) -> float:
        """When the first was."""
        return self.moments[0]

    @property
    def end(self) -> float:
        """When the last was."""
        return self.moments[-1]

    def round_of(self, when: float) -> int:
        """Say in which round a moment lies, from 0."""
        return sum(moment <= when for moment in self.moments[1:-1])


@dataclass(frozen=True, slots=True)
class Joined:
    """One ledger's events between the snapshots, paired."""

    ledger: Ledger
    window: Window
    paired: Paired
    events: dict[int, Event]
    stacks: Stacks
    incomplete: str | None
    late: bool
    """Recording began after the first snapshot: harmless if nothing happened between, and the sums tell."""


DEALLOCATE = "mach_port_deallocate(mach_task_self(), port) once it is used, on the error paths too"
BEGAN_LATE = "the ledger began after the first snapshot"


def window_of(report: Report) -> Window | None:
    """Give the time between the snapshots of a report; None if they do not tell it."""
    difference = report.difference
    moments = [side.taken for side in (difference.before, *difference.between, difference.after)]
    known = tuple(moment for moment in moments if moment is not None)
    return Window(known) if len(known) == len(moments) else None


def join(report: Report, ledgers: Sequence[Ledger], window: Window, resolve: Resolve) -> Report:
    """Give each finding what the ledgers tell of its references, and add the releases that left no row.

    A ledger speaks only of the process that it was written by. `resolve` turns addresses into functions and
    lines; see stacks.Resolve.
    """
    joined = [_prepare(ledger, window, resolve) for ledger in latest(ledgers, window)]
    by_pid = {part.ledger.pid: part for part in joined}
    findings = [_located(finding, by_pid, resolve) for finding in report.findings]
    known = {row.process.pid: row for row in report.changes}
    bad = [found for part in joined for found in bad_releases(part, known.get(part.ledger.pid), resolve)]
    outcome = Outcome.FINDINGS if bad else report.outcome
    return replace(report, findings=(*findings, *bad), outcome=outcome)


def latest(ledgers: Iterable[Ledger], window: Window) -> list[Ledger]:
    """Choose one ledger a process: exec keeps the pid, and the last that began before the end is meant."""
    chosen: dict[int, Ledger] = {}
    for ledger in sorted(ledgers, key=lambda ledger: ledger.started):
        if ledger.started <= window.end and (ledger.ended is None or ledger.ended >= window.begin):
            chosen[ledger.pid] = ledger
    return list(chosen.values())


def _prepare(ledger: Ledger, window: Window, resolve: Resolve) -> Joined:
    events = [event for event in ledger.events if window.begin <= event.when <= window.end]
    full = f"the ledger was full: {ledger.dropped} events are missing" if ledger.dropped else None
    late = ledger.started > window.begin
    stacks = Stacks(ledger)
    functions = stacks.functions({event.stack for event in events}, resolve)
    by_sequence = {event.sequence: event for event in events}
    return Joined(ledger, window, pair(ledger, events, functions), by_sequence, stacks, full, late)


def _key(row: Change) -> Key | None:
    if row.name is None:
        return None
    return row.name, row.right in {Right.RECEIVE, Right.PORT_SET}


def _located(finding: Finding, by_pid: dict[int, Joined], resolve: Resolve) -> Finding:
    """Add what the ledgers know of a finding's rows, each process by its own."""
    rows: defaultdict[int, list[Change]] = defaultdict(list)
    for row in finding.rows:
        if row.process.pid in by_pid and _key(row) is not None:
            rows[row.process.pid].append(row)
    where = tuple(_where(by_pid[pid], of_pid, resolve) for pid, of_pid in rows.items())
    return corrected(placed(structs.replace(finding, where=where))) if where else finding


def _where(part: Joined, rows: list[Change], resolve: Resolve) -> Where:
    held = {key: part.paired.held.get(key, Held()) for row in rows if (key := _key(row)) is not None}
    change = sum(row.change for row in rows)
    net = sum(one.net for one in held.values())
    origins = _origins(part, held.values(), resolve) if change > 0 else ()
    open_count = sum(origin.kept for origin in origins)
    unknown = 0 if any(one.everything for one in held.values()) else change - net
    return Where(
        ledger=part.ledger.path,
        references=change,
        known=min(open_count, max(change, 0)),
        unknown=unknown,
        origins=origins,
        releases=_releases(part, held.values(), resolve) if change < 0 else (),
        incomplete=part.incomplete or (BEGAN_LATE if part.late and unknown else None),
    )


def _origins(part: Joined, held: Iterable[Held], resolve: Resolve) -> tuple[Origin, ...]:
    """Add up what is open by function and stack, over threads and names."""
    kept: defaultdict[tuple[str, int], list[int]] = defaultdict(list)
    acquired: Counter[tuple[str, int]] = Counter()
    least: Counter[tuple[str, int]] = Counter()
    for one in held:
        here: Counter[tuple[str, int]] = Counter()
        for source, sequences in one.open.items():
            kept[source.function, source.stack] += sequences
        for source, count in one.acquired.items():
            here[source.function, source.stack] += count
        for group, count in here.items():
            least[group] += max(0, count - one.released)
        acquired += here
    ordered = sorted(kept.items(), key=lambda pair: -len(pair[1]))
    stacks = part.stacks.resolved([stack for (_, stack), _ in ordered], resolve)
    rounds = len(part.window.moments) - 1
    return tuple(
        Origin(
            function,
            stacks[stack],
            len(sequences),
            acquired[function, stack],
            min(least[function, stack], len(sequences)),
            _by_round(part, sequences) if rounds > 1 else (),
        )
        for (function, stack), sequences in ordered
    )


def _by_round(part: Joined, sequences: list[int]) -> tuple[int, ...]:
    counts = Counter(part.window.round_of(part.events[sequence].when) for sequence in sequences)
    return tuple(counts[at] for at in range(len(part.window.moments) - 1))


def _releases(part: Joined, held: Iterable[Held], resolve: Resolve) -> tuple[Release, ...]:
    pairs = Counter(
        ((event.function, event.stack), (before.function, before.stack) if before else None)
        for one in held
        for event, before in one.extra
    )
    wanted = [stack for later, earlier in pairs for _, stack in filter(None, (later, earlier))]
    stacks = part.stacks.resolved(wanted, resolve)
    return tuple(
        Release(
            later[0],
            stacks[later[1]],
            count,
            earlier=Release(earlier[0], stacks[earlier[1]]) if earlier else None,
        )
        for (later, earlier), count in pairs.most_common()
    )


def corrected(finding: Finding) -> Finding:
    """Correct a cause that the stacks contradict: they name the functions that gave what was kept.

    What is kept of a receive right is no matter of who gave it, and what IOKit gives has releases of its own.
    """
    if any(row.right is not Right.SEND for row in finding.rows):
        return finding
    origins = [origin for where in finding.where for origin in where.origins if origin.kept]
    complete = all(where.known == where.references > 0 and not where.incomplete for where in finding.where)
    functions = dict.fromkeys(origin.function for origin in origins)
    if not complete or not functions or any(function in finding.cause for function in functions):
        return finding
    of_its_own = any(function.startswith(("IO", "semaphore_")) for function in functions)
    return structs.replace(
        finding,
        cause=f"{' and '.join(functions)} gave one reference each time, and nothing gave it back",
        fix=finding.fix if of_its_own and finding.fix else DEALLOCATE,
        confidence=Confidence.CERTAIN if all(origin.certain for origin in origins) else Confidence.LIKELY,
    )
