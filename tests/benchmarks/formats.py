"""How long each report format takes beside JSON: `python -m tests.benchmarks.formats`.

Two snapshots of 5,000 rows with 50 findings are written once; then each format is printed by a process
of its own, in turn, in the processor's time. What counts is the median of each round's ratio to the JSON
run of the same round: 2.5 is the limit.
"""

import statistics
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from portaudit.model.kobject import IOKIT_OBJECT, TASK_CONTROL, TASK_READ
from portaudit.model.rights import Right
from portaudit.render import Format
from portaudit.snapshot_file import encode
from tests.benchmarks.measure import COMMAND, run_measured
from tests.render.scenarios import judged, snapshot

ROWS, FINDINGS, ROUNDS, LIMIT = 5_000, 50, 9, 2.5


def space(first_object, grown):
    """Give half of the rows: a task's own port, others' ports, and objects; `grown` of them rose."""
    own = ((0x103, Right.SEND, 2, first_object, TASK_CONTROL),)
    others = (
        (
            0x1003 + 0x100 * number,
            Right.SEND,
            2 + (number < grown) * (1 + number),
            first_object + 0x40 * (number + 1),
            *((TASK_READ,) if number < FINDINGS // 2 else (IOKIT_OBJECT, f"AppleService{number % 97}")),
        )
        for number in range(ROWS // 2 - 1)
    )
    return (*own, *others)


def pair():
    """Build the two snapshots: 2,500 rows a task, of which 25 a task have grown."""
    before, after = (
        snapshot(space(0x10000000, grown), space(0x20000000, grown)) for grown in (0, FINDINGS // 2)
    )
    return before, replace(after, taken=(before.taken or 0) + 10)


def report():
    """Judge the pair."""
    return judged(*pair())


def write_pair(folder):
    """Write the two snapshots and give their paths."""
    paths = folder / "before.json", folder / "after.json"
    for path, taken in zip(paths, pair(), strict=True):
        path.write_bytes(encode(taken))
    return paths


def timed(form, paths):
    """Print one format and give seconds and bytes."""
    seconds, ended = run_measured(*COMMAND, "diff", *paths, "--format", form, capture_output=True)
    assert ended.returncode == 1, ended.stderr.decode()
    return seconds, len(ended.stdout)


def measure():
    """Give for each format: median seconds, median ratio to JSON, bytes."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write_pair(Path(folder))
        rounds = [{form: timed(form, paths) for form in Format} for _ in range(ROUNDS)]
    return {
        form: (
            statistics.median(each[form][0] for each in rounds),
            statistics.median(each[form][0] / each[Format.JSON][0] for each in rounds),
            rounds[0][form][1],
        )
        for form in Format
    }


def main():
    """Print the table; exit 1 if a format is over the limit."""
    measured = measure()
    print(f"{'format':<10} {'seconds':>8} {'x json':>7} {'bytes':>9}")  # noqa: T201  what a script is for
    for form, (seconds, ratio, size) in measured.items():
        missed = "" if ratio < LIMIT else "  MISSED"
        print(f"{form:<10} {seconds:8.3f} {ratio:7.2f} {size:9,}  bar {LIMIT}{missed}")  # noqa: T201  the same
    sys.exit(any(ratio >= LIMIT for _, ratio, _ in measured.values()))


if __name__ == "__main__":
    main()
