"""Keeping a pair on the stage, for somebody who audits it from another terminal."""

import os
import signal
import sys
import threading

from portaudit.demo.scenarios import Scenario
from portaudit.demo.stage import Pair, pair, standing_kernel


def hold_pair(scenario: Scenario, kernel: str) -> None:
    """Start the pair, print the lines to type elsewhere, and transfer on Enter or SIGUSR1."""
    with standing_kernel(kernel) as address, pair(scenario.name, address) as players:
        wanted = threading.Semaphore(0)
        signal.signal(signal.SIGUSR1, lambda _signal, _frame: wanted.release())
        _say(_instructions(scenario, players, address))
        threading.Thread(target=_read_enters, args=(wanted,), daemon=True).start()
        while True:
            players.check()
            if wanted.acquire(timeout=0.2):
                players.transfer()
                _say("One transfer made.")


def _read_enters(wanted: threading.Semaphore) -> None:
    for _ in sys.stdin:
        wanted.release()


def _instructions(scenario: Scenario, players: Pair, address: str) -> str:
    expected = "".join(f" --expect '{rule}'" for rule in scenario.expect)
    snapshot = f"portaudit snapshot --kernel {address} --host {players.host} --extension {players.extension}"
    return (
        f"The pair of {scenario.name!r} runs: {scenario.summary}.\n"
        f"In another terminal:\n"
        f"  {snapshot} -o before.json\n"
        f"Then press Enter here for a transfer (or `kill -USR1 {os.getpid()}` there), and:\n"
        f"  {snapshot} -o after.json\n"
        f"  portaudit diff before.json after.json{expected}\n"
        f"Ctrl-C here ends the pair."
    )


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
