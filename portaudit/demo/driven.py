"""A host that drives itself: `python -m portaudit.demo.driven SCENARIO [ROUNDS]`, under `run --spawn`.

It starts its extension, says the mark `before`, transfers, says a mark after each round, and ends.
"""

import os
import sys

from portaudit.demo.cues import mark
from portaudit.demo.extension import TRANSFER
from portaudit.demo.host import on_stage
from portaudit.demo.player import perform
from portaudit.demo.scenarios import SCENARIOS, TRANSFERS


def main() -> None:
    """Play one scenario to its end; the extension ends with this process."""
    scenario = SCENARIOS[sys.argv[1]]
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else TRANSFERS  # noqa: PLR2004  scenario and rounds
    lifeline, hold = os.pipe()
    with on_stage(scenario, lifeline) as (host, mailbox):
        os.close(lifeline)
        mark("extension", host.extension.pid)
        mark("before")
        for number in range(1, rounds):
            host.hand_over(mailbox, TRANSFER, scenario.disposition)
            mark("round", number)
        host.hand_over(mailbox, TRANSFER, scenario.disposition)
        mark("after")
        os.close(hold)


if __name__ == "__main__":
    perform("demo-host", main)
