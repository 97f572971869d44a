"""Two processes that live in played time: what stands in their spaces, what happens next, and faults in them.

Time is in seconds. Whatever a process does is an event that schedules the next one; a round is a trigger, and
a reading just before the next trigger.
"""

import heapq
import math
import random
from collections.abc import Callable, Iterator
from itertools import count
from typing import NamedTuple

SEND, RECEIVE, ONCE, SET, DEAD = 1 << 16, 1 << 17, 1 << 18, 1 << 19, 1 << 20
HOST, EXTENSION = "host", "extension"


class Row(NamedTuple):
    """What stands under one name, as a probe record tells it."""

    type: int
    urefs: int
    object: int
    kobject: int | None
    make_send: int | None = None
    has_senders: bool | None = None
    in_set: bool | None = None


class Part(NamedTuple):
    """One of the rights that a thing consists of."""

    right: int
    kobject: int | None = None
    make_send: int | None = None
    has_senders: bool | None = None
    in_set: bool | None = None


REPLY = Part(RECEIVE, None, 0, has_senders=False, in_set=False)
KINDS: dict[str, tuple[Part, ...]] = {
    "thread": (Part(SEND, 1), REPLY),
    "semaphore": (Part(SEND, 23),),
    "voucher": (Part(SEND, 37),),
    "reply": (REPLY,),
    "once": (Part(ONCE),),
    "connection": (Part(SEND, 0), Part(RECEIVE, None, 1, has_senders=True, in_set=False)),
    "service": (Part(SEND, 0),),
    "source": (Part(RECEIVE, None, 1, has_senders=True, in_set=True),),
    "surface": (Part(SEND, 30),),
    "client": (Part(SEND, 29),),
    "memory": (Part(SEND, 28),),
    "timer": (Part(SEND, 8),),
    "file": (Part(SEND, 34),),
    "set": (Part(SET),),
    "dead": (Part(DEAD),),
    "stranger": (Part(SEND, 20),),
}
"""Kind of thing -> the rights that come and go with it."""

STANDING = ("service", "source", "semaphore", "memory", "connection", "voucher", "client", "set", "timer")


class Thing(NamedTuple):
    """Something that a process made: in whose space, under which names."""

    role: str
    names: tuple[int, ...]


class Event(NamedTuple):
    """Something that will happen; no two have one number."""

    at: float
    number: int
    act: Callable[[], None]


class World:
    """A host and an extension, and the clock."""

    def __init__(self, seed: object, rows: int, age: float = 0) -> None:
        self.chance = random.Random(f"churn {seed}")  # noqa: S311  played chance
        self.now = 0.0
        self.age = age
        """Seconds that both have lived when they are read first."""
        self.spaces: dict[str, dict[int, Row]] = {HOST: {}, EXTENSION: {}}
        self.triggered: list[Callable[[], None]] = []
        self._events: list[Event] = []
        self._numbers = count()
        self._names = {role: self._slots() for role in self.spaces}
        self._free: dict[str, list[int]] = {HOST: [], EXTENSION: []}
        self._objects: set[int] = set()
        machine = self.object()
        self.own = {role: self.object() for role in self.spaces}
        for role in self.spaces:
            self.put(role, Row(SEND, 3, self.own[role], 2))
            self.put(role, Row(SEND, 2, machine, 3))
            self.put(role, Row(SEND, 1, self.object(), 1))
            for _ in range(rows if role == HOST else rows // 2):
                self.make(role, self.chance.choice(STANDING))

    # -- spaces

    def _slots(self) -> Iterator[int]:
        for slot in count(1):
            yield slot << 8 | 3

    def object(self) -> int:
        """Give the id of a new port."""
        while (number := self.chance.randrange(1, 1 << 32)) in self._objects:
            pass
        self._objects.add(number)
        return number

    def put(self, role: str, row: Row) -> int:
        """Give a right a name: the slot that was freed last, one generation on, or a new one."""
        name = self._free[role].pop() if self._free[role] else next(self._names[role])
        self.spaces[role][name] = row
        return name

    def make(self, role: str, kind: str) -> Thing:
        """Make a thing of a kind."""
        names = tuple(self.put(role, self._row(part)) for part in KINDS[kind])
        return Thing(role, names)

    def _row(self, part: Part) -> Row:
        counted = part.right in (SEND, DEAD)
        number = 0 if part.right == DEAD else self.object()
        return Row(part.right, int(counted), number, *part[1:])

    def drop(self, thing: Thing) -> None:
        """Release what a thing consists of."""
        for name in thing.names:
            if self.spaces[thing.role].pop(name, None) is not None:
                turn = (name & 0xFF) + 4 & 0xFF
                self._free[thing.role].append(name & ~0xFF | turn)

    def references(self, role: str, name: int, number: int) -> None:
        """Take references under a name, or give them back."""
        row = self.spaces[role][name]
        self.spaces[role][name] = row._replace(urefs=row.urefs + number)

    # -- time

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Let something happen in so many seconds."""
        heapq.heappush(self._events, Event(self.now + seconds, next(self._numbers), act))

    def pause(self, mean: float) -> float:
        """Draw the time to an event that happens every so many seconds."""
        return self.chance.expovariate(1 / mean)

    def live(self, seconds: float) -> None:
        """Let time pass."""
        end = self.now + seconds
        while self._events and self._events[0].at <= end:
            event = heapq.heappop(self._events)
            self.now = event.at
            event.act()
        self.now = end

    def trigger(self) -> None:
        """Let the pair do once what is under audit."""
        for act in self.triggered:
            act()

    def poisson(self, mean: float) -> int:
        """Draw how often something happens that happens so often in the mean."""
        number, product, limit = -1, 1.0, math.exp(-mean)
        while product > limit:
            number, product = number + 1, product * self.chance.random()
        return number
