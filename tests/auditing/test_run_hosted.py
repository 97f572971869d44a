"""`run` with a host that it starts and a trigger: right answers, and nothing left however it ends."""

import os
import shlex
import signal
import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from portaudit.auditing.run.run import run
from portaudit.auditing.run.session import RunRequest
from portaudit.auditing.snapshot import Request
from portaudit.errors import KernelUnavailable, NotReadable, UsageError
from portaudit.model.finding import Outcome
from tests.staged import ASK, PORTAUDIT, killed, served

pytestmark = pytest.mark.whole

PYTHON = sys.executable
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(62)"
"""A child that no lifeline ends, and that does not end when it is asked to."""


@pytest.fixture(scope="module")
def kernel():
    """A stand-in kernel for all tests here."""
    with served() as name:
        yield name


def obey(scenario):
    """Give the command of a host that transfers when it is asked to."""
    return (PYTHON, "-P", "-m", "portaudit.demo.hosted", "obey", scenario)


def ask(kernel, scenario, trigger=ASK, **more):
    """Ask for a run of the demo's own host."""
    return RunRequest(
        Request(extension="demo-extension", kernel=kernel), trigger, spawn=obey(scenario), **more
    )


def python(code):
    return (PYTHON, "-c", f"import os, subprocess, sys\n{code}")


def transfer_then(code, when="True"):
    """Give a trigger that lets the host transfer, and then does something once a condition holds."""
    return python(f"subprocess.run({list(ASK)!r}, check=True)\nif {when}:\n  {code}")


def kill(role):
    return f"os.kill(int(os.environ['PORTAUDIT_{role}_PID']), 9)"


def reasons(outcome):
    return [finding.reason for finding in outcome.report.undecided]


def players(kernel):
    """Give whatever a run has started on this kernel, below this process or orphaned."""
    return [process.pid for process in psutil.process_iter() if _kernel_of(process) == kernel]


def _kernel_of(process):
    try:
        return process.environ().get("PORTAUDIT_KERNEL")
    except psutil.Error:
        return None


@pytest.fixture(autouse=True)
def nothing_stays(kernel):
    """No test leaves a process behind."""
    yield
    assert players(kernel) == []


@pytest.mark.parametrize(
    ("scenario", "warm_up", "rounds", "answer"),
    [
        ("clean", 0, 2, []),
        ("leak", 0, 1, [("U5", None)]),
        ("every-third", 0, 6, [("U5", 0.33)]),
        ("double-free", 0, 3, [("O1", -1)]),
        ("leak-once", 1, 4, [("U5", 0.25)]),
    ],
)
def test_a_started_host_that_is_triggered_gives_the_right_answer(
    kernel, tmp_path, scenario, warm_up, rounds, answer
):
    """Snapshot, trigger, snapshot, as of processes that run already; the host is ended afterwards."""
    outcome = run(ask(kernel, scenario, warm_up=warm_up, rounds=rounds, folder=tmp_path))

    found = [(one.rule, one.rate and round(one.rate, 2)) for one in outcome.report.findings]
    assert (found, reasons(outcome)) == (answer, [])
    names = ["before", "after"] if rounds == 1 else [f"round-{number:02}" for number in range(rounds + 1)]
    assert [moment.name for moment in outcome.moments] == names


def test_a_trigger_is_told_whom_it_triggers(kernel, tmp_path):
    """The pids of host and extension, the kernel and the socket of marks stand in its environment."""
    names = ("PORTAUDIT_HOST_PID", "PORTAUDIT_EXTENSION_PID", "PORTAUDIT_KERNEL", "PORTAUDIT_MARKS")
    told = tmp_path / "told"
    code = f"open({str(told)!r}, 'w').write('\\n'.join(os.environ[name] for name in {names!r}))"
    outcome = run(ask(kernel, "clean", python(code)))

    host, extension, address, marks = told.read_text().splitlines()
    tasks = outcome.moments[-1].snapshot.tasks
    assert [(task.role, str(task.process.pid)) for task in tasks] == [
        ("host", host),
        ("extension", extension),
    ]
    assert (address, os.path.basename(marks)) == (kernel, "marks")  # noqa: PTH119  a path that is gone


def test_nobody_is_told_of_an_older_run(kernel, tmp_path, monkeypatch):
    """A pid that is not audited here is not in the environment, whoever has set it."""
    monkeypatch.setenv("PORTAUDIT_EXTENSION_PID", "1")
    code = f"open({str(tmp_path / 'told')!r}, 'w').write(str(os.environ.get('PORTAUDIT_EXTENSION_PID')))"
    request = ask(kernel, "clean", python(code))
    run(replace(request, processes=replace(request.processes, extension=None)))

    assert (tmp_path / "told").read_text() == "None"


