"""Keeping a pair on the stage, for somebody who audits it from another terminal."""

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from portaudit.demo.cues import Requests
from portaudit.demo.player import CHURN
from portaudit.demo.scenarios import Scenario
from portaudit.demo.stage import Pair, pair
from portaudit.kernels import socket_folder
from portaudit.model.way import XNU

LOOK_SECONDS = 0.2
"""How often it is looked whether the pair still lives."""

Made = Callable[[], None]
"""What to call when a transfer has been made."""


@dataclass(frozen=True, slots=True)
class Typist:
    """How commands are printed for somebody who will type them."""

    lines: Callable[[str, str], Iterable[str]]
    """From what it is set in by, and a sentence or a command, to the lines that the terminal has room for."""
    first: str | None = None
    """What makes the shell know the word portaudit, if it does not."""


def hold_pair(scenario: Scenario, address: str, typist: Typist, *, churn: bool = False) -> None:
    """Start the pair on the kernel of this name, print the lines to type elsewhere, and transfer.

    That is on Enter, SIGUSR1 or request.
    """
    wanted: SimpleQueue[Made] = SimpleQueue()
    with (
        pair(scenario.name, address, *[CHURN] * churn) as players,
        _place(address) as place,
        Requests(place, wanted.put),
    ):
        signal.signal(signal.SIGUSR1, lambda _signal, _frame: wanted.put(_nothing))
        _say("\n".join(_instructions(scenario, players, address, place, typist)))
        threading.Thread(target=_read_enters, args=(wanted,), daemon=True).start()
        while True:
            players.check()
            try:
                made = wanted.get(timeout=LOOK_SECONDS)
            except Empty:
                continue
            players.transfer()
            made()
            _say("One transfer made.")


@contextmanager
def _place(address: str) -> Iterator[Path]:
    """Give a path for the socket of requests: where a stand-in kernel has its own, which goes with it."""
    _, _, kernel = address.partition(":")
    if kernel:
        yield Path(kernel).with_name("transfer")
        return
    folder = socket_folder()
    try:
        yield folder / "transfer"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _nothing() -> None:
    """Tell nobody: whoever pressed Enter sees it here."""


def _read_enters(wanted: "SimpleQueue[Made]") -> None:
    for _ in sys.stdin:
        wanted.put(_nothing)


def _instructions(
    scenario: Scenario, players: Pair, address: str, place: Path, typist: Typist
) -> Iterator[str]:
    expected = "".join(f" --expect '{rule}'" for rule in scenario.expect)
    processes = f"--kernel {address} --host {players.host} --extension {players.extension}{_door(address)}"
    yield from typist.lines("", f"The pair of {scenario.name!r} runs: {scenario.summary}.")
    yield "In another terminal, in this folder:"
    yield from [f"  {typist.first}"] * bool(typist.first)
    yield from typist.lines("  ", f"portaudit snapshot {processes} -o before.json")
    yield from typist.lines(
        "", f"Then press Enter here for a transfer (or `kill -USR1 {os.getpid()}` there), and:"
    )
    yield from typist.lines("  ", f"portaudit snapshot {processes} -o after.json")
    yield from typist.lines("  ", f"portaudit diff before.json after.json{expected}")
    yield "Or all of it at once, six times:"
    trigger = f"portaudit demo --transfer {place}"
    yield from typist.lines("  ", f"portaudit run {processes} --repeat 0:6{expected} -- {trigger}")
    yield "Ctrl-C here ends the pair."


def _door(address: str) -> str:
    """Name what a user needs to read the pair from outside: on a Mac Apple's lsmp, as root."""
    return " --way lsmp --sudo" if address == XNU and os.geteuid() != 0 else ""


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
