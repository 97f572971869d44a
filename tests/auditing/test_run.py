"""`run` on the demo pair: four right answers, and what becomes of a run that is cut short."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from portaudit.auditing.files import held_folder, load
from portaudit.auditing.run import rounds
from portaudit.auditing.run.run import ONE_PAIR, run
from portaudit.auditing.run.session import RunRequest
from portaudit.auditing.snapshot import Request
from portaudit.errors import KernelUnavailable, NotReadable, UsageError
from portaudit.model.finding import Outcome
from portaudit.model.severity import Severity
from tests.fake_lsmp import put_in_place
from tests.staged import PORTAUDIT, killed, staged

pytestmark = pytest.mark.whole

PYTHON = sys.executable
MARK = """
import os, socket, time
def mark(word):
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(os.environ["PORTAUDIT_MARKS"])
        line.sendall(word.encode() + b"\\n")
        return line.recv(9)
began = time.monotonic()
"""
"""A program that can say marks."""
SLEEP = "import time; print(1, flush=True); time.sleep(60)"


def rates(outcome):
    return [
        (finding.rule, round(finding.rate, 2))
        for finding in outcome.report.findings
        if finding.severity is not Severity.NOTE
    ]


def reasons(outcome):
    return [finding.reason for finding in outcome.report.undecided]


@pytest.mark.parametrize(
    ("scenario", "warm_up", "answer", "verdict"),
    [
        ("clean", 0, [], Outcome.BALANCED),
        ("cache", 0, [], Outcome.BALANCED),
        ("leak-once", 1, [("U5", 0.17)], Outcome.FINDINGS),
        ("every-third", 0, [("U5", 0.33)], Outcome.FINDINGS),
    ],
)
def test_a_series_of_runs_gives_the_right_answer(tmp_path, scenario, warm_up, answer, verdict):
    """With unrelated ports coming and going: nothing, a note, one early return, a broken slope."""
    with staged(scenario, churn=True) as stage:
        patient = replace(stage.processes, settle=20.0)  # what comes and goes may be slow to come to rest
        request = RunRequest(patient, stage.trigger, warm_up=warm_up, rounds=6, folder=tmp_path)
        outcome = run(request)

    assert (rates(outcome), outcome.report.outcome) == (answer, verdict)
    assert [moment.name for moment in outcome.moments] == [f"round-{number:02}" for number in range(7)]
    assert all(load(str(moment.file)).tasks == moment.snapshot.tasks for moment in outcome.moments)
    cached = [one for one in outcome.report.findings if str(one.severity) == "note" and one.series]
    assert [str(one.severity) for one in cached] == (["note"] if scenario == "cache" else [])


def test_the_rounds_that_count_begin_at_their_pace(clean):
    """From the second on, each waits for its time, however soon the trigger ends."""
    outcome = run(RunRequest(clean.processes, clean.trigger, rounds=3, pace=0.8))

    _, first, _, third = (moment.snapshot.taken or 0.0 for moment in outcome.moments)
    assert third - first >= 1.5


def test_many_operations_are_held_against_time_without_any(tmp_path):
    """Before a pair of many operations as long a time passes idle, once, and it is kept beside the pair."""
    with staged("leak") as stage:
        request = RunRequest(stage.processes, stage.trigger, operations=20, idle=1.0, folder=tmp_path)
        outcome = run(request)

    (idle,), (before, after) = outcome.beside, outcome.moments
    assert [one.name for one in (idle, before, after)] == ["idle", "before", "after"]
    assert (before.snapshot.taken or 0) - (idle.snapshot.taken or 0) >= 1
    assert [row.residual for finding in outcome.report.findings for row in finding.rows] == [1]


def test_what_many_operations_drive_may_end_before_it_is_read():
    """What goes on after the trigger is read when it has had as long a rest as was idle before."""
    later = "import os, subprocess, sys, time\nos.fork() and os._exit(0)\ntime.sleep(0.5)\n"
    slow = f"{later}subprocess.run(sys.argv[1:])"
    with staged("leak") as stage:
        command = (PYTHON, "-c", slow, *stage.trigger)
        at_once = run(RunRequest(stage.processes, command, operations=20, idle=0.0))
        time.sleep(2)  # its own transfer is no idle noise of the next
        rested = run(RunRequest(stage.processes, command, operations=20, idle=2.5))

    assert [len(outcome.report.findings) for outcome in (at_once, rested)] == [0, 1]


def test_a_warm_up_shows_how_long_to_wait(clean, monkeypatch):
    """An idle pair is as long as the warm-up's last round and the rest after it; a series waits for none."""
    monkeypatch.setattr(rounds, "REST_SECONDS", 1.0)
    once = RunRequest(clean.processes, clean.trigger, warm_up=1, operations=20)
    alone, series = run(once), run(replace(once, rounds=3))

    assert [moment.name for moment in alone.beside] == ["start", "idle"]
    assert [moment.name for moment in series.beside] == ["start"]
    assert not any("idle pair" in note for note in alone.report.notes)


