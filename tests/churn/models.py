"""Healthy processes by what they do, and faults that are planted in them."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.churn import driven as d
from tests.churn import habits as h
from tests.churn.world import EXTENSION, HOST, KINDS, RECEIVE, SEND, Row, World

Habit = Callable[[World, str], None]
ORPHAN = Row(RECEIVE, 0, 0, None, 1, has_senders=False, in_set=False)


def everyday(pace):
    """Give what every process does, so many times as often as a quiet one."""
    every = {
        **dict.fromkeys(("semaphore", "once", "voucher"), 2.5),
        **dict.fromkeys(("memory", "surface", "reply"), 5),
        **dict.fromkeys(("source", "timer", "stranger", "dead", "set", "file"), 12),
    }
    life = {"voucher": 5, "memory": 4, "surface": 5, "source": 4, "dead": 6}
    return (
        *(h.come_and_go(kind, seconds / pace, life.get(kind, 2)) for kind, seconds in every.items()),
        h.worker_pool(1.5 / pace),
        h.come_and_go("connection", 6 / pace, 6),
        h.in_use("voucher", 1 / pace, 4),
        h.in_use("service", 4 / pace, 0.5),
    )


@dataclass(frozen=True)
class Model:
    """A healthy pair."""

    rows: int
    """Rows that stand all the time, in the host."""
    pace: float
    """How busy both are: 1 is an app of which a class changes about once in a round."""
    more: tuple[Habit, ...] = ()
    """What it does beside the everyday, in the host and in the extension."""
    age: float = 120
    """Seconds that it has lived before the first reading."""

    def world(self, seed):
        """Let a pair of this kind live until the first reading."""
        world = World(seed, self.rows, self.age)
        for role in (HOST, EXTENSION):
            share = 1 if role == HOST else 0.5
            for habit in (*(everyday(self.pace * share) if self.pace else ()), *self.more):
                habit(world, role)
        world.live(self.age)
        return world


def quiet(*more, **values):
    """Give a model of a quiet app that does something more."""
    return Model(60, 0.3, more, **values)


def lively(*more, **values):
    """Give a model of an app in use that does something more."""
    return Model(300, 1, more, **values)


MODELS = {
    "still": Model(30, 0),
    "quiet": quiet(),
    "lively": lively(),
    "crowded": Model(900, 4),
    "threads": lively(h.worker_pool(0.4, 0.5), h.worker_pool(3, 1)),
    "slowing-cache": lively(h.slowing_cache("surface", 12, 4), h.slowing_cache("client", 6, 8)),
    "features": quiet(h.features("service", 60, 0.5), h.features("client", 30, 1)),
    "rotated": lively(
        h.rotated("timer", 3, 7, 1), h.rotated("file", 2, 11, 2), h.rotated("source", 4, 5, 0.5)
    ),
    "storms": lively(h.storms("voucher", 12, 25, 3), h.storms("once", 9, 15, 1)),
    "retries": quiet(h.retries(), h.retries(1, 8), h.retries(0.5, 32, 0.1)),
    "reply-ports": quiet(*[h.replaced_after("reply", 20, 0.4)] * 4),
    "iterators": quiet(h.released_at_next("surface", 3, 4), h.released_at_next("client", 5, 2)),
    "third-rounds": quiet(h.jobs(("semaphore", "memory", "thread", "file"), 6, 3)),
    "nightly": lively(h.jobs(("connection",) * 6 + ("memory",) * 4, 26, 9)),
    "just-launched": lively(
        h.launch("surface", 40, 6), h.launch("connection", 16, 6), h.launch("semaphore", 20, 5), age=0
    ),
    "collected": quiet(h.collected("memory", 8, 0.8), h.collected("dead", 8, 1.5)),
    "up-to-a-limit": quiet(h.up_to("memory", 12, 2), h.up_to("semaphore", 5, 2), age=14),
    "trimmed": lively(h.trimmed("surface", 0.9, 6, 20), h.trimmed("memory", 1.7, 4, 12)),
    "swinging": lively(h.swinging("semaphore", 20, 18), h.swinging("memory", 14, 31)),
    "driven": quiet(
        h.worker_pool(by_trigger=2),
        d.recent("surface", 4),
        d.idle_out("connection", 10),
        d.lingering("semaphore", 2, 4),
        d.lingering("voucher", 1, 6),
    ),
    "driven-busy": lively(
        h.worker_pool(by_trigger=3),
        d.recent("memory", 8),
        d.idle_out("client", 6),
        d.lingering("reply", 3, 3),
    ),
    "closing": lively(
        h.closing("surface", 40, 12), h.closing("source", 20, 12), h.closing("connection", 9, 6)
    ),
    "voucher-churn": lively(*[h.in_use("voucher", 0.5, 3)] * 12, h.come_and_go("voucher", 0.3, 4)),
    "xpc-bursts": lively(h.storms("connection", 8, 6, 3), h.storms("once", 8, 6, 0.5)),
    "dead-name-storms": quiet(h.storms("dead", 10, 12, 6), h.collected("dead", 13, 0.7)),
    "under-pressure": lively(h.under_pressure("surface", 0.8, 4), h.under_pressure("memory", 2, 6)),
    "restarting-peers": quiet(*[h.restarting_peer(12, 2)] * 4),
    "log-rotation": lively(h.rotated("file", 1, 20, 0.3), h.jobs(("file", "memory", "thread"), 20, 4)),
    "drained": quiet(d.drained("memory", 4), d.drained("surface", 3), d.drained("once", 5)),
    "set-up-in-round-4": quiet(d.first_use(("source", "semaphore", "memory", "thread") * 3, 4)),
    "set-up-at-first": lively(d.first_use(("connection", "client", "surface", "set") * 2, 1)),
    "pool-on-demand": quiet(d.grown_on_demand("thread", 5, 0.5), d.grown_on_demand("semaphore", 4, 0.9)),
    "swapped": quiet(d.swapped("source"), d.swapped("service"), d.swapped("client")),
    "sessions": lively(d.sessions(("connection", "semaphore"), 6), d.sessions(("client", "memory"), 4, 0.6)),
    "idle-time-outs": quiet(d.lasting("connection", 2, 11), d.lasting("surface", 1, 9)),
    "sessions-long": quiet(d.sessions(("connection", "memory"), 16, 0.4)),
}
"""Name -> a healthy pair. The first four are the levels; the others do one thing more."""

LEVELS = ("still", "quiet", "lively", "crowded")

WORD = {"subject": 2, "host-self": 3, "thread-self": 1, "service-references": 0}
"""Faults in references -> the kobject type of the row."""


@dataclass(frozen=True)
class Fault:
    """What the extension keeps of each operation, or of some."""

    what: str
    number: int = 1
    every: int = 1
    """It happens in each round whose number this divides."""

    @property
    def label(self):
        """How the table calls it."""
        return f"{self.what}{f' x{self.number}' * (self.number != 1)}{f' 1/{self.every}' * (self.every != 1)}"

    @property
    def classes(self):
        """Right and kobject type of what stays: the first must be told, the rest may be told with it."""
        if self.what in WORD:
            return [(SEND, WORD[self.what])]
        if self.what == "orphan":
            return [(RECEIVE, None)]
        return [(part.right, part.kobject) for part in KINDS[self.what]]

    def plant(self, world):
        """Give what does it in each round, from now on."""
        space = world.spaces[EXTENSION]
        place = {
            "subject": lambda: None,
            "host-self": lambda: next(name for name, row in space.items() if row.kobject == 3),
            "thread-self": lambda: next(name for name, row in space.items() if row.kobject == 1),
            "service-references": lambda: world.make(EXTENSION, "service").names[0],
        }.get(self.what, lambda: None)()

        def happen(number):
            nonlocal place
            if number % self.every:
                return
            if place is not None:
                world.references(EXTENSION, place, self.number)
            elif self.what == "subject":
                place = world.put(EXTENSION, Row(SEND, self.number, world.own[HOST], 2))
            elif self.what == "orphan":
                world.put(EXTENSION, ORPHAN._replace(object=world.object()))
            else:
                for _ in range(self.number):
                    world.make(EXTENSION, self.what)

        return happen


STRICT = tuple(map(Fault, WORD))[:3]
PAIR = (None, *STRICT, Fault("semaphore"), Fault("orphan"), Fault("semaphore", 200))
SERIES = (
    None,
    *STRICT,
    Fault("subject", every=3),
    *map(
        Fault, ("service-references", "semaphore", "thread", "orphan", "source", "dead", "once", "connection")
    ),
    *map(Fault, ("surface", "client", "voucher", "memory", "file", "timer")),
    Fault("semaphore", 3),
)
