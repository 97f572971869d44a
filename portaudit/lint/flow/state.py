"""What is known at one point of one path, and what was seen on all paths through a function.

Which variable holds which right, and what became of it; and summed up, what a caller in the same file must
know of the rights that it gives.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portaudit.lint.program import Function, Span
    from portaudit.model.rights import Right


class Part(StrEnum):
    """What is tracked of what a call gave."""

    RIGHT = "right"
    MEMORY = "memory"  # of an array that the kernel allocated for its rights
    PARAMETER = "parameter"  # what the function was called with


@dataclass(frozen=True, slots=True, eq=False)
class Site:
    """A call that gives a right, or a parameter; compared by identity."""

    part: Part
    rule: str
    function: str
    """The name of the call, or of the parameter."""
    span: Span
    right: Right | None
    array: bool = False
    position: int = -1
    """Of a parameter."""
    newer: Site | None = None
    """Of what the same call gave in an earlier round of a loop: what it gave last."""


class Status(StrEnum):
    """What became of a right."""

    HELD = "held"
    UNSURE = "unsure"  # held, if it was given at all
    LENT = "lent"  # held; elements of it went to functions that nobody here has read
    RELEASED = "released"
    LEFT = "left"  # kept elsewhere: returned, stored, passed on


OURS = frozenset({Status.HELD, Status.UNSURE, Status.LENT})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value that tells whether rights were given: true means so, false means so, or nobody can tell."""

    sites: frozenset[Site]
    when: bool | None


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression evaluates to, as far as rights go."""

    sites: frozenset[Site] = frozenset()
    outcome: Outcome | None = None
    element: bool = False


NONE = Value()


@dataclass(slots=True)
class State:
    """One path's knowledge; copied where paths part."""

    bound: dict[str, frozenset[Site]] = field(default_factory=dict)
    status: dict[Site, Status] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    facts: dict[str, bool] = field(default_factory=dict)
    swept: dict[Site, int] = field(default_factory=dict)
    """The loop that releases an array's rights, one by one: who leaves it early keeps the rest."""

    def copy(self) -> State:
        """Give a state that may change on its own."""
        return State(*(dict(table) for table in self._tables()))

    def _tables(self) -> tuple[dict[Any, Any], ...]:
        return self.bound, self.status, self.outcomes, self.facts, self.swept

    def key(self) -> tuple[object, ...]:
        """Give what makes two states the same."""
        return tuple(frozenset(table.items()) for table in self._tables())

    def put(self, sites: Iterable[Site], status: Status) -> None:
        """Say what became of these rights."""
        for site in sites:
            self.status[site] = status

    def age(self, site: Site, older: Site) -> None:
        """Let what a call gave in an earlier round, and a variable still holds, be another right."""
        if site in self.status and self.is_named(site):
            self.status[older] = self.status.pop(site)
            self.bound = {
                path: frozenset(older if held is site else held for held in sites)
                for path, sites in self.bound.items()
            }

    def never_given(self, sites: frozenset[Site]) -> None:
        """Forget rights that turned out not to have been given on this path."""
        gone = {site for site in sites if self.status.get(site) in OURS}
        for site in gone:
            del self.status[site]
        self.bound = {path: left for path, held in self.bound.items() if (left := held - gone)}

    def doubt(self, sites: frozenset[Site]) -> None:
        """Note that nobody can tell whether these rights were given on this path."""
        for site in sites:
            if self.status.get(site) is Status.HELD:
                self.status[site] = Status.UNSURE

    def is_named(self, site: Site) -> bool:
        """Say whether a variable holds this right."""
        return any(site in held for held in self.bound.values())

    def rewrite(self, path: str) -> None:
        """Forget what was known of a variable's truth: somebody was given its address."""
        self.outcomes.pop(path, None)
        self.facts.pop(path, None)

    def forget(self, path: str) -> None:
        """Forget what was known of a variable that is about to change."""
        self.bound.pop(path, None)
        self.rewrite(path)


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
