"""Running lsmp: a stand-in program plays what it can do."""

import tempfile
import time
from pathlib import Path

import pytest

from portaudit.collect import other_programs
from portaudit.collect.other_programs import run_lsmp
from portaudit.errors import KernelUnavailable, NotReadable
from tests.collect.lsmp.prints import PRINTS, TRUTH, rows_of
from tests.python_program import write_program

WARNING = "warning: should run as root for best output (cross-ref to other tasks' ports)."


@pytest.fixture
def stand_in(tmp_path):
    """Give a function that makes a program out of a few lines of Python; `json` is where -j points."""

    def make(body: str) -> str:
        head = "import sys, time, pathlib\njson = pathlib.Path(sys.argv[sys.argv.index('-j') + 1])\n"
        return str(write_program(tmp_path / "lsmp", head + body))

    return make


def printing(name, *forms):
    text = f"sys.stdout.buffer.write(pathlib.Path({str(PRINTS / name)!r} + '.txt').read_bytes())\n"
    json = f"json.write_bytes(pathlib.Path({str(PRINTS / name)!r} + '.json').read_bytes())\n"
    return "".join(part for form, part in (("txt", text), ("json", json)) if form in forms)


def expected(name):
    return {task["pid"]: sorted(task["rows"]) for task in TRUTH[name]["tasks"]}


@pytest.mark.parametrize("forms", [("txt", "json"), ("txt",), ("json",)], ids="+".join)
def test_what_it_prints_is_read(stand_in, forms):
    """The JSON file is read, and the text where there is no file."""
    snapshot = run_lsmp(None, timeout=10, program=stand_in(printing("xfer_leak", *forms)))

    assert {task.process.pid: rows_of(task) for task in snapshot.tasks} == expected("xfer_leak")


def test_it_is_asked_for_one_process_or_for_all(stand_in, tmp_path, monkeypatch):
    """The pid goes to -p, none to -a, and the file lies in a private folder that is gone afterwards."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    words = "' '.join(sys.argv[1:-1]) + oct(json.parent.stat().st_mode)"
    note = f"pathlib.Path({str(tmp_path / 'note')!r}).write_text({words})\n"
    talks = stand_in(note + printing("xfer_leak_release_p502", "txt", "json"))
    asked = []
    for pid in (502, None):
        run_lsmp(pid, timeout=10, program=talks)
        asked.append((tmp_path / "note").read_text())

    assert asked == ["-p 502 -j0o40700", "-a -j0o40700"]
    assert not list(Path(tempfile.gettempdir()).glob("portaudit-lsmp-*"))


def test_tasks_that_it_could_not_read_are_told(stand_in):
    """Its JSON is silent about tasks that it could not read; its text and errors are not."""
    errors = "mach_port_space_info() failed: pid:771 error: (os/kern) invalid task"
    body = printing("space_fail", "txt", "json") + f"print({errors!r}, file=sys.stderr)\n"

    snapshot = run_lsmp(None, timeout=10, program=stand_in(body))

    unread = [(task.process.pid, task.not_read.reason) for task in snapshot.tasks if task.not_read]
    assert unread[0] == (771, "lsmp could not read its port space: (os/kern) invalid task")
    assert [pid for pid, _ in unread] == [771, None]


def test_a_warning_does_not_matter(stand_in):
    """A warning and exit 0 is success."""
    body = f"print({WARNING!r}, file=sys.stderr)\n" + printing("nonroot", "txt", "json")

    snapshot = run_lsmp(780, timeout=10, program=stand_in(body))

    assert {task.process.pid: rows_of(task) for task in snapshot.tasks} == expected("nonroot")


def test_a_warning_and_nothing_else_is_no_snapshot(stand_in):
    """A warning, exit 0 and no output is said in words, never an empty table."""
    with pytest.raises(
        NotReadable, match=r"ended well and printed nothing .* process 780: warning: should run as root"
    ):
        run_lsmp(780, timeout=10, program=stand_in(f"print({WARNING!r}, file=sys.stderr)\n"))


def test_silence_is_no_snapshot(stand_in):
    """Exit 0 without a word is said in words."""
    with pytest.raises(
        NotReadable, match=r"printed nothing that can be read of the tasks: it gives no reason"
    ):
        run_lsmp(None, timeout=10, program=stand_in("pass\n"))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            f"{WARNING}\ntask_for_pid() failed: (os/kern) failure",
            r"\(exit 1\): task_for_pid\(\) failed.* needs root",
        ),
        ("Failed to find task ipc information for pid 4242", r"\(exit 1\): Failed to find task ipc .* 4242"),
        ("sudo: a password is required", r"\(exit 1\): sudo: a password is required; run `sudo -v` first"),
        ("", r"\(exit 1\): it gives no reason; lsmp needs root"),
    ],
)
def test_a_failure_is_quoted_with_what_would_help(stand_in, said, sentence, monkeypatch):
    """Exit 1 is refused with lsmp's own words, and what would help."""
    monkeypatch.setattr("os.geteuid", lambda: 501)
    torn = b'{"version":"1.0","processes":['
    body = f"print({said!r}, file=sys.stderr)\njson.write_bytes({torn!r})\nsys.exit(1)\n"

    with pytest.raises(NotReadable, match=sentence):
        run_lsmp(4242, timeout=10, program=stand_in(body))