@pytest.mark.parametrize("role", ["HOST", "EXTENSION"])
def test_a_process_that_crashes_is_undecided(kernel, tmp_path, role):
    """The snapshots are kept and named, and the reason says who has gone."""
    outcome = run(ask(kernel, "clean", python(kill(role)), rounds=3, folder=tmp_path))

    assert outcome.report.outcome is Outcome.UNDECIDED
    gone = {"HOST": "the host ended too early, killed by SIGKILL: ", "EXTENSION": "extension was not read"}
    assert any(gone[role] in reason for reason in reasons(outcome)), reasons(outcome)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["round-00.json", "round-01.json"]


def test_what_the_data_carries_is_found_though_the_host_has_crashed(kernel, tmp_path):
    """Two leaks are read, then the host dies: a finding with its rate, and the reason."""
    crash = transfer_then(kill("HOST"), f"len(os.listdir({str(tmp_path)!r})) > 3")
    outcome = run(ask(kernel, "leak", crash, rounds=6, folder=tmp_path))

    (leak,) = [finding for finding in outcome.report.findings if finding.rule == "U5"]
    assert (outcome.report.outcome, leak.series[:4]) == (Outcome.FINDINGS, (0, 1, 2, 3))
    assert any("the host ended too early" in reason for reason in reasons(outcome))


def test_a_failing_trigger_fails_the_run(kernel):
    """Its exit status is the reason, and the host is ended all the same."""
    outcome = run(ask(kernel, "clean", python("sys.exit(7)")))

    assert (reasons(outcome), outcome.trigger_status) == (["the trigger failed: exit status 7"], 7)


def test_what_a_crashed_host_leaves_behind_is_ended(kernel):
    """A child that survives its parent is nobody's descendant any more, and is ended too."""
    start = f"subprocess.Popen([sys.executable, '-c', {STUBBORN!r}])\n"
    host = python(f"{start}os.execv({PYTHON!r}, {list(obey('clean'))!r})")
    outcome = run(replace(ask(kernel, "clean", python(kill("HOST"))), spawn=host))

    assert outcome.report.outcome is Outcome.UNDECIDED


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        (
            "import time; time.sleep(60)",
            "the host started no process called 'demo-extension' within 1 second",
        ),
        (
            "[subprocess.Popen(['sleep', '60']) for _ in 'ab']; import time; time.sleep(60)",
            r"launchd none for it \(it did start sleep \(\d+\), sleep \(\d+\)\); the host can say",
        ),
        ("sys.exit(3)", "the host ended before it had started 'demo-extension': exit status 3"),
    ],
)
def test_an_extension_that_never_comes_is_an_error(kernel, host, sentence):
    """Without one snapshot there is nothing to judge: the reason is said, and nothing is triggered."""
    request = replace(ask(kernel, "clean", ("/not/reached",), time_limit=1), spawn=python(host))
    with pytest.raises(NotReadable, match=sentence):
        run(request)


