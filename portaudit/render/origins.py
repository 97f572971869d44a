"""Where references were acquired and given back: in words for people, and whole for programs."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from portaudit.harmless import safe
from portaudit.render.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.model.finding import Finding
    from portaudit.model.ledger import Frame, Origin, Release, Stack, Where

SHOWN_FRAMES = 3
"""Frames of a stack that are shown where there is little room."""
SHOWN_PLACES = 4
"""Places that are shown there."""
FRAME_MAX = 200
"""Characters of a frame."""


def where_facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield label and text of what ledgers tell of a finding."""
    for where in finding.where:
        if where.references > 0:
            yield "Where", _known(where)
        yield from islice(_origins(where), SHOWN_PLACES)
        more = len(list(_origins(where))) - SHOWN_PLACES
        if more > 0:
            yield "Where", f"... and from {counted(more, 'more place')}: --format json has all"
        for release in where.releases[:SHOWN_PLACES]:
            yield from _release(release)
        if where.unknown:
            yield "Where", f"{where.unknown:+d} by what the ledger did not see"
        if where.incomplete:
            yield "Where", safe(where.incomplete)


def _known(where: Where) -> str:
    return f"{where.known} of {counted(where.references, 'reference')} of known origin"


def _origins(where: Where) -> Iterator[tuple[str, str]]:
    """Add up what looks the same when it is shown: it differs in outer frames only."""
    groups: dict[tuple[str, str], list[Origin]] = {}
    for origin in where.origins:
        groups.setdefault((origin.function, short(origin.stack)), []).append(origin)
    for (function, stack), group in groups.items():
        kept, acquired = sum(one.kept for one in group), sum(one.acquired for one in group)
        sure = "" if all(one.certain for one in group) else "likely "
        rounds = [sum(counts) for counts in zip(*(one.rounds for one in group), strict=True)]
        course = f", by round {' '.join(map(str, rounds))}" if rounds else ""
        text = f"{sure}kept {kept} of {acquired} acquired by {safe(function)} < {stack}{course}"
        yield "From", text


def _release(release: Release) -> Iterator[tuple[str, str]]:
    times = f", {release.count} times" if release.count > 1 else ""
    yield "Freed", f"{safe(release.function)} < {short(release.stack)}{times}"
    if release.earlier is not None:
        yield "Before", f"{safe(release.earlier.function)} < {short(release.earlier.stack)}"


def short(stack: Stack) -> str:
    """Say a stack in a few frames: own code, if there is any."""
    own = [frame for frame in stack if frame.own]
    shown = (own or list(stack))[:SHOWN_FRAMES]
    return " < ".join(safe(str(frame), FRAME_MAX) for frame in shown) or "a stack that was not recorded"


def where_json(finding: Finding) -> dict[str, Any]:
    """Give all that ledgers tell of a finding, with every frame; nothing if there is no ledger."""
    return {"where": [_where(where) for where in finding.where]} if finding.where else {}


def _where(where: Where) -> dict[str, Any]:
    return {
        "ledger": where.ledger,
        "references": where.references,
        "known": where.known,
        "unknown": where.unknown,
        "incomplete": where.incomplete,
        "origins": [
            {
                "function": origin.function,
                "kept": origin.kept,
                "acquired": origin.acquired,
                "certain": origin.certain,
                "rounds": list(origin.rounds),
                "stack": [_frame(frame) for frame in origin.stack],
            }
            for origin in where.origins
        ],
        "releases": [_told(release) for release in where.releases],
    }


def _told(release: Release) -> dict[str, Any]:
    return {
        "function": release.function,
        "count": release.count,
        "code": release.code,
        "stack": [_frame(frame) for frame in release.stack],
        "earlier": None if release.earlier is None else _told(release.earlier),
    }


def _frame(frame: Frame) -> dict[str, Any]:
    return {
        "image": frame.image,
        "id": frame.id or None,
        "offset": f"0x{frame.offset:x}",
        "symbol": frame.symbol,
        "file": frame.file,
        "line": frame.line,
    }


def stacks_of(finding: Finding) -> Iterator[tuple[str, Stack]]:
    """Yield every stack of a finding with a heading, for formats that have room for them."""
    for where in finding.where:
        for origin in where.origins:
            yield f"kept {origin.kept} of {origin.acquired} acquired by {origin.function}", origin.stack
        for release in where.releases:
            yield f"freed by {release.function}", release.stack
            if release.earlier is not None:
                yield f"before that by {release.earlier.function}", release.earlier.stack
