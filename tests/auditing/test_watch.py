"""`watch` on live processes: growth without new names, alarms, ends, and what it costs."""

import gc
import os
import signal
import subprocess
import tracemalloc
from contextlib import closing
from dataclasses import replace
from typing import Any

import psutil
import pytest

from portaudit.auditing.files import load
from portaudit.auditing.verdict import compare_series
from portaudit.auditing.watch import WatchRequest, watch
from portaudit.auditing.watched import Ring
from portaudit.collect.following import Follower
from portaudit.collect.process import identify
from portaudit.collect.space_info import read_space
from portaudit.errors import NotReadable, UsageError
from portaudit.kernels import open_kernel
from portaudit.mach.library import Mach
from portaudit.model.snapshot import Process, Task
from tests.fake_lsmp import put_in_place
from tests.kernels import SimulatedKernel, own_task
from tests.spaces import entries
from tests.staged import PORTAUDIT, staged

pytestmark = pytest.mark.whole


def request_of(stage, *processes, **options):
    options = {"interval": 0.01, "looks": 400} | options
    names = tuple(str(getattr(stage.players, process)) for process in processes)
    return WatchRequest(names, kernel=stage.kernel, **options)


def task_ports(state):
    return next((growth for growth in state.classes if growth.label == "send TASK-CONTROL"), None)


def test_references_that_grow_without_a_new_name_are_seen():
    """The second and third leaked reference make no name: the unasked readings see them."""
    with staged("leak") as stage, closing(watch(request_of(stage, "extension"))) as looking:
        stage.players.transfer()
        before = task_ports(next(looking)[0])
        stage.players.transfer()
        stage.players.transfer()
        after = next(growth for (state,) in looking if (growth := task_ports(state)).change == 2)

    assert (after.names, after.references - before.references) == (before.names, 2)


def test_an_alarm_keeps_a_series_that_diff_judges(tmp_path):
    """A class that grows too fast rings once, and the kept readings give the leak with its rate."""
    alarms: list[Any] = []
    with staged("leak") as stage:
        request = request_of(stage, "extension", alarm=30, keep=6, folder=tmp_path, interval=0.05)
        with closing(watch(request)) as looking:
            for (state,) in looking:
                stage.players.transfer()
                alarms += state.alarms
                if state.readings > 20:
                    break

    assert [alarm.growth.label for alarm in alarms] == ["send TASK-CONTROL"]
    assert [file.name for file in sorted(tmp_path.iterdir())] == [
        f"alarm-{stage.players.extension}-1-{number:02}.json" for number in range(6)
    ]
    report = compare_series([load(file) for file in alarms[0].files])
    assert [(finding.rule, (finding.rate or 0) > 0) for finding in report.findings] == [("U5", True)]


def test_a_process_that_exits_ends_its_watch():
    """The last state stays, with the word that it has exited; the watch of the other goes on."""
    with staged("clean") as stage, closing(watch(request_of(stage, "host", "extension"))) as looking:
        next(looking)
        os.kill(stage.players.extension, signal.SIGKILL)
        host, extension = next(states for states in looking if states[1].over)

    assert (host.over, extension.over, extension.unread) == (None, "it has exited", False)
    assert extension.names
    assert task_ports(extension).references == 1


def test_a_watch_ends_when_nothing_changes_any_more(clean):
    """Ten looks without a change, and a reading that confirms it, are stable."""
    states = list(watch(request_of(clean, "host", until_stable=True, interval=0.001, looks=None)))

    assert len(states) == 11
    assert [state.changed for (state,) in states] == [True] + [False] * 10


