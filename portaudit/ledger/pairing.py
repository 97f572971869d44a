"""Which acquisition did a release end? References of one name cannot be told apart, so this is a choice.

What it prefers, in order: the likest stack, seen from outside; stacks that were paired before; the same
thread; the latest. How many references are left does not depend on it. The time grows with the events alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from portaudit.model.ledger import EVERYTHING, Event

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from portaudit.model.ledger import Ledger

Key = tuple[int, bool]
"""A name, and whether it is its receive right or port set rather than its user references."""

RECEIVE, PORT_SET, ANY = 1, 3, 255
"""MACH_PORT_RIGHT_*, and a ledger's word for whichever user references a name has."""

GROUPS_MAX = 48
"""So many of the latest origins of one name are asked; more only a name without end has."""


class Source(NamedTuple):
    """What acquisitions have in common that cannot be told apart."""

    stack: int
    function: str
    thread: int


@dataclass(slots=True)
class Held:
    """The references of one name: who acquired those that are open, and how many came and went."""

    open: dict[Source, list[int]] = field(default_factory=dict)
    """Sequences of the acquisitions that no release was paired with; the latest source last."""
    acquired: Counter[Source] = field(default_factory=Counter)
    released: int = 0
    extra: list[tuple[Event, Event | None]] = field(default_factory=list)
    """Releases without an open acquisition, with the release before."""
    net: int = 0
    everything: bool = False
    """A call took all references: the sum does not tell what was there before."""


@dataclass(frozen=True, slots=True)
class Paired:
    """What became of every name, and the releases that were refused, each with the one before."""

    held: dict[Key, Held]
    bad: tuple[tuple[Event, Event | None], ...]


SAME_CALL, SAME_FUNCTION = 2, 1


class Likeness:
    """How like two stacks are, frame by frame from the outermost: same call, same function, or how near."""

    def __init__(self, ledger: Ledger, functions: Mapping[int, Hashable]) -> None:
        self._stacks = ledger.stacks
        self._functions = functions
        self._known: dict[tuple[int, int], tuple[int, ...]] = {}

    def __call__(self, one: int, other: int) -> tuple[int, ...]:
        """Compare two stacks of the ledger; the greater, the likelier they belong together."""
        known = self._known.get((one, other))
        if known is None:
            pairs = zip(reversed(self._stacks[one]), reversed(self._stacks[other]), strict=False)
            known = self._known[one, other] = tuple(self._frame(a, b) for a, b in pairs)
        return known

    def _frame(self, one: int, other: int) -> int:
        if one == other:
            return SAME_CALL
        function = self._functions.get(one)
        if function is not None and function == self._functions.get(other):
            return SAME_FUNCTION
        return -abs(one - other)


NO_FUNCTIONS: Mapping[int, Hashable] = MappingProxyType({})


def pair(ledger: Ledger, events: Sequence[Event], functions: Mapping[int, Hashable] = NO_FUNCTIONS) -> Paired:
    """Pair releases with acquisitions, twice: the second time it is known which stacks go together.

    `functions` says which function a return address lies in, as far as that is known.
    """
    likeness = Likeness(ledger, functions)
    habit = _Pairing(likeness, Counter())
    habit.run(events)
    second = _Pairing(likeness, habit.learned)
    return second.run(events)


class _Pairing:
    def __init__(self, likeness: Likeness, habit: Counter[tuple[int, int]]) -> None:
        self._likeness = likeness
        self._habit = habit
        self._held: defaultdict[Key, Held] = defaultdict(Held)
        self._bad: list[tuple[Event, Event | None]] = []
        self._last: dict[int, Event] = {}
        self._sets: set[int] = set()
        self.learned: Counter[tuple[int, int]] = Counter()

    def run(self, events: Iterable[Event]) -> Paired:
        for event in events:
            held = self._held[self._key(event)]
            if event.change > 0:
                self._acquire(held, event)
            elif event.done:
                self._release(held, event)
            else:
                self._bad.append((event, self._last.get(event.name)))
        return Paired(dict(self._held), tuple(self._bad))

    def _key(self, event: Event) -> Key:
        """Say what an event counts: a deallocate of a port set takes the set itself."""
        if event.change > 0 and event.right in {RECEIVE, PORT_SET}:
            self._sets.discard(event.name) if event.right == RECEIVE else self._sets.add(event.name)
        if event.right == ANY and event.name in self._sets:
            return event.name, True
        return event.key

    def _acquire(self, held: Held, event: Event) -> None:
        source = Source(event.stack, event.function, event.thread)
        sequences = held.open.pop(source, [])
        held.open[source] = sequences
        sequences.extend([event.sequence] * event.change)
        held.acquired[source] += event.change
        held.net += event.change

    def _release(self, held: Held, event: Event) -> None:
        if event.change == EVERYTHING:
            for key in ((event.name, False), (event.name, True)):
                if key in self._held:
                    self._forget(self._held[key])
            self._last[event.name] = event
            return
        for _ in range(-event.change):
            source = self._best(held, event)
            if source is None:
                held.extra.append((event, self._last.get(event.name)))
            else:
                sequences = held.open[source]
                sequences.pop()
                if not sequences:
                    del held.open[source]
                self.learned[source.stack, event.stack] += 1
        held.released -= event.change
        held.net += event.change
        self._last[event.name] = event

    @staticmethod
    def _forget(held: Held) -> None:
        held.open.clear()
        held.released += max(held.net, 0)
        held.net, held.everything = 0, True

    def _best(self, held: Held, event: Event) -> Source | None:
        best: Source | None = None
        best_rank: tuple[tuple[int, ...], int, bool] = ((), -1, False)
        for at, source in enumerate(reversed(held.open)):
            if at >= GROUPS_MAX:
                break
            rank = (
                self._likeness(source.stack, event.stack),
                self._habit[source.stack, event.stack],
                source.thread == event.thread,
            )
            if rank > best_rank:
                best, best_rank = source, rank
        return best
