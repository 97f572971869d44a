"""What a function of the same file does with the rights that it is given."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from portaudit.lint.flow.state import Part, Status

if TYPE_CHECKING:
    from portaudit.lint.flow.state import Log, Site
    from portaudit.lint.program import Function


@dataclass(frozen=True, slots=True)
class Summary:
    """Positions of parameters that are released or kept, and rights that the caller owns afterwards."""

    releases: frozenset[int] = frozenset()
    keeps: frozenset[int] = frozenset()
    result: Site | None = None
    out: dict[int, Site] = field(default_factory=dict)
    succeeds_when: bool | None = None
    """Whether a true result says that the rights were given."""


class Summaries(Protocol):
    """Gives the summary of a function of the same file; None for one that is not in it."""

    def __call__(self, name: str, arguments: int) -> Summary | None:
        """Look a function up by its name and number of arguments."""


def summary(function: Function, log: Log) -> Summary:
    """Sum up what all paths of a function showed."""
    releases, keeps = set(), set()
    for site, exits in log.exits.items():
        if site.part is Part.PARAMETER:
            ends = {end.status for end in exits}
            if Status.RELEASED in ends:
                releases.add(site.position)
            elif Status.LEFT in ends:
                keeps.add(site.position)
    if not log.complete:
        keeps |= set(range(len(function.parameters))) - releases
    given = [site for site in log.returned - log.shared if site.part is Part.RIGHT]
    return Summary(
        frozenset(releases),
        frozenset(keeps),
        given[0] if given else None,
        dict(log.out),
        _succeeds_when(function.result),
    )


def _succeeds_when(result: str) -> bool | None:
    words = result.split()
    if {"kern_return_t", "IOReturn", "mach_msg_return_t", "kern_return"} & set(words):
        return False
    return True if {"bool", "BOOL", "Bool", "boolean_t"} & set(words) else None
