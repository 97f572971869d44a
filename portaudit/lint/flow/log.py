"""What was seen on the way through a function, over all its paths."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portaudit.lint.flow.state import Site, Status
    from portaudit.lint.program import Span


@dataclass(frozen=True, slots=True)
class Exit:
    """How a right stands where a path ends; `failed` says whether an error code was returned, if known."""

    status: Status
    span: Span
    failed: bool | None


def _sets() -> defaultdict[tuple[Site, Span], set[Status]]:
    return defaultdict(set)


@dataclass(slots=True)
class Log:
    """The events of one function."""

    dropped: dict[Site, str] = field(default_factory=dict)
    """Rights that nothing holds any more, with the function that borrowed each."""
    lost: dict[Site, Span] = field(default_factory=dict)
    """Rights whose only variable got another value."""
    releases: defaultdict[tuple[Site, Span], set[Status]] = field(default_factory=_sets)
    """What a right was before each release of it."""
    uses: defaultdict[tuple[Site, Span], set[Status]] = field(default_factory=_sets)
    used_by: dict[Span, str] = field(default_factory=dict)
    wrong: dict[tuple[Site, Span], str] = field(default_factory=dict)
    """Releases by a function of another kind of right."""
    made: dict[tuple[Site, Span], str] = field(default_factory=dict)
    """Send rights that are made from what is no receive right."""
    sent: set[Site] = field(default_factory=set)
    """Receive rights that got a send right of their own."""
    exits: defaultdict[Site, set[Exit]] = field(default_factory=lambda: defaultdict(set))
    out: dict[int, Site] = field(default_factory=dict)
    """Rights that leave through a pointer parameter, by its position."""
    returned: set[Site] = field(default_factory=set)
    shared: set[Site] = field(default_factory=set)
    """Rights that are returned, and kept elsewhere on that path: the caller gets no reference of its own."""
    complete: bool = True
    """All paths were seen; too many of them prove nothing."""