def test_a_run_of_one_round_ends_with_the_way_to_prove_more(clean):
    """No trigger is fired eleven times unasked; a series, and a pair of many operations, need no hint."""
    one = RunRequest(clean.processes, clean.trigger)
    reports = [
        run(replace(one, **more)).report for more in ({}, {"rounds": 2}, {"operations": 2, "idle": 0.0})
    ]

    assert [ONE_PAIR in report.notes for report in reports] == [True, False, False]


def test_marks_are_answered_while_rounds_wait_for_their_time(clean):
    """A mark that ends the round before is heard at once, and stands in place of the reading before it."""
    late = f"{MARK}os.fork() and os._exit(0)\ntime.sleep(0.5)\nmark('after')\n"
    request = RunRequest(clean.processes, (PYTHON, "-c", late), rounds=2, pace=2.5)
    began = time.monotonic()
    outcome = run(request)
    took = time.monotonic() - began

    assert [moment.name for moment in outcome.moments] == ["round-00", "round-01", "round-02"]
    zero, one, _ = (moment.snapshot.taken or 0.0 for moment in outcome.moments)
    assert 0.5 <= one - zero < 2.5 <= took


def test_the_command_says_verdict_series_and_files(tmp_path):
    """One command, before, trigger, after, three times: the series is printed, exit 1.

    What an older run has left in the folder is named, lest somebody takes it for this one's.
    """
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "round-04.json").write_text("{}")
    with staged("leak") as stage:
        ended = subprocess.run(
            [
                *PORTAUDIT,
                "run",
                *stage.options,
                "--repeat",
                "0:3",
                "--pace",
                "0",
                "--keep",
                "kept",
                "--",
                *stage.trigger,
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=tmp_path,
        )

    assert ended.returncode == 1
    assert "    extension  send  TASK-CONTROL of host  +1 a round  urefs 0 1 2 3\n" in ended.stdout
    assert ended.stdout.endswith("settled.\nexit 1\n")
    assert ended.stderr == (
        "trigger: exit status 0\n"
        "snapshots: kept/round-00.json kept/round-01.json kept/round-02.json kept/round-03.json\n"
        "of an older run, and not of this one: kept/round-04.json\n"
    )


def test_one_round_is_a_pair(tmp_path):
    """Without --repeat the verdict is that of diff on before and after, under its expectations."""
    with staged("leak") as stage:
        request = RunRequest(stage.processes, stage.trigger, folder=tmp_path)
        leaked = run(request)
        expected = run(replace(request, expectations=("extension: task-control of host +1",)))

    assert [moment.name for moment in leaked.moments] == ["before", "after"]
    assert [row.residual for finding in leaked.report.findings for row in finding.rows] == [1]
    assert expected.report.outcome is Outcome.BALANCED


def test_a_run_reads_by_the_way_that_it_is_told():
    """One way only, at each moment."""
    with staged("leak") as stage:
        outcome = run(RunRequest(replace(stage.processes, way="names"), stage.trigger, rounds=2))

    ways = {task.way for moment in outcome.moments for task in moment.snapshot.tasks}
    assert (ways, outcome.report.outcome) == ({"names"}, Outcome.FINDINGS)


def test_a_run_reads_by_lsmp(monkeypatch, tmp_path):
    """Apple's own program is run for each process and moment, and what it says is judged."""
    calls = put_in_place(monkeypatch, tmp_path)
    own = Request(extension=str(os.getpid()), way="lsmp", settle=0)
    outcome = run(RunRequest(own, (PYTHON, "-c", ""), rounds=3))

    assert calls.read_text() == "...."
    assert rates(outcome) == [("U2", 1)]


def test_where_there_is_no_lsmp_nothing_is_balanced(clean):
    """The first snapshot says why, and nothing is triggered."""
    outcome = run(RunRequest(replace(clean.processes, way="lsmp"), ("/not/reached",)))

    assert outcome.report.outcome is Outcome.UNDECIDED
    assert "/usr/bin/lsmp is not here" in reasons(outcome)[0]


def test_a_run_holds_to_a_policy(portaudit, tmp_path, monkeypatch):
    """What the extension is expected to keep is forbidden all the same, in a pair and in a series."""
    monkeypatch.chdir(tmp_path)
    with staged("leak") as stage:
        told = {}
        for repeat in ("0:1", "0:2"):
            options = ("--repeat", repeat, "--pace", "0", "--expect", "extension: task-control of host +1")
            strict = ("--policy", "least-privilege", "--format", "json")
            ended = portaudit("run", *stage.options, *options, *strict, "--", *stage.trigger)
            told[ended.status] = [finding["rule"] for finding in json.loads(ended.out)["findings"]]

    assert told == {1: ["P1"]}


def test_what_the_warm_up_keeps_is_said_and_not_judged():
    """A cache fills in the warm-up: balanced, and the row stands in the report and in its first note."""
    with staged("cache") as stage:
        outcome = run(RunRequest(stage.processes, stage.trigger, warm_up=1, rounds=2))

    assert outcome.report.outcome is Outcome.BALANCED
    assert [(row.role, row.of, row.residual) for row in outcome.report.warm_up] == [("extension", "host", 1)]
    assert outcome.report.notes[0].startswith("the warm-up, which is not judged, left extension TASK-CONTROL")


def test_a_failing_trigger_fails_the_run(clean, tmp_path):
    """Its exit status is reported, the snapshots are kept, and the run exits 3, undecided."""
    command = [PYTHON, "-c", "import sys; print('told'); sys.exit(7)"]
    ended = subprocess.run(
        [*PORTAUDIT, "run", *clean.options, "--", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert ended.returncode == 3
    assert ended.stdout.startswith("UNDECIDED  the trigger failed: exit status 7\n")
    assert ended.stderr.splitlines() == [
        "told",
        "portaudit: the trigger failed: exit status 7",
        "trigger: exit status 7",
        "snapshots: portaudit-run/before.json portaudit-run/after.json",
    ]


def test_a_trigger_that_is_killed_is_told(clean):
    """The signal that ended the trigger is named."""
    command = (PYTHON, "-c", "import os; os.kill(os.getpid(), 9)")
    outcome = run(RunRequest(clean.processes, command))

    assert (reasons(outcome), outcome.trigger_status) == (["the trigger failed: killed by SIGKILL"], -9)


def test_a_trigger_that_hangs_is_ended_with_all_it_started(clean):
    """After the time limit the trigger and its children are ended, and the run is undecided."""
    command = (
        PYTHON,
        "-c",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(61)'])",
    )
    began = time.monotonic()
    outcome = run(RunRequest(clean.processes, command, time_limit=0.7))

    assert reasons(outcome) == ["the trigger did not end within 0.7 seconds"]
    assert time.monotonic() - began < 15
    assert not [
        child
        for child in psutil.Process().children(recursive=True)
        if "time.sleep(61)" in str(child.cmdline())
    ]


AWAY = "trap '' TERM; setsid sleep 62.{0} & (sleep 63.{0} &) ; echo 1 >&2; sleep 64.{0}; sleep 65.{0}"
"""A trigger that will not end, and has children that left its group, or lost their parent."""


def sleepers(mark):
    """Find what that trigger has started."""
    told = ((process, process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"]))
    return [process for process, words in told if len(words) == 2 and words[1].endswith(f".{mark}")]


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL], ids=str)
def test_nothing_that_a_trigger_has_started_outlives_the_end_of_check(tmp_path, ending):
    """However check is ended: orphans and what left the group are found by what they were told."""
    mark = f"{os.getpid()}{int(ending)}"
    (tmp_path / "portaudit.toml").write_text(
        '[check.held]\nkernel = "simulated"\nspawn = "portaudit demo --obey clean"\nsettle = 0\n'
        f'extension = "demo-extension"\ntrigger = ["sh", "-c", "{AWAY.format(mark)}"]\n'
    )
    process = subprocess.Popen(
        [*PORTAUDIT, "check"], cwd=tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "1\n"
    deadline = time.monotonic() + 10
    while len(sleepers(mark)) < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(ending)

    assert process.wait(20) == (-ending if ending is signal.SIGKILL else 130)
    deadline = time.monotonic() + 10
    while sleepers(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert sleepers(mark) == []
    process.stderr.close()


def test_what_a_trigger_leaves_running_stays(clean):
    """A trigger that has ended by itself may have started what is to go on."""
    mark = f"{os.getpid()}0"
    outcome = run(RunRequest(clean.processes, ("sh", "-c", f"sleep 66.{mark} &")))
    left = sleepers(mark)
    for process in left:
        process.kill()

    assert (outcome.report.outcome, len(left)) == (Outcome.BALANCED, 1)


def test_a_second_run_in_one_folder_is_refused(tmp_path):
    """Their rounds would be mixed; when the first is over the folder is free."""
    request = RunRequest(Request(kernel="simulated:/not/there"), (PYTHON, "-c", ""), folder=tmp_path)
    with held_folder(tmp_path), pytest.raises(UsageError, match="another run puts its files into"):
        run(request)
    with pytest.raises(UsageError, match="nothing to read"):
        run(request)


def test_a_trigger_that_cannot_be_started_is_a_usage_error(clean):
    """The command that is not there is named."""
    with pytest.raises(UsageError, match=r"'/not/there' cannot be started"):
        run(RunRequest(clean.processes, ("/not/there",)))


def kill(pid):
    return (PYTHON, "-c", f"import os; os.kill({pid}, 9)")


@pytest.mark.parametrize("victim", ["host", "extension"])
def test_a_process_that_crashes_is_undecided(tmp_path, victim):
    """The snapshots are kept and named, and the process that died is named with the reason."""
    with staged("clean") as stage:
        command = kill(getattr(stage.players, victim))
        outcome = run(RunRequest(stage.processes, command, rounds=3, folder=tmp_path))

    assert outcome.report.outcome is Outcome.UNDECIDED
    assert any(victim in reason and "was not read" in reason for reason in reasons(outcome))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["round-00.json", "round-01.json"]


def test_what_the_data_carries_is_found_though_the_host_has_crashed(tmp_path):
    """Three leaks, then the host dies: the extension's leak is a finding with its rate."""
    with staged("leak") as stage:
        crash = f"import os, sys; n = len(os.listdir({str(tmp_path)!r})); "
        crash += f"n > 3 and sys.exit(os.kill({stage.players.host}, 9)); "
        crash += f"import subprocess; subprocess.run({list(stage.trigger)!r}, check=True)"
        command = (PYTHON, "-c", crash)
        outcome = run(RunRequest(stage.processes, command, rounds=6, folder=tmp_path))

    assert outcome.report.outcome is Outcome.FINDINGS
    (leak,) = [finding for finding in outcome.report.findings if finding.rule == "U5"]
    assert leak.series[:4] == (0, 1, 2, 3)
    assert any("host was not read" in reason for reason in reasons(outcome))


def test_a_kernel_that_dies_leaves_what_was_read(tmp_path):
    """The snapshots so far are kept; the verdict is undecided, for nobody can read any more."""
    with staged("clean", mortal=True) as stage:
        kernel = next(
            child
            for child in psutil.Process().children()
            if any("portaudit.demo.kernel" in word for word in child.cmdline())
        )
        outcome = run(RunRequest(stage.processes, kill(kernel.pid), rounds=3, folder=tmp_path))

    assert outcome.report.outcome is Outcome.UNDECIDED
    assert [path.name for path in tmp_path.iterdir()] == ["round-00.json"]
    assert "no kernel answers" in reasons(outcome)[-1]


def test_no_kernel_at_all_is_an_error(clean):
    """Where nothing can be read at the beginning, nothing is triggered."""
    request = replace(clean.processes, kernel="simulated:/not/there")
    with pytest.raises(KernelUnavailable):
        run(RunRequest(request, ("touch", "/not/reached")))


def start(stage, folder):
    """Start a run whose trigger says 1, and sleeps."""
    return subprocess.Popen(
        [*PORTAUDIT, "run", *stage.options, "--", PYTHON, "-c", SLEEP],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
    )


def test_ctrl_c_keeps_what_was_taken(clean, tmp_path):
    """SIGINT while the trigger runs: it is ended, the snapshots are named, the verdict is not balanced."""
    process = start(clean, tmp_path)
    assert process.stderr is not None
    assert process.stderr.readline() == "1\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode == 130
    assert out.startswith("UNDECIDED  it was interrupted\n")
    assert err == "portaudit: it was interrupted\nsnapshots: portaudit-run/before.json\n"


def test_a_killed_portaudit_leaves_no_process_and_no_socket(clean, tmp_path, monkeypatch):
    """SIGKILL of the command while its trigger runs: the keeper ends the trigger and removes the socket."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "private"))
    (tmp_path / "private").mkdir()
    before = set((tmp_path / "private").iterdir())
    assert killed(start(clean, tmp_path)) == []
    assert set((tmp_path / "private").iterdir()) == before


MARKING = "from portaudit.demo.cues import mark; import subprocess; "


def test_a_trigger_may_say_the_moments_itself():
    """The marks of the trigger are the snapshots: what it does before and after them does not count."""
    with staged("leak") as stage:
        transfer = f"subprocess.run({list(stage.trigger)!r}, check=True); "
        code = MARKING + transfer + "mark('before'); " + transfer + "mark('after'); " + transfer
        outcome = run(RunRequest(stage.processes, (PYTHON, "-c", code)))

    (finding,) = outcome.report.findings
    assert [(row.before, row.after) for row in finding.rows] == [(1, 2)]
    assert [moment.name for moment in outcome.moments] == ["before", "after"]


def test_a_spawned_host_is_read_when_it_says_so(clean, monkeypatch):
    """The host is started, its extension found among its descendants, and each round read at its mark."""
    monkeypatch.setenv("PORTAUDIT_KERNEL", clean.kernel)
    processes = replace(clean.processes, host=None, extension="demo-extension")
    command = (PYTHON, "-m", "portaudit.demo.hosted", "drive", "leak", "4")
    outcome = run(RunRequest(processes, spawn=command))

    assert rates(outcome) == [("U5", 1)]
    assert outcome.report.findings[0].series == (0, 1, 2, 3, 4)
    assert [moment.name for moment in outcome.moments] == [
        "before",
        "round-01",
        "round-02",
        "round-03",
        "after",
    ]
    assert outcome.trigger_status in (0, None)


@pytest.mark.parametrize(
    ("code", "extension", "sentence"),
    [
        ("import time; time.sleep(60)", None, "the host said no mark for 1 seconds"),
        ("raise SystemExit(3)", None, "the host ended before its mark `after`: exit status 3"),
        (
            MARKING + "mark('before')",
            "nobody",
            "the host started no process called 'nobody' within 1 seconds",
        ),
    ],
)
def test_a_spawned_host_that_cannot_be_read_is_an_error(clean, monkeypatch, code, extension, sentence):
    """No marks, an early end, no such extension: the reason is said, and nothing is called balanced."""
    monkeypatch.setenv("PORTAUDIT_KERNEL", clean.kernel)
    processes = replace(clean.processes, host=None, extension=extension)
    with pytest.raises(NotReadable, match=sentence):
        run(RunRequest(processes, spawn=(PYTHON, "-c", code), time_limit=1))


@pytest.mark.parametrize("text", ["3", "a:b", "1:0", "1:", "-1:3", "1:2:3", "1:1234567"])
def test_a_repeat_that_is_none_is_a_usage_error(portaudit, text):
    """What is not WARMUP:COUNT is quoted, exit 2."""
    ended = portaudit("run", "--repeat", text, "--host", "1", "--", "true")

    assert ended.status == 2
    assert f"--repeat {text!r} is not WARMUP:COUNT" in ended.err


def test_a_folder_that_cannot_be_made_is_a_usage_error(clean, tmp_path):
    """A file in the way of the folder is named, and nothing is triggered."""
    (tmp_path / "taken").write_text("here")
    with pytest.raises(UsageError, match="taken cannot be made"):
        run(RunRequest(clean.processes, clean.trigger, folder=Path(tmp_path / "taken")))
