"""What healthy processes do all the time. A habit takes a world and a role, and sets itself going there."""

import math
from collections import deque
from dataclasses import dataclass, field

from tests.churn.world import Thing, World

IDLE_THREAD = 5.0
"""Seconds that a worker thread waits for work before it ends (XNU bsd/pthread/workqueue_internal.h)."""


def again(world, pause, act):
    """Do something now and then: `pause` draws the seconds until the next time."""

    def once():
        act()
        world.later(pause(), once)

    world.later(pause(), once)


def come_and_go(kind, every, life):
    """Make one every so many seconds in the mean, and keep it for so long in the mean."""

    def begin(world, role):
        def come():
            thing = world.make(role, kind)
            world.later(world.pause(life), lambda: world.drop(thing))

        again(world, lambda: world.pause(every), come)

    return begin


def in_use(kind, every, life):
    """Take a reference to one port for each request, and give it back when that ends."""

    def begin(world, role):
        (name,) = world.make(role, kind).names

        def come():
            world.references(role, name, 1)
            world.later(world.pause(life), lambda: world.references(role, name, -1))

        again(world, lambda: world.pause(every), come)

    return begin


@dataclass(eq=False)
class Worker:
    """A thread of a pool."""

    thread: Thing
    turns: int = 0


@dataclass(eq=False)
class Pool:
    """Gives each job to a thread that waits, or to a new one; who waits for five seconds ends."""

    world: World
    role: str
    work: float
    most: int
    waiting: list[Worker] = field(default_factory=list)
    number: int = 0

    def job(self):
        """Do one job."""
        if self.waiting:
            worker = self.waiting.pop()  # who waited shortest works first, so that the others can end
        elif self.number < self.most:
            worker, self.number = Worker(self.world.make(self.role, "thread")), self.number + 1
        else:
            return
        worker.turns += 1
        self.world.later(self.world.pause(self.work), lambda: self.rest(worker))

    def rest(self, worker):
        """Let a thread wait for more work."""
        self.waiting.append(worker)
        turns = worker.turns
        self.world.later(IDLE_THREAD, lambda: self.end(worker, turns))

    def end(self, worker, turns):
        """End a thread that got no work in the meantime."""
        if worker in self.waiting and worker.turns == turns:
            self.waiting.remove(worker)
            self.world.drop(worker.thread)
            self.number -= 1


def worker_pool(every=0.0, work=0.3, *, most=16, by_trigger=0):
    """Have a pool of threads: jobs come every so many seconds, and so many at once with each trigger."""

    def begin(world, role):
        pool = Pool(world, role, work, most)
        if every:
            again(world, lambda: world.pause(every), pool.job)
        world.triggered.extend([pool.job] * by_trigger)

    return begin


def slowing_cache(kind, size, scale):
    """Keep whatever is met for the first time: less and less as time goes on, as a logarithm grows."""

    def begin(world, role):
        def met():
            world.make(role, kind)
            world.later(world.pause((world.now + scale) / size), met)

        world.later(world.pause(scale / size), met)

    return begin


def features(kind, number, every):
    """Make a port at the first use of each feature; some are used often, some hardly ever. It is kept."""

    def begin(world, role):
        used = set()

        def use():
            feature = int(number * world.chance.random() ** 2)
            if feature not in used:
                used.add(feature)
                world.make(role, kind)

        again(world, lambda: world.pause(every), use)

    return begin


def rotated(kind, number, every, overlap):
    """Replace each of so many every so many seconds: the new one stands beside the old one for a while."""

    def begin(world, role):
        def rotate(old):
            new = world.make(role, kind)
            world.later(overlap, lambda: world.drop(old))
            world.later(every, lambda: rotate(new))

        for _ in range(number):
            first = world.make(role, kind)
            world.later(world.chance.uniform(0, every), lambda first=first: rotate(first))

    return begin


def storms(kind, every, size, life):
    """Make many at once, now and then."""

    def begin(world, role):
        def storm():
            for _ in range(1 + world.poisson(size)):
                thing = world.make(role, kind)
                world.later(world.pause(life), lambda thing=thing: world.drop(thing))

        again(world, lambda: world.pause(every), storm)

    return begin


def retries(first=0.5, most=16.0, success=0.3):
    """Try a connection that fails, wait twice as long after each failure; keep one that succeeds a while."""

    def begin(world, role):
        def attempt(wait):
            thing = world.make(role, "connection")
            if world.chance.random() < success:
                world.later(world.pause(8), lambda: over(thing, first))
            else:
                world.later(0.4, lambda: over(thing, min(most, 2 * wait)))

        def over(thing, wait):
            world.drop(thing)
            world.later(wait, lambda: attempt(wait))

        world.later(world.chance.uniform(0, first), lambda: attempt(first))

    return begin


