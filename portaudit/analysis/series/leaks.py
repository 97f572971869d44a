"""What comes and goes in a series, class by class: what stays from every round is a leak."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.analysis.classes import RightsClass, class_words, held_before, key_of
from portaudit.analysis.kinds import title_of
from portaudit.analysis.pairs import Matter
from portaudit.analysis.series.course import (
    course_of,
    end_of,
    kept_steps,
    numbers,
    pace,
    references_climb,
    size_grows,
)
from portaudit.analysis.series.survival import Leak, Lives, leak_of, lives_of, sizes
from portaudit.model.difference import a_round
from portaudit.model.kobject import VOUCHER
from portaudit.model.rights import Right
from portaudit.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from portaudit.model.difference import Change, Difference

LEAST_ROUNDS = 5
"""Fewer rounds tell a leak no better than a pair does."""

LISTED = 8
"""Classes that a sentence names."""

SPACED = 1.0
"""Seconds between two readings: a worker thread lives five seconds after its work (XNU
workqueue_internal.h), so that closer rounds leave something each in every healthy process."""


def too_little(difference: Difference) -> str | None:
    """Say why a series cannot tell a leak from what comes and goes; None if it can."""
    if difference.rounds < LEAST_ROUNDS:
        return (
            f"{difference.rounds} rounds are judged as a pair where rights come and go: "
            f"{LEAST_ROUNDS} rounds or more tell a leak from that, 10 tell it well"
        )
    times = [snapshot.taken for snapshot in difference.snapshots if snapshot.taken is not None]
    if len(times) == len(difference.snapshots) and (times[-1] - times[0]) / difference.rounds < SPACED:
        return (
            "the rounds were closer than a second, in which threads that did their work are still there: "
            "what comes and goes is judged as a pair; space the rounds (run --pace 2)"
        )
    return None


def unknown_times(leaks: Sequence[Matter], difference: Difference) -> str:
    """Say what a leak of what comes and goes rests on where a snapshot does not tell when it was taken."""
    if not leaks or all(snapshot.taken is not None for snapshot in difference.snapshots):
        return ""
    return (
        "when the snapshots were taken is not told, so the rounds are taken as spaced; rounds closer than a "
        "second leave something each in every healthy process"
    )


def judged_as_series(
    classes: Iterable[RightsClass], difference: Difference, operations: int
) -> Iterator[Matter]:
    """Give what leaks in each class; what has no rate comes and goes, and `without_a_rate` tells of it."""
    classes = tuple(classes)
    moving = sum(bool(known.names) for known in classes)
    leaks = [leak for known in classes if known.names and (leak := _leak(known, difference, moving))]
    for group in _born_together(leaks):
        yield _told(group, operations, difference)
    for row in (row for known in classes for row in known.references):
        if (slope := _climb(row)) is not None:
            yield _told_of_references(row, slope, operations)


def without_a_rate(classes: Iterable[RightsClass], leaks: Iterable[Matter]) -> str:
    """Say in one sentence which classes are larger or smaller than they were, and leak nothing each round."""
    told = {key_of(row) for leak in leaks for row in leak.rows}
    quiet = (known for known in classes if known.key not in told and not known.is_unread)
    moved = [(known, net) for known in quiet if (net := known.net)]
    listed = ", ".join(
        f"{title_of(known.names[0])} {class_words(known.key, abs(net))} {net:+d}"
        for known, net in moved[:LISTED]
    )
    more = f" and {len(moved) - LISTED} more" if len(moved) > LISTED else ""
    return f"without a rate, so coming and going: {listed}{more}" if moved else ""


@dataclass(frozen=True, slots=True)
class _Leak:
    """A class that leaks: how many names a round, and by which rounds."""

    known: RightsClass
    rate: float
    sign: str
    """What tells it: that names stay, or that there are ever more of them."""
    kept: tuple[int, ...]
    """Names that each round left, the first round first."""
    there: tuple[int, ...]
    """Names of the class in each reading."""
    survivors: tuple[Change, ...]


def _leak(known: RightsClass, difference: Difference, moving: int) -> _Leak | None:
    rows = [row.series for row in known.names]
    lives, changed = lives_of(rows), sizes(rows)
    found = leak_of(lives, moving)
    if found is not None:
        sign, rate, kept = "names that stay", found.rate, _left_by(found, lives)
    elif (line := size_grows(changed)) is not None:
        sign, rate, kept = "more names", line, kept_steps(changed)
    else:
        return None
    standing = held_before(known.key, difference) - changed[0]
    return _Leak(
        known,
        rate,
        sign,
        kept,
        tuple(standing + number for number in changed),
        tuple(row for row in known.names if row.series[-1] and not all(row.series)),
    )


def _left_by(leak: Leak, lives: Lives) -> tuple[int, ...]:
    """Give the names of a leak by the rounds that left them."""
    return tuple(leak.count if number >= leak.count else 0 for number in reversed(lives.survivors))


def _born_together(leaks: Sequence[_Leak]) -> Iterator[tuple[_Leak, ...]]:
    """Join classes of one task that leak in the same rounds: the two ends of a connection are one leak.

    A receive right joins the send rights, the thread or the object that it came with; other classes stay
    apart.
    """
    ports = {leak.known.key: leak for leak in leaks if leak.known.key.right is Right.RECEIVE}
    for leak in leaks:
        if leak.known.key.right is Right.RECEIVE:
            continue
        mate = next((port for port in ports.values() if _together(leak, port)), None)
        if mate is not None:
            del ports[mate.known.key]
        yield (leak, mate) if mate is not None else (leak,)
    for port in ports.values():
        yield (port,)


def _together(one: _Leak, other: _Leak) -> bool:
    a, b = one.known.key, other.known.key
    if (a.role, a.process) != (b.role, b.process) or abs(one.rate - other.rate) > max(
        one.rate, other.rate
    ) / 4:
        return False
    both = sum(bool(x) and bool(y) for x, y in zip(one.kept, other.kept, strict=True))
    return both >= 0.8 * max(sum(map(bool, one.kept)), sum(map(bool, other.kept)))


def _told(group: Sequence[_Leak], operations: int, difference: Difference) -> Matter:
    rows = tuple(_class_row(leak, operations) for leak in group)
    first = group[0]
    counted = f"names {numbers(first.there)}"
    return Matter(
        rows,
        Severity.ERROR,
        counted,
        class_words(first.known.key, len(first.survivors)),
        f"{first.sign} from {_share(first)}; {end_of(rows[0], first.rate, difference.snapshots)}",
        first.rate / operations,
        pace(course_of(first.kept)),
        tuple(row for leak in group for row in leak.survivors) or tuple(first.known.names),
    )


def _share(leak: _Leak) -> str:
    events, rounds = sum(map(bool, leak.kept)), len(leak.kept)
    return "each round" if events == rounds else f"{events} of {rounds} rounds"


def _class_row(leak: _Leak, operations: int) -> Change:
    rows = leak.survivors or tuple(leak.known.names)
    return structs.replace(
        rows[-1],
        object=None,
        before=leak.there[0],
        after=leak.there[-1],
        series=leak.there,
        names=tuple(row.name for row in rows if row.name is not None),
        rate=leak.rate / operations,
    )


def _climb(row: Change) -> float | None:
    slope = references_climb(row.series, in_use=row.kobject == VOUCHER) if row.residual else None
    # A voucher that falls is one that is used up, as a healthy one is
    return None if slope is not None and slope < 0 and row.kobject == VOUCHER else slope


def _told_of_references(row: Change, slope: float, operations: int) -> Matter:
    return Matter(
        (structs.replace(row, rate=slope / operations),),
        Severity.ERROR,
        f"references {numbers(row.series)}",
        "references",
        "",
        slope / operations,
        a_round(slope),
        falls=slope < 0,
    )
