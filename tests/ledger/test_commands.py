"""The commands around a ledger, from a newcomer's C program to the guilty line."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portaudit.ledger.read import read_ledger
from portaudit.libsystem import find_compiler
from portaudit.lldb_script import script_path
from tests.ledger.programs import SOURCES
from tests.shared import once

pytestmark = pytest.mark.whole

HERE = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def mine(programs, tmp_path_factory):  # noqa: ARG001  where those were built, this can be
    """A newcomer's program, built with the flags that the command prints."""
    return once(tmp_path_factory, "my own", build_mine)


def build_mine(folder: Path) -> Path:
    """Do what the manual tells a newcomer to."""
    flags = run("ledger", "--stand-in", ".", cwd=folder).stdout.split()
    program = folder / "mine"
    compiler = [find_compiler(), "-O2", str(SOURCES / "mine.c")]
    subprocess.run([*compiler, *flags, "-o", program], check=True, cwd=folder)
    return program


@pytest.fixture(scope="module")
def recorded(mine, tmp_path_factory):
    """What a run of it told, and where its files are; no test changes them."""
    return once(tmp_path_factory, "recorded", lambda folder: (spawned(mine, folder), folder))


def run(*words: object, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    """Run portaudit in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "portaudit", *map(str, words)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=cwd,
        env=os.environ | {"COLUMNS": "100", "NO_COLOR": "1"},
    )


def spawned(mine: Path, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Audit it on the simulated kernel, recorded."""
    words = ("--kernel", "simulated", "--spawn", "--ledger", "--settle", "0", "--keep", folder)
    return run("run", *words, *more, "--", mine)


def test_from_a_c_program_to_the_guilty_line(recorded):
    """Build, run, read: the leak's line, and both lines of a double free that no table shows."""
    told, _ = recorded

    lines = " ".join(told.stdout.split())
    assert told.returncode == 1
    assert "Where: 10 of 10 references of known origin" in lines
    assert (
        "kept 10 of 40 acquired by xpc_dictionary_copy_mach_send < on_message (mine.c:11) < main (mine.c:30)"
        in lines
    )
    assert "Freed: mach_port_mod_refs < close_twice (mine.c:21) < main (mine.c:31)" in lines
    assert "Before: mach_port_mod_refs < close_twice (mine.c:20) < main (mine.c:31)" in lines


def test_the_files_of_a_run_are_compared_again(recorded):
    """`diff --ledger` says of them what the run said, and JSON has every frame."""
    _, folder = recorded
    (ledger,) = folder.glob("ledger.*")
    sides = [folder / f"{moment}.json" for moment in ("before", "after")]

    document = json.loads(run("diff", *sides, "--ledger", ledger, "--format", "json").stdout)

    leak, double = document["findings"]
    assert leak["place"] == {"file": "tests/ledger/programs/mine.c", "line": 11}
    assert [frame["symbol"] for frame in leak["where"][0]["origins"][0]["stack"]][:2] == [
        "on_message",
        "main",
    ]
    assert double["where"][0]["releases"][0]["code"] == 15


KNOWN = """
[[suppress]]
rule = "O5"
match = {role = "host"}
reason = "it closes twice, harmlessly"
until = 2999-01-01
"""


def test_what_a_ledger_adds_is_suppressed_and_accepted_like_any_finding(recorded, tmp_path):
    """A suppression of its rule, and a baseline, set it aside; the leak beside it still counts."""
    _, folder = recorded
    (ledger,) = folder.glob("ledger.*")
    asked = [*(folder / f"{moment}.json" for moment in ("before", "after")), "--ledger", ledger]
    (tmp_path / "portaudit.toml").write_text(KNOWN)

    accepting = run("baseline", *asked, "-o", tmp_path / "known.json", "--no-config")
    known = run("diff", *asked, "--baseline", tmp_path / "known.json", "--no-config", "--format", "json")
    hidden = run("diff", *asked, "--config", tmp_path / "portaudit.toml", "--format", "json")

    assert accepting.stderr.startswith(f"{tmp_path / 'known.json'} accepts 2 findings\n")
    assert (known.returncode, json.loads(known.stdout)["verdict"]) == (0, "known")
    assert hidden.returncode == 1
    document = json.loads(hidden.stdout)
    assert [one["rule"] for one in document["findings"]] == ["U2"]
    assert [(one["rule"], one["reason"]) for one in document["suppressed"]] == [
        ("O5", "it closes twice, harmlessly")
    ]
    assert [use["state"] for use in document["suppressions"]] == ["used"]


ASK = """
import os, sys, time
pipe, done = sys.argv[1], 1
while os.path.exists(f"{pipe}.{done}"):
    done += 1
with open(pipe, "w") as file:
    file.write("go\\n")
while not os.path.exists(f"{pipe}.{done}"):
    time.sleep(0.005)
"""
"""A trigger: it asks the host through its pipe for a round, and waits for the answer."""


def test_a_series_names_the_line_and_its_rounds(programs, tmp_path):  # noqa: ARG001  as above
    """`run --repeat --ledger`: the host is recorded from its start, and each round has its own references."""
    flags = run("ledger", "--stand-in", tmp_path).stdout.split()
    host, pipe = tmp_path / "host", tmp_path / "pipe"
    subprocess.run([find_compiler(), "-O2", SOURCES / "rounds.c", *flags, "-o", host], check=True)
    os.mkfifo(pipe)
    words = ("--kernel", "simulated", "--host-command", f"{host} {pipe}", "--ledger", "--repeat", "1:3")
    quick = ("--pace", "0", "--settle", "0", "--keep", tmp_path / "run")

    told = run("run", *words, *quick, "--", sys.executable, "-c", ASK, pipe)

    lines = " ".join(told.stdout.split())
    assert told.returncode == 1, told.stderr
    assert "Where: 6 of 6 references of known origin" in lines
    assert "kept 6 of 24 acquired by xpc_dictionary_copy_mach_send < on_round (rounds.c:12)" in lines
    assert "< main (rounds.c:28), by round 2 2 2" in lines


def test_a_ledger_of_another_process_is_said_to_be_one(mine, recorded, tmp_path):
    """Its process is not under audit: nothing of it is joined, and the reader knows."""
    _, folder = recorded
    spawned(mine, tmp_path / "two")
    (ledger,) = folder.glob("ledger.*")
    sides = [tmp_path / "two" / f"{moment}.json" for moment in ("before", "after")]

    document = json.loads(run("diff", *sides, "--ledger", ledger, "--format", "json").stdout)

    pid = read_ledger(ledger).pid
    assert f"the ledger {ledger} is of process {pid}, which is not under audit" in document["notes"]
    assert [finding.get("where") for finding in document["findings"]] == [None]


def test_a_ledger_is_summed_up_by_function(programs, portaudit, tmp_path):
    """Whose it is, and how often each function gave, took, or was refused."""
    programs.run("leaky", 40, 1, ledger=tmp_path / "l")

    told = portaudit("ledger", tmp_path / "l")

    assert told.status == 0
    assert "269 events on 1 threads" in told.out
    rows = {line.split()[0]: line.split()[1:] for line in told.out.splitlines() if line.startswith("mach_")}
    assert rows["mach_port_deallocate"] == ["120", "1"]
    assert rows["mach_port_allocate"] == ["1"]


def test_what_is_no_ledger_exits_4(portaudit, tmp_path):
    """One sentence, for reading it and for joining with it."""
    (tmp_path / "l").write_text("no ledger")

    told = portaudit("ledger", tmp_path / "l")

    assert (told.status, told.out) == (4, "")
    assert told.err == f"portaudit: {tmp_path / 'l'} is no ledger: it has 9 bytes, fewer than a header\n"


@pytest.mark.parametrize(
    "words", [("ledger",), ("ledger", "--source", "--table"), ("lldb",), ("lldb", "--path", "--example")]
)
def test_one_thing_is_asked_at_a_time(portaudit, words):
    """Nothing, or two things: wrong usage."""
    assert portaudit(*words).status == 2


def test_recording_wants_something_to_start(portaudit):
    """A host that runs already cannot be recorded by the library."""
    told = portaudit("run", "--host", os.getpid(), "--ledger", "--", "true")

    assert told.status == 2
    assert "give --spawn or --host-command" in told.err


def test_flags_that_a_shell_would_part_are_not_printed(programs, tmp_path):  # noqa: ARG001  where those are, this can be
    """The stand-in's folder has a blank; the sentence says what works there."""
    told = run("ledger", "--stand-in", tmp_path / "my own")

    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr == (
        f"portaudit: a shell would part flags at the blank in {tmp_path}/my own: go there, and say "
        "--stand-in .\n"
    )


def test_the_table_of_functions_is_printed(portaudit):
    """Each function with its effect and its trap."""
    told = portaudit("ledger", "--table")

    assert "mach_host_self" in told.out
    assert "semaphore: -1, even if refused" in " ".join(told.out.split())


def test_the_c_file_is_printed_whole(portaudit):
    """With the wrappers that are written from the table."""
    told = portaudit("ledger", "--source")

    assert "WRAP(kern_return_t, task_for_pid, (" in told.out
    assert "@ WRAPPERS @" not in told.out


def test_the_script_for_lldb_is_named(portaudit):
    """A path that lldb can import; and how."""
    assert portaudit("lldb", "--path").out == f"{script_path()}\n"
    assert f'command script import "{script_path()}"' in portaudit("lldb", "--example").out


def test_the_demo_names_the_lines_of_both_mistakes(programs, tmp_path):  # noqa: ARG001  where those are, this can be
    """It exits 0 only if it does, in a folder whose path the loader would part; its files stay."""
    folder = tmp_path / "a demo of mine"
    told = run("demo", "where", "-o", folder, "-q")
    lines = " ".join(told.stdout.split())

    assert (told.returncode, told.stderr) == (0, "")
    assert "acquired by xpc_dictionary_copy_mach_send < serve (leaky.c:15)" in lines
    assert "Freed: mach_port_mod_refs < close_box (leaky.c:23) < shut_down (leaky.c:29)" in lines
    assert (folder / "before.json").exists()
