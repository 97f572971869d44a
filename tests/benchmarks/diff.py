"""How long `portaudit diff` of two large snapshots takes, beside what their JSON alone takes.

    python -m tests.benchmarks.diff [ENTRIES]

Once with the same names on both sides, and once with some that went and others that came. Both sides
are whole processes, run in turn, in the processor's time. The bar is 2.5.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from portaudit.model.kobject import TASK_CONTROL
from portaudit.snapshot_file import encode
from tests.benchmarks.measure import COMMAND, Line, processes_seconds, ratio_of, shown
from tests.spaces import HOST_PORT, pair

BAR = 2.5
LARGE, HUGE = 100_000, 1_000_000
FLOOR = (
    "import click, msgspec, pathlib, sys\n"
    "for path in sys.argv[1:]: msgspec.json.decode(pathlib.Path(path).read_bytes())"
)


def rows(count, kept):
    """Give `count` rows of the usual mixture; every thousandth keeps `kept` references."""
    kinds = [
        ("send", 1, 0),
        ("recv", 0, 0),
        ("send", 2, TASK_CONTROL),
        ("send-once", 1, 0),
        ("recv,send", 1, 0),
    ]
    for number in range(2, count + 2):
        rights, urefs, kobject = kinds[number % len(kinds)]
        more = kept if rights == "send" and number % 1000 == 0 else 0
        yield (number << 8 | 3, rights, urefs + more, HOST_PORT + number * 64, kobject)


def write(folder, entries, churn):
    """Write the two snapshots and give their paths; without every `churn`th name, if not 0."""
    for missing, (name, kept) in enumerate((("before.json", 0), ("after.json", 3))):
        told = [
            row for number, row in enumerate(rows(entries, kept)) if not churn or number % churn != missing
        ]
        taken = 1.0 + missing  # two readings of one moment are no pair
        (folder / name).write_bytes(encode(replace(pair(extension_rows=told), label=name, taken=taken)))
    return [str(folder / name) for name in ("before.json", "after.json")]


def main():
    """Measure, print, and end 1 if the bar was missed."""
    same, exchanged = (0, "same names"), (500, "some exchanged")
    if len(sys.argv) > 1:
        pairs = [(int(sys.argv[1]), kind) for kind in (same, exchanged)]
    else:
        pairs = [(LARGE, same), (LARGE, exchanged), (HUGE, same)]
    return shown(measure(entries, *kind) for entries, kind in pairs)


def measure(entries, churn, words):
    """Measure one pair of snapshots."""
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), entries, churn)
        ratio = ratio_of(
            lambda: processes_seconds(*COMMAND, "diff", *paths),
            lambda: processes_seconds(sys.executable, "-c", FLOOR, *paths),
        )
    return Line(f"diff of {entries:,} rows, {words}", "decoding alone", ratio, BAR)


if __name__ == "__main__":
    sys.exit(main())
