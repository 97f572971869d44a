"""Series made by chance: one planted fault, and unrelated ports that come, go, and now and then stay."""

import random
from itertools import count

from portaudit.model.snapshot import Snapshot
from tests.spaces import entries, task

HOST, EXTENSION, THREAD = 0x0C5C1A40, 0x0C5C1B80, 0x0C5C1D00

RATES = {
    "leak": (("extension", "TASK-CONTROL"), 1),
    "leak-two": (("extension", "TASK-CONTROL"), 2),
    "every-third": (("extension", "TASK-CONTROL"), 0.33),
    "own-port": (("host", "TASK-CONTROL"), 1),
    "thread-self": (("extension", "THREAD-CONTROL"), 1),
    "over-release": (("extension", "TASK-CONTROL"), -1),
    "dead-names": (("extension", "dead-name"), 1),
    "receive": (("extension", "recv"), 1),
}
"""Fault -> whose row of which kind changes at which rate."""
FAULTS = (*RATES, "cache", "clean")


class Play:
    """The two spaces, and what happens to them in each round."""

    def __init__(self, fault, rounds, chance):
        self.fault, self.chance = fault, chance
        self.numbers = {role: count(0x1003, 0x100) for role in ("host", "extension")}
        self.objects = count(0x0D000000, 6)
        self.spaces = {
            "host": {0x103: ["send", 1, HOST, 2]},
            "extension": {0x103: ["send", 1, EXTENSION, 2]},
        }
        self.strangers = []
        self.held = 0x403
        if fault == "over-release":
            self.spaces["extension"][self.held] = ["send", rounds + 2, HOST, 2]
        if fault == "thread-self":
            self.spaces["extension"][self.held] = ["send", 1, THREAD, 1]
        for role in self.spaces:
            for _ in range(chance.randint(5, 10)):
                self.add(role, chance.choice(["recv", "send", "recv,send", "port-set", "dead-name"]))

    def add(self, role, right):
        name = next(self.numbers[role])
        urefs = 0 if right in ("recv", "port-set") else 1
        unknown = right in ("dead-name", "send-once", "port-set")
        number = 23130 if right == "dead-name" else next(self.objects)
        self.spaces[role][name] = [right, urefs, number, None if unknown else 0]
        return role, name

    def more(self, role, name, number):
        if number:
            self.spaces[role].setdefault(name, ["send", 0, HOST, 2])[1] += number

    def misbehave(self, number):
        """Do in this round what the fault does."""
        third, first = number % 3 == 0, number == 1
        each = {"leak": 1, "leak-two": 2, "every-third": third, "cache": first, "over-release": -1}
        self.more("extension", self.held, int(each.get(self.fault, self.fault == "thread-self")))
        self.more("host", 0x103, int(self.fault == "own-port"))
        if self.fault in ("dead-names", "receive"):
            self.add("extension", {"dead-names": "dead-name", "receive": "recv"}[self.fault])

    def churn(self, coming, going):
        """Let strangers go and come."""
        for place in list(self.strangers):
            if self.chance.random() < going:
                self.strangers.remove(place)
                del self.spaces[place[0]][place[1]]
        for role in self.spaces:
            if self.chance.random() < coming:
                kind = self.chance.choice(["recv", "recv", "recv,send", "send", "send-once"])
                self.strangers.append(self.add(role, kind))

    def snapshot(self):
        rows = {
            role: [(name, *row) for name, row in sorted(space.items())] for role, space in self.spaces.items()
        }
        return Snapshot(tuple(task(role, entries(*rows[role])) for role in rows))


def played(fault, seed, coming=0.5, going=0.5):
    """Give the snapshots of one series of 6 to 12 rounds."""
    chance = random.Random(f"{fault} {seed}")  # noqa: S311  played chance
    rounds = chance.randint(6, 12)
    play = Play(fault, rounds, chance)
    snapshots = [play.snapshot()]
    for number in range(1, rounds + 1):
        play.misbehave(number)
        play.churn(coming, going)
        snapshots.append(play.snapshot())
    return snapshots