def test_root_is_not_told_to_become_root(stand_in, monkeypatch):
    """Where lsmp refuses root, the sentence says that it was root."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    body = "print('task_for_pid() failed: (os/kern) failure', file=sys.stderr)\nsys.exit(1)\n"

    with pytest.raises(NotReadable, match=r"task_for_pid\(\) failed.*; it was run as root$"):
        run_lsmp(4242, timeout=10, program=stand_in(body))


def test_a_slow_one_is_stopped(stand_in):
    """After the time limit it is stopped, and that is said."""
    begun = time.monotonic()

    with pytest.raises(KernelUnavailable, match=r"did not answer within 0\.3 s and was stopped"):
        run_lsmp(1, timeout=0.3, program=stand_in("time.sleep(60)\n"))
    assert time.monotonic() - begun < 10


def test_one_that_is_not_there_is_told():
    """Without lsmp the sentence says how to get its output from a Mac."""
    with pytest.raises(KernelUnavailable, match=r"/nowhere/lsmp is not here.*sudo lsmp -p 7 -j FILE"):
        run_lsmp(7, timeout=1, program="/nowhere/lsmp")


def test_one_that_cannot_be_started_is_told(tmp_path):
    """A program that cannot be started is said to be so."""
    path = tmp_path / "lsmp"
    path.write_bytes(b"\x00\x01")
    path.chmod(0o700)

    with pytest.raises(KernelUnavailable, match=r"could not be started: Exec format error"):
        run_lsmp(7, timeout=1, program=str(path))


def test_sudo_is_used_only_if_asked_for_and_never_asks(stand_in, tmp_path, monkeypatch):
    """With sudo the command runs under `sudo -n --`, which never asks for a password."""
    sudo = tmp_path / "sudo"
    sudo.write_text(f'#!/bin/sh\necho "$1 $2" > {tmp_path}/asked\nshift 2\nexec "$@"\n')
    sudo.chmod(0o700)
    monkeypatch.setattr(other_programs, "SUDO", str(sudo))
    talks = stand_in(printing("nonroot", "json"))

    run_lsmp(780, timeout=10, program=talks)
    assert not (tmp_path / "asked").exists()
    run_lsmp(780, sudo=True, timeout=10, program=talks)
    assert (tmp_path / "asked").read_text() == "-n --\n"


def test_the_program_is_not_looked_for():
    """What the environment says does not choose the program: its path is fixed."""
    assert (other_programs.LSMP, other_programs.SUDO) == ("/usr/bin/lsmp", "/usr/bin/sudo")
