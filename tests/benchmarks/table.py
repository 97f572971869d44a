"""What users do most often, each as a ratio to a yardstick beside it: `python -m tests.benchmarks.table`.

Prints a line each with its bar, and ends 1 if one is missed. Needs a C compiler (cc) and GNU diff.
"""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from portaudit.auditing.verdict import compare
from portaudit.collect.names import read_names
from portaudit.collect.space_info import read_space
from portaudit.collect.taking import Target, read_settled
from portaudit.model.rights import UREFS_MAX
from portaudit.model.snapshot import Machine, Process, Snapshot, Task
from portaudit.snapshot_file import encode
from tests.benchmarks import diff, prints
from tests.benchmarks.measure import COMMAND, Line, memory_of, processes_seconds, ratio_of, seconds_of, shown
from tests.benchmarks.stub_kernel import compiled, opened
from tests.spaces import pair

PORTS, LARGE, ROWS = 2_000, 100_000, 20_000
CALLS = 10 * ROWS
"""Calls of the yardstick: ten for each row that is read."""
LOAD = "import json, sys\nfor path in sys.argv[1:]: json.load(open(path, 'rb'))"
SNAPSHOT_LOAD = "import msgspec, sys\nfor path in sys.argv[1:]: msgspec.json.decode(open(path, 'rb').read())"
FLOOR = "import click, msgspec"
PEGGED, A_SEND_RIGHT = 5_000, 3
"""Rows whose count stands at its maximum, and the place of the first of them."""
SNAPSHOTS, LEAKING = 50, 0x503
"""Snapshots of a series, and the name that leaks in it."""