def test_a_process_that_cannot_be_read_is_never_counted_as_quiet(clean):
    """A process that the kernel does not know is told as unread, with the reason, exit 3."""
    ended = subprocess.run(
        [*PORTAUDIT, "watch", str(os.getppid()), "--kernel", clean.kernel, "--looks", "1"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 3
    assert "not read  no way in (space-info by the read port" in ended.stdout
    assert ended.stderr.startswith(f"portaudit: {os.getppid()} cannot be read: no way in")


def test_a_pipe_gets_a_line_for_each_change_and_one_at_the_end():
    """Lines have a time, and the interrupted watch ends with the last state, exit 130."""
    with staged("leak") as stage:
        process = subprocess.Popen(
            [
                *PORTAUDIT,
                "watch",
                str(stage.players.extension),
                "--kernel",
                stage.kernel,
                "--interval",
                "0.02",
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        first = process.stdout.readline()
        stage.players.transfer()
        second = process.stdout.readline()
        name = psutil.Process(stage.players.extension).name()
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=10)

    assert f"{name} ({stage.players.extension})  3 names\n" in first
    assert "send TASK-CONTROL 2 (+1)" in second
    assert rest.startswith("last: 20")
    assert process.returncode == 130


def test_a_kernel_that_dies_ends_the_watch(tmp_path):
    """Without a kernel nothing can be said any more: exit 3, with the last state."""
    with staged("clean", mortal=True) as stage:
        process = subprocess.Popen(
            [*PORTAUDIT, "watch", str(stage.players.host), "--kernel", stage.kernel, "--interval", "0.02"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
        )
        assert process.stdout is not None
        process.stdout.readline()
        stage.kill_kernel()
        out, _ = process.communicate(timeout=20)

    assert process.returncode == 3
    assert out.startswith("last: ") or "no way in" in out


def test_following_takes_no_right_that_it_does_not_give_back(clean):
    """After fifty counts and readings the auditor's own space is as it was."""
    with open_kernel(clean.kernel) as kernel:
        follower = Follower(kernel.mach, identify(clean.players.host))
        follower.count()
        follower.read()
        before = read_space(kernel.mach, kernel.mach.task_self)
        for _ in range(50):
            assert follower.count() == len(follower.read().entries or ())
        after = read_space(kernel.mach, kernel.mach.task_self)

    assert after.name == before.name
    assert after.urefs == before.urefs


def test_a_second_reading_asks_for_nothing_twice(clean):
    """The kind of an object is asked for once: a quiet reading costs one call for the table."""
    with open_kernel(clean.kernel) as kernel:
        follower = Follower(kernel.mach, identify(clean.players.host))
        follower.read()
        asked = kernel.mach.counts["mach_port_kobject_description"]
        follower.read()

        assert kernel.mach.counts["mach_port_kobject_description"] == asked
        assert kernel.mach.counts["mach_port_space_info"] == 2


def test_a_watch_reads_by_the_way_that_it_is_told(clean):
    """One way only, through its own task port."""
    with open_kernel(clean.kernel) as kernel:
        reading = Follower(kernel.mach, identify(clean.players.host), "names").read()

    assert (reading.way, reading.flavour, len(reading.entries or ()) > 0) == ("names", "control", True)


def test_a_watch_may_read_by_lsmp(clean, monkeypatch, tmp_path):
    """Where no task port opens, Apple's own program tells of growth, at what it costs."""
    calls = put_in_place(monkeypatch, tmp_path)
    looking = watch(request_of(clean, "host", way="lsmp", looks=2000))
    with closing(looking):
        grown = next(state for (state,) in looking if state.readings == 2)

    (growth,) = grown.classes
    assert (growth.label, growth.references, growth.change) == ("send THREAD-CONTROL", 2, 1)
    assert calls.read_text() == ".."


def test_on_a_mac_lsmp_is_the_last_resort(monkeypatch, tmp_path):
    """Where every door is shut, auto asks lsmp, and asks no door again; another way does not."""
    calls = put_in_place(monkeypatch, tmp_path)
    auditor = own_task(SimulatedKernel())
    mach, stranger = Mach(auditor.library, "xnu"), Process(999_999_002, 1.0, "Stranger")
    follower = Follower(mach, stranger)
    readings = [follower.read() for _ in range(3)]
    asked = mach.counts["task_read_for_pid"]
    strict = Follower(mach, stranger, "space-info").read()

    assert [(task.way, task.not_read) for task in readings] == [("lsmp", None)] * 3
    assert (asked, calls.read_text()) == (1, "...")
    assert "no way in (space-info by the read port" in (strict.not_read.reason if strict.not_read else "")


def test_a_watch_without_lsmp_says_so(clean):
    """The reason is told, and nothing is called quiet."""
    (state,) = next(watch(request_of(clean, "host", way="lsmp")))

    assert state.unread
    assert "/usr/bin/lsmp is not here" in (state.over or "")


def test_the_memory_of_a_watch_stays_flat(clean):
    """Between look 200 and look 600 nothing is added but what the interpreter rounds."""
    request = request_of(clean, "host", "extension", interval=0.001, looks=600, alarm=1e9)
    tracemalloc.start()
    try:
        early = 0
        for number, _ in enumerate(watch(request)):
            if number == 200:
                gc.collect()
                early = tracemalloc.get_traced_memory()[0]
        gc.collect()
        late = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert late - early < 20_000


def test_a_ring_of_huge_readings_holds_fewer():
    """However many are wanted, the rows of the ring have a limit, and a series is always left."""
    ring = Ring("simulated", "boot", 10)
    rows = entries(*((0x103 + 0x100 * row, "recv", 0, row, 0) for row in range(100)))
    wide = replace(rows, name=rows.name * 2000, type=rows.type * 2000)
    for moment in range(20):
        ring.add(Task(Process(1), entries=wide), moment)

    assert [snapshot.taken for snapshot in ring.kept] == [17, 18, 19]


def test_whom_to_watch_must_be_there():
    """No such process, or one that is named twice, is an error before anything is read."""
    with pytest.raises(NotReadable, match="there is no process 4194304"):
        next(watch(WatchRequest(("4194304",))))
    with pytest.raises(UsageError, match="a process is named twice"):
        next(watch(WatchRequest((str(os.getpid()), str(os.getpid())))))


def test_a_folder_that_cannot_be_made_is_a_usage_error(tmp_path):
    """An alarm that cannot keep its readings says so."""
    (tmp_path / "taken").write_text("here")
    with pytest.raises(UsageError, match="taken cannot be made"):
        Ring("simulated", None, 3).save(tmp_path / "taken", "alarm")