def test_no_host_is_started_where_nothing_can_be_read(monkeypatch, tmp_path):
    """Without a Mach kernel the run ends at once, and says what would help."""
    monkeypatch.delenv("PORTAUDIT_KERNEL", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    started = python(f"open({str(tmp_path / 'started')!r}, 'w')")
    for trigger in ((), ("true",)):
        with pytest.raises(KernelUnavailable, match="this machine runs no Mach kernel"):
            run(RunRequest(Request(), trigger, spawn=started))

    assert list(tmp_path.iterdir()) == []


def test_a_stand_in_is_started_with_the_host(portaudit, tmp_path, monkeypatch):
    """--kernel simulated needs no socket where the run starts the host, and nothing of it stays."""
    monkeypatch.chdir(tmp_path)
    options = ("--kernel", "simulated", "--extension", "demo-extension", "--repeat", "0:2", "--pace", "0")
    host = ("--host-command", "portaudit demo --obey clean")
    before = psutil.Process().children()
    ended = portaudit("run", *options, *host, "--", "portaudit", "demo", "--transfer")

    assert (ended.status, ended.out.partition("\n")[0]) == (
        0,
        "BALANCED  every reference to the host's task port came back",
    )
    assert psutil.Process().children() == before


def test_a_host_that_cannot_be_started_is_a_usage_error(kernel):
    """The command that is not there is named."""
    with pytest.raises(UsageError, match="'/not/there' cannot be started"):
        run(replace(ask(kernel, "clean"), spawn=("/not/there",)))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process name itself")
def test_a_launcher_may_start_the_host(kernel):
    """With a name the host is looked for among what the command starts, as the extension is."""
    launcher = python(f"sys.exit(subprocess.call({list(obey('leak'))!r}))")
    request = ask(kernel, "leak")
    outcome = run(replace(request, processes=replace(request.processes, host="demo-host"), spawn=launcher))

    assert [finding.rule for finding in outcome.report.findings] == ["U5"]
    assert outcome.moments[0].snapshot.tasks[0].process.name == "demo-host"


MARKING_HOST = """
import os, signal
from portaudit.demo.extension import TRANSFER
from portaudit.demo.host import on_stage
from portaudit.demo.cues import mark
from portaudit.demo.scenarios import SCENARIOS
scenario, (lifeline, hold) = SCENARIOS["leak"], os.pipe()
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
with on_stage(scenario, lifeline) as (host, mailbox):
    mark("extension", host.extension.pid)
    host.hand_over(mailbox, TRANSFER, scenario.disposition)
    mark("before")
    while signal.sigwait([signal.SIGUSR1]):
        host.hand_over(mailbox, TRANSFER, scenario.disposition)
        mark("after")
        host.hand_over(mailbox, TRANSFER, scenario.disposition)
"""


def test_a_host_that_says_marks_is_read_at_them(kernel):
    """What it does before `before` and after `after` does not count; the trigger only sends a signal."""
    wait = "import time; time.sleep(1)"
    trigger = python(f"os.kill(int(os.environ['PORTAUDIT_HOST_PID']), 10)\n{wait}")
    outcome = run(replace(ask(kernel, "leak", trigger), spawn=(PYTHON, "-c", MARKING_HOST)))

    (finding,) = outcome.report.findings
    assert [(row.before, row.after) for row in finding.rows] == [(1, 2)]
    assert [moment.name for moment in outcome.moments] == ["before", "after"]


def start(kernel, folder, trigger):
    return subprocess.Popen(
        [
            *(*PORTAUDIT, "run", "--kernel", kernel, "--extension", "demo-extension"),
            *(
                "--host-command",
                shlex.join([PYTHON, "-m", "portaudit", "demo", "--obey", "leak"]),
                "--",
                *trigger,
            ),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=os.environ | {"TMPDIR": str(folder)},
    )


def test_ctrl_c_keeps_what_was_taken_and_ends_the_host(kernel, tmp_path):
    """SIGINT while the trigger runs: all is ended, the snapshots are named, the verdict is not balanced."""
    process = start(kernel, tmp_path, python("import time; print(1, flush=True); time.sleep(60)"))
    assert process.stderr is not None
    assert process.stderr.readline() == "1\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert (process.returncode, out.partition("\n")[0]) == (130, "UNDECIDED  it was interrupted")
    assert err.endswith("portaudit: it was interrupted\nsnapshots: portaudit-run/before.json\n")
    assert [path.name for path in tmp_path.iterdir()] == ["portaudit-run"]


def test_a_killed_portaudit_leaves_no_host_and_no_socket(kernel, tmp_path):
    """SIGKILL while the trigger runs: the keeper ends what was started, and removes the sockets."""
    process = start(kernel, tmp_path, python("import time; print(1, flush=True); time.sleep(60)"))
    assert (killed(process), [path.name for path in tmp_path.iterdir()]) == ([], ["portaudit-run"])


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--spawn", "--host-command", "a"), "--host-command goes with a trigger"),
        (("--host-command", " "), "--host-command is empty"),
        (("--host-command", "'a"), "cannot be split into words: no closing quotation"),
        (("--spawn", "--repeat", "0:3"), "repeat needs a trigger"),
        (("--pid", "1", "--idle", "5"), "give their number with --ops, or leave --idle out"),
        (("--pid", "1", "--idle", "5", "--ops", "5", "--repeat", "0:3"), "leave --idle out"),
        (("--spawn", "--idle", "5", "--ops", "5"), "that a trigger makes"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(portaudit, arguments, sentence):
    """Exit 2, with the reason."""
    ended = portaudit("run", *arguments, "--", "true")

    assert (ended.status, sentence in ended.err) == (2, True), ended.err


def test_many_operations_of_a_started_host_are_a_pair_beside_an_idle_one(kernel):
    """What the host says by marks while nothing is triggered is no reading of the pair."""
    outcome = run(ask(kernel, "leak", operations=5, idle=0.5))

    assert [one.name for one in (*outcome.beside, *outcome.moments)] == ["idle", "before", "after"]
    assert [row.residual for finding in outcome.report.findings for row in finding.rows] == [1]