def kernel_calls(mach) -> Iterator[Line]:
    """The calls of a settled snapshot, against those that lsmp makes for the same table."""
    mach.library.stub_rows(PORTS, 0)
    before = mach.counts.total()
    (task,) = read_settled(mach, [Target(Process(1, None, "Host"))], "space-info", 5.0, str).tasks
    made = mach.counts.total() - before
    assert task.entries is not None
    assert made == sum(task.calls.values()), "a call was not counted"
    # mach-facts 1.3: seven a task; two a receive right or empty set; of a send right one, of a send-once
    # right two, and two more of each where the holder is known
    receive, send, once, sets = (PORTS * share // 20 for share in (8, 9, 1, 1))
    unknown = 7 + 2 * (receive + sets) + send + 2 * once
    known = unknown + 2 * (send + once)
    yield Line("kernel calls, settled, 2,000 ports", "lsmp, holders unknown", made / unknown, 0.9)
    yield Line("kernel calls, settled, 2,000 ports", "lsmp, holders known", made / known, 0.6)


def read_and_judged(mach, way, read, bar) -> Line:
    """Reading one space on a library that takes no time, and judging it: against a bare call a row."""

    def side(more):
        mach.library.stub_rows(ROWS, more)
        task = Task(Process(1, 1.0, "Host"), "host", way=way, entries=read(mach, mach.task_self))
        return Snapshot((task,), taken=1.0 + more, machine=Machine(boot="b"))

    def measured():
        sides: list[Snapshot] = []
        reading = seconds_of(lambda: sides.extend((side(0), side(3)))) / 2
        return reading + seconds_of(lambda: compare(sides[0], sides[1]))

    def bare():
        call, task = mach.mach_port_deallocate, mach.task_self
        return seconds_of(lambda: [call(task, 7) for _ in range(CALLS)]) / 10

    return Line(f"reading and judging a row, {way}", "a checked call", ratio_of(measured, bare), bar)


def large_files(folder) -> Iterator[Line]:
    """`diff` of lsmp's prints, and `show` of a snapshot, of 100,000 rows."""
    written = prints.write(folder, LARGE)
    snapshot = diff.write(folder / "snapshots", LARGE, 0)[0]

    def against(*yardstick, command, files):
        return ratio_of(
            lambda: processes_seconds(*COMMAND, command, *files),
            lambda: processes_seconds(*yardstick, *files),
        )

    ratio = against(sys.executable, "-c", LOAD, command="diff", files=written["json"])
    yield Line("diff of lsmp's JSON, 100,000 rows", "json.load of both", ratio, 2.5)
    ratio = against("diff", command="diff", files=written["txt"])
    yield Line("diff of lsmp's text, 100,000 rows", "GNU diff", ratio, 12)
    ratio = against(sys.executable, "-c", SNAPSHOT_LOAD, command="show", files=[snapshot])
    yield Line("show of 100,000 rows", "decoding the file", ratio, 9.2)


def many_rows(folder) -> Iterator[Line]:
    """`diff` of 100,000 rows of which many are pegged, or changed; and of fifty snapshots."""

    def written(name, rows, taken=1.0):
        path = folder / name
        path.write_bytes(encode(replace(pair(extension_rows=rows), label=name, taken=taken)))
        return str(path)

    def against(files, yardstick):
        return ratio_of(
            lambda: processes_seconds(*COMMAND, "diff", *files),
            lambda: processes_seconds(*COMMAND, "diff", *yardstick),
        )

    rows = list(diff.rows(LARGE, 0))
    pegged = [
        with_references(row, (UREFS_MAX - row[2]) * (place % (LARGE // PEGGED) == A_SEND_RIGHT))
        for place, row in enumerate(rows)
    ]
    before, same = written("before", rows), written("same", rows, 2.0)
    some = [written("pegged-before", pegged), written("pegged-after", pegged, 2.0)]
    ratio = against(some, [before, same])
    yield Line("5,000 of 100,000 rows pegged", "none pegged", ratio, 1.3)
    few = written("few", list(diff.rows(LARGE, 3)), 2.0)
    every = written("all", [with_references(row, 3) for row in rows], 2.0)
    ratio = against([before, every], [before, few])
    yield Line("all send references of 100,000 changed", "0.1 % of them", ratio, 5)
    yield from series(written)


def series(written) -> Iterator[Line]:
    """`diff` of a series of which one reference leaks, against decoding it, and the memory that it takes."""
    rows = list(diff.rows(ROWS, 0))
    files = [
        written(f"{made:02}", [with_references(row, made * (row[0] == LEAKING)) for row in rows], made + 1.0)
        for made in range(SNAPSHOTS)
    ]
    ratio = ratio_of(
        lambda: processes_seconds(*COMMAND, "diff", *files),
        lambda: processes_seconds(sys.executable, "-c", SNAPSHOT_LOAD, *files),
    )
    yield Line("diff of 50 snapshots of 20,000 rows", "decoding them", ratio, 2.5)
    yield Line("the most memory that it takes", "80 MiB", memory_of(*COMMAND, "diff", *files) / (80 << 20), 1)


def with_references(row, more):
    """Give a row with more references of its send right; without one, as it is."""
    name, rights, urefs, port, kobject = row
    return (name, rights, urefs + more * (rights in ("send", "recv,send")), port, kobject)


def tiny(folder) -> Iterator[Line]:
    """`diff` of two small snapshots, where nothing is declared."""
    (folder / "small").mkdir()
    files = diff.write(folder / "small", 20, 0)
    ratio = ratio_of(
        lambda: processes_seconds(*COMMAND, "diff", *files, cwd=folder / "small"),
        lambda: processes_seconds(sys.executable, "-c", FLOOR, cwd=folder / "small"),
    )
    yield Line("diff of two small snapshots", "import click, msgspec", ratio, 2)


def start_up(folder) -> Iterator[Line]:
    """Commands that have little to say."""
    for words, bar in (("--version", 1.2), ("--help", 1.5), ("check", 2.0)):
        ratio = ratio_of(
            lambda words=words: processes_seconds(*COMMAND, words, cwd=folder),
            lambda: processes_seconds(sys.executable, "-c", "import click", cwd=folder),
        )
        yield Line(f"{words}, nothing declared", "import click", ratio, bar)


def lines(folder) -> Iterator[Line]:
    """Measure everything."""
    for name in ("empty", "snapshots"):
        (folder / name).mkdir()
    mach = opened(compiled(folder))
    yield from kernel_calls(mach)
    yield read_and_judged(mach, "space-info", read_space, 5.2)
    yield read_and_judged(mach, "names", read_names, 5.5)
    yield from start_up(folder / "empty")
    yield from tiny(folder)
    yield from large_files(folder)
    yield from many_rows(folder / "snapshots")


def main():
    """Print the table, and end 1 if a bar was missed."""
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(shown(lines(Path(folder))))


if __name__ == "__main__":
    main()
