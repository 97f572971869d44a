"""The demo: real processes, planted verdicts, and nothing left behind."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest

from portaudit.demo.play import outcome_of, play
from portaudit.demo.scenarios import SCENARIOS
from portaudit.demo.stage import kernel_server
from portaudit.model.way import GNUMACH
from tests.gnumach.conftest import gnumach_folder
from tests.shared import once, short_place

__all__ = ["gnumach_folder"]

pytestmark = pytest.mark.whole

PORTAUDIT = [sys.executable, "-m", "portaudit"]


@pytest.fixture
def private(tmp_path, monkeypatch):
    """A folder for temporary files, so that leftovers show; short, for a socket must fit."""
    with tempfile.TemporaryDirectory(prefix="pa-", dir=short_place()) as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.chdir(tmp_path)
        yield Path(folder)


def leftovers(folder):
    """Every demo process and temporary file that is still there."""
    processes = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline", "status", "environ"])
        if "portaudit.demo" in " ".join(process.info["cmdline"] or [])
        and (process.info["environ"] or {}).get("TMPDIR") == str(folder)
        and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
    return processes + [entry.name for entry in folder.iterdir()]


def nothing_left(folder):
    """Wait a moment for the processes to end, then say whether all is gone."""
    deadline = time.monotonic() + 5
    while leftovers(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    return leftovers(folder) == []


def snapshots_of(name):
    """Name the files that a play of a scenario leaves."""
    rounds = SCENARIOS[name].rounds
    return [f"{name}-{when}.json" for when in (range(rounds + 1) if rounds else ("after", "before"))]


def play_all(here):
    """Play all scenarios in one command; gives how it ended, and the files that it kept."""
    with tempfile.TemporaryDirectory(prefix="pa-", dir=short_place()) as folder:
        ended = subprocess.run(
            [*PORTAUDIT, "demo"],
            capture_output=True,
            text=True,
            check=False,
            cwd=here,
            env=os.environ | {"TMPDIR": folder},
        )
        assert nothing_left(Path(folder))
    return ended, sorted(path.name for path in (here / "portaudit-demo").iterdir())


@pytest.fixture(scope="module")
def all_played(tmp_path_factory):
    """How the play of all scenarios ended, and what it left."""
    return once(tmp_path_factory, "demo", play_all)


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_gets_the_verdict_planted_in_it(all_played, name):
    """Played with the others, each scenario has its verdict and its snapshots."""
    ended, files = all_played
    verdicts = {line.split()[1]: line.split()[2] for line in ended.stdout.splitlines() if line[:3] == "ok "}

    assert (ended.returncode, verdicts.get(name)) == (0, outcome_of(SCENARIOS[name]).upper())
    assert set(snapshots_of(name)) <= set(files)


def test_all_scenarios_leave_their_snapshots_and_nothing_else(all_played):
    """No scenario is left out, and the kernel is said to be simulated."""
    ended, files = all_played

    assert files == sorted(file for name in SCENARIOS for file in snapshots_of(name))
    assert ended.stderr.startswith("The Mach kernel here is SIMULATED, and")


@pytest.mark.parametrize("name", ["leak", "cache"])
def test_one_scenario_is_told_in_full(private, name):
    """A pair and a series, each played alone: its report, its snapshots, and nothing else."""
    ended = subprocess.run([*PORTAUDIT, "demo", name], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr.splitlines()[0][:38]) == (
        0,
        "The Mach kernel here is SIMULATED, and",
    )
    assert outcome_of(SCENARIOS[name]).upper() in ended.stdout
    assert sorted(path.name for path in Path("portaudit-demo").iterdir()) == snapshots_of(name)
    assert nothing_left(private)


def test_a_platform_host_is_killed_for_sending_its_own_control_port(private):
    """--platform shows the guard exception that a first-party host dies of, and ends 0."""
    ended = subprocess.run([*PORTAUDIT, "demo", "--platform"], capture_output=True, text=True, check=False)

    assert (ended.returncode, "IMMOVABLE on 0x103" in ended.stdout) == (0, True)
    assert "killed by the kernel: EXC_GUARD IMMOVABLE" in ended.stderr
    assert nothing_left(private)


@pytest.fixture(scope="module")
def real_kernel(gnumach_folder):
    """A real Mach kernel, booted once for all scenarios; nothing of it is left."""
    with tempfile.TemporaryDirectory(prefix="pa-", dir=short_place()) as folder:
        with ExitStack() as stack:
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("XDG_CACHE_HOME", str(gnumach_folder.parents[1]))
                patch.setenv("TMPDIR", folder)
                name = stack.enter_context(kernel_server(GNUMACH))
            yield name
        assert nothing_left(Path(folder))


@pytest.mark.gnumach
@pytest.mark.parametrize("name", ["keep", "moved", "dead-name"])
def test_a_real_mach_kernel_gives_the_same_verdicts(real_kernel, tmp_path, name):
    """On GNU Mach in QEMU the scenario gets the verdict that the simulated kernel gave."""
    scenario = SCENARIOS[name]
    played = play(scenario, real_kernel, tmp_path)

    assert (played.as_planted, played.report.outcome) == (True, outcome_of(scenario)), played.report


@pytest.mark.gnumach
def test_a_kernel_without_guard_exceptions_shows_a_silent_double_free_as_balanced(
    gnumach_folder, private, monkeypatch
):
    """The tables of GNU Mach show nothing of it: the demo says so, and what would tell."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(gnumach_folder.parents[1]))

    ended = subprocess.run(
        [*PORTAUDIT, "demo", "silent-double-free", "--kernel", "gnumach"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, "BALANCED" in ended.stdout) == (0, True), ended.stderr
    assert "GNU Mach only by what the call returns" in " ".join(ended.stdout.split())
    assert nothing_left(private)


@contextmanager
def held(scenario):
    """A held pair: the process, and what it printed to type elsewhere."""
    process = subprocess.Popen(
        [*PORTAUDIT, "demo", "--hold", scenario],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if line.startswith("Ctrl-C"):
                break
        yield process, printed
    finally:
        process.kill()
        process.communicate()


def typed(printed, start):
    """Give the command line that begins so, as words to run."""
    (line,) = {line.strip() for line in printed.splitlines() if line.strip().startswith(start)}
    return [*PORTAUDIT, *line.split()[1:]]


def test_a_held_pair_is_audited_from_another_terminal(private):
    """The printed lines work as they stand: snapshot, a transfer, snapshot, diff."""
    with held("leak") as (process, printed):
        lines = [
            line.strip() for line in printed.splitlines() if line.strip().startswith("portaudit snapshot")
        ]
        subprocess.run([*PORTAUDIT, *lines[0].split()[1:]], check=True, capture_output=True)
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "One transfer made.\n"
        subprocess.run([*PORTAUDIT, *lines[1].split()[1:]], check=True, capture_output=True)
        told = subprocess.run(typed(printed, "portaudit diff"), capture_output=True, text=True, check=False)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=10)

    assert told.returncode == 1
    assert told.stdout.startswith("FINDINGS  the extension keeps 1 reference to the host's task port")
    assert (process.returncode, errors.splitlines()[-1]) == (130, "portaudit: interrupted")
    assert nothing_left(private)


def pids_of(printed):
    ((host, extension),) = set(re.findall(r"--host (\d+) --extension (\d+)", printed))
    kernel = next(
        child.pid
        for child in psutil.Process(psutil.Process(int(host)).ppid()).children()
        if "portaudit.demo.kernel" in child.cmdline()
    )
    return {"host": int(host), "extension": int(extension), "kernel": kernel}


@pytest.mark.parametrize(
    ("victim", "sentence"),
    [
        ("host", "portaudit: the demo's host has died (killed by SIGKILL)"),
        ("extension", "portaudit: the demo's extension has died"),
        ("kernel", "portaudit: the demo's "),
    ],
)
def test_a_killed_process_is_told_and_takes_the_others_with_it(private, victim, sentence):
    """Whoever is killed: the message says so, exit 3, and no process, socket or file is left."""
    with held("clean") as (process, printed):
        os.kill(pids_of(printed)[victim], signal.SIGKILL)
        _, errors = process.communicate(timeout=15)

    assert process.returncode == 3
    assert errors.splitlines()[-1].startswith(sentence)
    assert nothing_left(private)


def test_a_killed_portaudit_leaves_nothing(private):
    """SIGKILL of the command itself: host, extension and kernel end by their lifelines."""
    with held("clean") as (process, _):
        process.kill()
        process.wait()

    assert nothing_left(private)


def test_a_terminated_portaudit_leaves_nothing(private):
    """SIGTERM ends everything in order."""
    with held("clean") as (process, _):
        process.terminate()
        process.communicate(timeout=10)

    assert process.returncode == 130
    assert nothing_left(private)


def test_an_unknown_scenario_is_a_usage_error(portaudit):
    """A scenario that is not there exits 2, and the others are named."""
    ended = portaudit("demo", "leek")

    assert ended.status == 2
    assert "'leak-once'" in ended.err
