"""Releases of what is not there: they leave no row in any table, and are findings of their own."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.model.declared import Place
from portaudit.model.finding import Finding, Verdict
from portaudit.model.ledger import Release, Where
from portaudit.model.severity import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portaudit.ledger.joining import Joined
    from portaudit.ledger.stacks import Resolve
    from portaudit.model.difference import Change
    from portaudit.model.ledger import Event

INVALID_NAME, INVALID_RIGHT, INVALID_VALUE = 15, 17, 18
BAD_CODES = frozenset({INVALID_NAME, INVALID_RIGHT, INVALID_VALUE})
"""KERN_*: what a release of something that is not there is answered with."""


def bad_releases(part: Joined, row: Change | None, resolve: Resolve) -> Iterable[Finding]:
    """Make a finding of each place that releases what is not there: it leaves no row in any table."""
    groups: defaultdict[tuple[str, int, int], list[tuple[Event, Event | None]]] = defaultdict(list)
    for event, before in part.paired.bad:
        never_back = event.begun_only and before is not None and _nothing_left(part, event)
        if event.code in BAD_CODES or never_back:
            groups[event.function, event.stack, before.stack if before else -1].append((event, before))
    for pairs in groups.values():
        yield _bad_release(part, row, pairs, resolve)


def _nothing_left(part: Joined, event: Event) -> bool:
    held = part.paired.held[event.key]
    return held.net <= 0 and not held.open and not held.everything


def _bad_release(
    part: Joined, row: Change | None, pairs: list[tuple[Event, Event | None]], resolve: Resolve
) -> Finding:
    event, before = pairs[0]
    stacks = part.stacks.resolved([event.stack, *([before.stack] if before else [])], resolve)
    earlier = Release(before.function, stacks[before.stack]) if before else None
    code = None if event.begun_only else event.code
    release = Release(event.function, stacks[event.stack], len(pairs), code, earlier)
    who = f"process {part.ledger.pid}" if row is None else (row.role or row.process.name or "the process")
    times = "" if len(pairs) == 1 else f", {len(pairs)} times"
    answer = "the process did not come back from it" if code is None else f"the kernel answered {code}"
    found = Finding(
        rule="O5",
        severity=Severity.ERROR,
        verdict=Verdict.OVER_RELEASED,
        title=f"{who} gives back a right that it does not have",
        evidence=f"{event.function} of 0x{event.name:x}{times}: {answer}; no table shows it",
        cause="released twice: here, and before that there" if before else "released without being held",
        fix="set a name to MACH_PORT_NULL when its reference is given back",
        confidence=Confidence.CERTAIN if before and code is not None else Confidence.LIKELY,
        where=(Where(part.ledger.path, 0, releases=(release,), incomplete=part.incomplete),),
    )
    return placed(found)


def placed(finding: Finding) -> Finding:
    """Show a finding at the line of own code that its references come from, unless it has a place."""
    frame = next((found for where in finding.where if (found := where.place)), None)
    if finding.place is not None or frame is None or frame.file is None:
        return finding
    return structs.replace(finding, place=Place(frame.file, frame.line or 1))
