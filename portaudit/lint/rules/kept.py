"""Rights that a function takes and nobody gives back (S1 to S12), and memory of arrays (S13)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from portaudit.lint.flow.state import OURS, Part, Status
from portaudit.lint.rules import Claim
from portaudit.model.severity import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portaudit.lint.flow.state import Exit, Log, Site
    from portaudit.lint.program import Function, Span

MEMORY = "S13"
ENDS_THE_PROCESS = frozenset({"main", "NSApplicationMain", "wmain"})
"""Where these return, the process ends and its rights with it."""


def dropped(_function: Function, log: Log) -> Iterator[Claim]:
    """Find rights that no variable holds: made as an argument, compared, or thrown away."""
    for site, borrower in log.dropped.items():
        by = f"{borrower}() only borrows it" if borrower else "nothing keeps it"
        made = f"{site.function}() adds a reference that nobody can give back: {by}"
        yield Claim(site.rule, Confidence.CERTAIN, site.span, made)


def kept(function: Function, log: Log) -> Iterator[Claim]:
    """Find rights that a variable holds when it ends or gets another value."""
    if not log.complete:
        return
    exits: defaultdict[Site, set[Exit]] = defaultdict(set)
    lost: dict[Site, Span] = {}
    for site, ends in log.exits.items():
        exits[site.newer or site] |= ends if function.name not in ENDS_THE_PROCESS else set()
    for site, span in log.lost.items():
        lost.setdefault(site.newer or site, span)
    for site in {**dict.fromkeys(exits), **lost}:
        if site.part is Part.RIGHT and site not in log.dropped:
            yield from _kept(function, log, site, exits[site], lost.get(site))


def _kept(function: Function, log: Log, site: Site, exits: set[Exit], lost: Span | None) -> Iterator[Claim]:
    ends = {end.status for end in exits}
    held = sorted(end.span for end in exits if end.status in OURS - {Status.UNSURE})
    sure = held or [end.span for end in exits if end.status is Status.UNSURE]
    elsewhere = {Status.RELEASED, Status.LEFT} & ends or _is_released(log, site)
    if not elsewhere and (sure or lost):
        lent = Status.LENT in ends or function.broken
        yield Claim(
            site.rule,
            Confidence.HINT if lent else Confidence.LIKELY,
            site.span,
            f"{_gives(site)}, and nothing in {_shown(function.name)} gives {_it(site)} back",
            ((lost, "the variable gets another value here"),) if lost and not sure else (),
        )
    elif lost is not None:
        yield Claim(
            site.rule,
            Confidence.HINT,
            site.span,
            f"{_gives(site)}; on some way the variable gets another value before it is given back",
            ((lost, "the variable gets another value here"),),
        )
    elif held:
        yield Claim(
            site.rule,
            Confidence.HINT,
            site.span,
            f"{_gives(site)}; on some way out {_they(site)} neither given back nor passed on",
            tuple((span, "this way out keeps it") for span in held[:3]),
        )


def memory(function: Function, log: Log) -> Iterator[Claim]:
    """Find arrays whose rights are given back, but not their memory."""
    if not log.complete or function.name in ENDS_THE_PROCESS:
        return
    for site, exits in log.exits.items():
        if site.part is not Part.MEMORY:
            continue
        ends = {end.status for end in exits}
        rights = {end.status for other, told in log.exits.items() if _same_call(other, site) for end in told}
        if not rights & OURS and Status.RELEASED in rights and ends & OURS and Status.LEFT not in ends:
            sure = (
                Confidence.LIKELY if Status.RELEASED not in ends and not function.broken else Confidence.HINT
            )
            if sure is Confidence.LIKELY or Status.HELD in ends:
                yield Claim(
                    MEMORY,
                    sure,
                    site.span,
                    f"the rights of {site.function}() are given back, but not the memory of their array",
                )


def _same_call(other: Site, site: Site) -> bool:
    return other.part is Part.RIGHT and other.span == site.span


def _is_released(log: Log, site: Site) -> bool:
    return any(site in {released, released.newer} for released, _ in log.releases)


def _gives(site: Site) -> str:
    if site.array:
        return f"{site.function}() adds a reference for each right in its array"
    return f"{site.function}() adds a reference"


def _it(site: Site) -> str:
    return "them" if site.array else "it"


def _they(site: Site) -> str:
    return "they are" if site.array else "it is"


def _shown(name: str) -> str:
    return f"{name}()" if name.isidentifier() else name
