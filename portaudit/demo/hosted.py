"""A host that a run has started: `python -m portaudit.demo.hosted drive|obey SCENARIO [ROUNDS]`.

It starts its extension and says the mark `before`. One that drives itself transfers, says a mark after each
round, and ends; one that obeys transfers whenever `portaudit demo --transfer` asks, until it is ended.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue

from portaudit.demo.cues import Requests, beside_marks, mark
from portaudit.demo.extension import TRANSFER
from portaudit.demo.host import Host, on_stage
from portaudit.demo.player import perform
from portaudit.demo.scenarios import SCENARIOS, TRANSFERS, Scenario
from portaudit.errors import NotReadable

DRIVE = "drive"
"""The first word for one that drives itself; `obey` is the other."""

LOOK_SECONDS = 0.2
"""How often a host that obeys looks whether its extension still lives."""

HandOver = Callable[[], object]


def main() -> None:
    """Play one scenario; the extension ends with this process."""
    how, name, *rounds = sys.argv[1:]
    with _on_stage(SCENARIOS[name]) as (host, hand_over):
        mark("extension", host.extension.pid)
        mark("before")
        if how == DRIVE:
            _drive(hand_over, int(*rounds or (TRANSFERS,)))
        else:
            _obey(host, hand_over)


@contextmanager
def _on_stage(scenario: Scenario) -> Iterator[tuple[Host, HandOver]]:
    lifeline, hold = os.pipe()
    with on_stage(scenario, lifeline) as (host, mailbox):
        os.close(lifeline)
        yield host, lambda: host.hand_over(mailbox, TRANSFER, scenario.disposition)
        os.close(hold)


def _drive(hand_over: HandOver, rounds: int) -> None:
    for number in range(1, rounds):
        hand_over()
        mark("round", number)
    hand_over()
    mark("after")


def _obey(host: Host, hand_over: HandOver) -> None:
    wanted: SimpleQueue[HandOver] = SimpleQueue()
    with Requests(beside_marks(), wanted.put):
        while host.extension.poll() is None:
            try:
                made = wanted.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
            hand_over()
            made()
    raise NotReadable("the extension has died")


if __name__ == "__main__":
    perform("demo-host", main)
