"""How long a series of 20 snapshots of 3,000 rows is judged, beside decoding the files twice.

    python -m tests.benchmarks.series

By how much comes and goes between two readings. Both sides are measured in turn in this process, in
processor time; the bar is 1.
"""

import gc
import sys

from portaudit.__main__ import COLLECT_EVERY
from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.snapshot_file import decode, encode
from tests.analysis.judgements import reading
from tests.benchmarks.measure import ratio_of, seconds_of
from tests.churn.habits import in_use
from tests.churn.models import Model

BAR = 1.0
SNAPSHOTS = 20
ROWS = 1800
"""Of the host; the extension has half as many, and ports have two ends at times."""

IN_USE = (*[in_use("voucher", 1, 4)] * 60, *[in_use("service", 3, 1)] * 20)
"""Rows whose references move all the time, as half of the vouchers do in an app."""

BUSY = {"light": 1, "busy": 3, "storm": 12}
"""How often a class changes, against an app in use."""


def files(pace):
    """Give the files of a series."""
    world = Model(ROWS, pace, IN_USE).world("benchmark")
    told = []
    for number in range(SNAPSHOTS):
        if number:
            world.trigger()
            world.live(2)
        told.append(encode(reading(world)))
    return told


def main():
    """Measure, print, and end 1 if a bar was missed."""
    gc.set_threshold(COLLECT_EVERY)  # as in a process of portaudit
    ratios = [measure(words, files(pace)) for words, pace in BUSY.items()]
    return max(ratios) > BAR


def measure(words, written):
    """Measure one series, print it, and give the ratio."""
    snapshots = [decode(data, "a file") for data in written]
    rows = sum(len(task.entries or ()) for task in snapshots[0].tasks)
    ratio = ratio_of(
        lambda: seconds_of(lambda: judge(compare(snapshots))),
        lambda: seconds_of(lambda: [decode(data, "a file") for data in (*written, *written)]),
    )
    told = f"{SNAPSHOTS} snapshots of {rows} rows, {words}: judging takes {ratio:.2f} of decoding twice"
    sys.stdout.write(f"{told} (bar {BAR}){'  MISSED' if ratio > BAR else ''}\n")
    return ratio


if __name__ == "__main__":
    sys.exit(main())
