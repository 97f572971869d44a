"""What healthy processes do when they are triggered: habits whose lives go by the rounds."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.churn.world import Thing


def recent(kind, number):
    """Keep what the last triggers gave, and no more of it."""

    def begin(world, role):
        held = deque(world.make(role, kind) for _ in range(number))

        def serve():
            held.append(world.make(role, kind))
            world.drop(held.popleft())

        world.triggered.append(serve)

    return begin


def idle_out(kind, seconds):
    """Open one with a trigger where none is open, and close it when no trigger came for so long."""

    def begin(world, role):
        held: list[Thing] = []
        last = [0.0]

        def close():
            if held and world.now - last[0] >= seconds - 1e-6:
                world.drop(held.pop())

        def serve():
            last[0] = world.now
            if not held:
                held.append(world.make(role, kind))
            world.later(seconds, close)

        world.triggered.append(serve)

    return begin


def lingering(kind, number, life):
    """Let some of each trigger live on for a while."""

    def begin(world, role):
        def serve():
            for _ in range(number):
                thing = world.make(role, kind)
                world.later(world.chance.uniform(0.5, 1.5) * life, lambda thing=thing: world.drop(thing))

        world.triggered.append(serve)

    return begin


def lasting(kind, number, seconds):
    """Keep some of each trigger for exactly so long: an idle time-out."""

    def begin(world, role):
        def serve():
            for _ in range(number):
                thing = world.make(role, kind)
                world.later(seconds, lambda thing=thing: world.drop(thing))

        world.triggered.append(serve)

    return begin


def drained(kind, turns):
    """Keep what each trigger gives until so many have, then drop all of it: an autorelease pool."""

    def begin(world, role):
        held: list[Thing] = [world.make(role, kind) for _ in range(world.chance.randrange(turns))]

        def serve():
            held.append(world.make(role, kind))
            if len(held) >= turns:
                while held:
                    world.drop(held.pop())

        world.triggered.append(serve)

    return begin


def first_use(kinds, turn):
    """Set up once what a trigger needs for the first time, in that round, and keep it for good."""

    def begin(world, role):
        turns = [0]

        def serve():
            turns[0] += 1
            if turns[0] == turn:
                for kind in kinds:
                    world.make(role, kind)

        world.triggered.append(serve)

    return begin


def grown_on_demand(kind, limit, share):
    """Add one to a pool when a trigger finds it busy, by chance, up to a limit."""

    def begin(world, role):
        number = [0]

        def serve():
            if number[0] < limit and world.chance.random() < share:
                number[0] += 1
                world.make(role, kind)

        world.triggered.append(serve)

    return begin


def swapped(kind):
    """Set another one with each trigger, and drop the one that stood there: an exception port, a handler."""
    return recent(kind, 1)


def sessions(kinds, seconds, share=1.0):
    """Open what a session needs with a trigger, and close all of it when the session has ended."""

    def begin(world, role):
        def serve():
            if world.chance.random() < share:
                things = [world.make(role, kind) for kind in kinds]
                world.later(world.pause(seconds), lambda: [world.drop(thing) for thing in things])

        world.triggered.append(serve)

    return begin
