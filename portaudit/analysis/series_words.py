"""How a series is put into words: the rate in a title, the numbers as evidence, the rest as notes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from portaudit.model.difference import Course, SeriesRow
from portaudit.model.finding import Confidence, Finding
from portaudit.model.rights import Right

SHOWN = 24
"""Numbers: a longer series is shown by its first and last ones."""
MINUTE, HOUR, DAY = 60, 3600, 86400


def at_a_rate(finding: Finding, row: SeriesRow, operations: int) -> Finding:
    """Tell a finding of a series: with its rate, its numbers, and when they come to an end.

    What happens in every round alike stays as certain as its rule is; the rest is likely.
    """
    even = row.kept.course is Course.EVERY_ROUND and row.kept.period == 1
    certain = even or finding.confidence is not Confidence.CERTAIN
    return replace(
        finding,
        title=f"{finding.title}: {pace(row)}",
        evidence="; ".join(filter(None, (evidence(row, operations), finding.evidence))),
        confidence=finding.confidence if certain else Confidence.LIKELY,
        rate=row.change.rate,
        series=row.change.series,
    )


def pace(row: SeriesRow) -> str:
    """Say how a row goes on: `+1 a round`, `+1 every 3 rounds`, `once, in round 2 of 6`."""
    kept = row.kept
    if kept.course is Course.EVERY_ROUND:
        return f"{kept.rate:+.3g} a round"
    if kept.course is Course.SOME_ROUNDS and kept.period:
        return f"{sum(kept.steps[: kept.period]):+d} every {kept.period} rounds, as on an error path"
    if kept.course is Course.SOME_ROUNDS:
        return f"{kept.rate:+.2g} a round, in {len(kept.rounds)} of {len(kept.steps)}, as on an error path"
    if not kept.rounds:
        return "comes and goes"
    word = "once, in round" if len(kept.rounds) == 1 else "in rounds"
    return f"{word} {' '.join(map(str, kept.rounds))} of {len(kept.steps)}"


def evidence(row: SeriesRow, operations: int) -> str:
    """Say the line through the numbers of a row, and when they come to an end."""
    line = row.line
    each = f", {row.change.rate:+.3g} an operation" if operations > 1 else ""
    fitted = f"fitted {line.slope:+.2f} a round{each}, off by {line.residual:.2f}"
    return "; ".join(filter(None, (fitted, _end(row))))


def unit(row: SeriesRow) -> str:
    """Name what a row counts: user references, or names."""
    return "urefs" if row.change.right in (Right.SEND, Right.DEAD_NAME) and row.names == 1 else "names"


def numbers(series: tuple[int, ...]) -> str:
    """Spell a series: `2 2 3 4 5`."""
    if len(series) <= SHOWN:
        return " ".join(map(str, series))
    half = SHOWN // 2
    return f"{numbers(series[:half])} ... {numbers(series[-half:])}"


def _end(row: SeriesRow) -> str:
    if row.rounds_left is None:
        return ""
    when = f"in about {row.rounds_left:,} more rounds{_duration(row.seconds_left)}"
    if row.kept.rate < 0:
        return f"at this rate the last reference is gone {when}"
    if row.names > 1:
        return f"at this rate the space is full (about 305,834 names) {when}"
    return f"at this rate the counter is full (65,535) {when}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    for size, word in ((DAY, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
        if seconds >= 2 * size:
            return f" ({seconds / size:.0f} {word})"
    return f" ({seconds:.0f} seconds)"


def notes(rows: Iterable[SeriesRow], suspect: list[SeriesRow], recycled: int) -> Iterator[str]:
    """Tell of what changed and is no finding."""
    busy = 0
    for row in rows:
        if any(row is other for other in suspect):
            continue
        if row.kept.course is Course.ONCE:
            yield f"{label(row)}: {unit(row)} {numbers(row.change.series)}: {pace(row)}: {_meaning(row)}"
        else:
            busy += row.names
    if busy:
        yield f"{busy} more {'row has' if busy == 1 else 'rows have'} no rate: they come and go"
    if recycled:
        yield f"{recycled} names of ordinary ports denote other ports now than at first"


def _meaning(row: SeriesRow) -> str:
    if row.change.right is Right.DEAD_NAME and row.change.change > 0:
        return "the port died, and its references are still held"
    if row.change.change < 0:
        return "given back once"
    if row.kept.rounds[0] == 1:
        return "what fills at its first use and stays, as a cache does"
    return "one event has no rate; more rounds would tell"


def label(row: SeriesRow) -> str:
    """Name a row: task, right, kobject type, owner."""
    change = row.change
    who = change.role or change.process.name or str(change.process.pid)
    kind = change.kobject_label or ("message-queue" if change.right is not Right.DEAD_NAME else "")
    owner = f" of {change.of}" if change.of else ""
    return f"{who} {change.right} {kind}{owner}".rstrip()
