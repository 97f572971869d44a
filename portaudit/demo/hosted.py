"""A host that transfers when it is asked to: `python -m portaudit.demo.hosted SCENARIO`, started by a run.

It says the mark `before` once its extension is there, and from then on obeys `portaudit demo --transfer`.
"""

import os
import sys
from queue import Empty, SimpleQueue

from portaudit.demo.cues import Requests, beside_marks, mark
from portaudit.demo.extension import TRANSFER
from portaudit.demo.hold import LOOK_SECONDS, Made
from portaudit.demo.host import on_stage
from portaudit.demo.player import perform
from portaudit.demo.scenarios import SCENARIOS
from portaudit.errors import NotReadable


def main() -> None:
    """Play one scenario until this process is ended; the extension ends with it."""
    scenario = SCENARIOS[sys.argv[1]]
    wanted: SimpleQueue[Made] = SimpleQueue()
    lifeline, _hold = os.pipe()
    with on_stage(scenario, lifeline) as (host, mailbox):
        os.close(lifeline)
        mark("extension", host.extension.pid)
        mark("before")
        with Requests(beside_marks(), wanted.put):
            while host.extension.poll() is None:
                try:
                    made = wanted.get(timeout=LOOK_SECONDS)
                except Empty:
                    continue
                host.hand_over(mailbox, TRANSFER, scenario.disposition)
                made()
    raise NotReadable("the extension has died")


if __name__ == "__main__":
    perform("demo-host", main)