def replaced_after(kind, uses, every):
    """Use one again and again, and replace it after so many times, as an interrupted reply port is."""

    def begin(world, role):
        held = [world.make(role, kind)]

        def use():
            if world.chance.random() < 1 / uses:
                world.drop(held.pop())
                held.append(world.make(role, kind))

        again(world, lambda: world.pause(every), use)

    return begin


def released_at_next(kind, every, number):
    """Make some at each wake-up and release them at the next one, as iterators that wait to be armed."""

    def begin(world, role):
        held: list[Thing] = []

        def wake():
            while held:
                world.drop(held.pop())
            held.extend(world.make(role, kind) for _ in range(world.chance.randint(1, number)))

        again(world, lambda: world.chance.uniform(0.7, 1.3) * every, wake)

    return begin


def jobs(kinds, every, life):
    """Do a job by the clock: what it needs comes together, and goes together."""

    def begin(world, role):
        def job():
            things = [world.make(role, kind) for kind in kinds]
            world.later(life, lambda: [world.drop(thing) for thing in things])

        world.later(world.chance.uniform(0, every), lambda: again(world, lambda: every, job))

    return begin


def launch(kind, number, seconds):
    """Make much at the start, and give most of it back when the launch is over."""

    def begin(world, role):
        made: list[Thing] = []
        for _ in range(number):
            world.later(world.chance.uniform(0, seconds), lambda: made.append(world.make(role, kind)))
        world.later(seconds * 1.2, lambda: [world.drop(made.pop()) for _ in range(3 * number // 4)])

    return begin


def collected(kind, every, births):
    """Drop nothing until the collector runs, which drops all of it."""

    def begin(world, role):
        held: list[Thing] = []

        def collect():
            while held:
                world.drop(held.pop())

        again(world, lambda: world.pause(births), lambda: held.append(world.make(role, kind)))
        world.later(world.chance.uniform(0, every), lambda: again(world, lambda: every, collect))

    return begin


def up_to(kind, limit, every):
    """Grow one by one to a limit, and stay there."""

    def begin(world, role):
        for step in range(limit):
            world.later(every * (step + world.chance.random()), lambda: world.make(role, kind))

    return begin


def trimmed(kind, every, low, high):
    """Keep what may be of use, and trim it to a few where it becomes too much."""

    def begin(world, role):
        held: deque[Thing] = deque()

        def keep():
            held.append(world.make(role, kind))
            if len(held) > high:
                while len(held) > low:
                    world.drop(held.popleft())

        again(world, lambda: world.pause(every), keep)

    return begin


def swinging(kind, middle, period):
    """Follow a load that rises and falls with the hours of a played day."""

    def begin(world, role):
        held: list[Thing] = []
        phase = world.chance.uniform(0, 6.283)

        def follow():
            wanted = round(middle * (1 + 0.4 * math.sin(6.283 * world.now / period + phase)))
            while len(held) > wanted:
                world.drop(held.pop(world.chance.randrange(len(held))))
            held.extend(world.make(role, kind) for _ in range(wanted - len(held)))

        again(world, lambda: 0.5, follow)

    return begin


def under_pressure(kind, every, pause):
    """Keep whatever is met, and drop half of it when memory becomes short: nobody knows when."""

    def begin(world, role):
        held: deque[Thing] = deque()

        def trim():
            for _ in range((len(held) + 1) // 2):
                world.drop(held.popleft())

        again(world, lambda: world.pause(every), lambda: held.append(world.make(role, kind)))
        again(world, lambda: world.chance.uniform(0.3, 1.7) * pause, trim)

    return begin


def restarting_peer(every, back):
    """Lose a connection when its peer ends: a dead name stands there until the peer is back."""

    def begin(world, role):
        held = [world.make(role, "connection")]

        def end():
            world.drop(held.pop())
            dead = world.make(role, "dead")
            world.later(world.pause(back), lambda: over(dead))

        def over(dead):
            world.drop(dead)
            held.append(world.make(role, "connection"))
            world.later(world.pause(every), end)

        world.later(world.pause(every), end)

    return begin


def closing(kind, number, seconds):
    """Give back what there is, one by one: the process is about to end."""

    def begin(world, role):
        for _ in range(number):
            thing = world.make(role, kind)
            world.later(world.age + world.chance.uniform(0, seconds), lambda thing=thing: world.drop(thing))

    return begin
