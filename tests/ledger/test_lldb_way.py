"""Reading by lldb, like any other way."""

import json
import os
import subprocess
from contextlib import contextmanager

import pytest

from tests.ledger.lldb_runs import build_mach_programs, need_lldb
from tests.shared import once
from tests.staged import served

pytestmark = pytest.mark.whole


@pytest.fixture
def idle(programs, tmp_path_factory):  # noqa: ARG001  where those are, this can be made
    """A program that waits, over a stand-in kernel."""
    need_lldb()
    built = once(tmp_path_factory, "ledger-mach", build_mach_programs)
    with served() as kernel, running(built, kernel) as process:
        yield process


@contextmanager
def running(programs, kernel):
    """Run it until the block ends."""
    environment = os.environ | {"PORTAUDIT_KERNEL": kernel}
    with subprocess.Popen([programs.program("idle")], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        yield process
        process.kill()


def test_a_process_is_read_by_lldb_and_goes_on(portaudit, idle, tmp_path):
    """Its rows are there with their references, twice alike; it runs afterwards."""
    told = portaudit(
        "snapshot", "--way", "lldb", "--pid", idle.pid, "--settle", "0", "-o", tmp_path / "s.json"
    )
    shown = json.loads(portaudit("show", tmp_path / "s.json", "--format", "json").out)
    (task,) = shown["tasks"]

    assert told.status == 0
    assert idle.poll() is None
    assert sorted((entry["kobject"] or "", entry["urefs"]) for entry in task["entries"]) == [
        ("", 0),
        ("HOST", 3),
        ("SEMAPHORE", 1),
        ("TASK-CONTROL", 1),
    ]


def test_a_process_is_watched_by_lldb(portaudit, idle):
    """Look after look, and it runs afterwards: nothing moved."""
    told = portaudit("watch", "--way", "lldb", "--looks", "2", "--interval", "0.1", idle.pid)

    assert told.status == 0, told.err
    assert idle.poll() is None
    assert "4 names" in " ".join(told.out.split())


def test_what_lldb_cannot_read_says_why(portaudit, tmp_path):
    """A process without Mach's functions is in the snapshot with the reason: exit 3."""
    need_lldb()
    with subprocess.Popen(["/bin/sleep", "60"]) as process:
        told = portaudit("snapshot", "--way", "lldb", "--pid", process.pid, "-o", tmp_path / "s.json")
        process.kill()

    assert told.status == 3
    assert "was not read: lldb: the process has no mach_port_space_info" in told.err


def test_without_lldb_it_is_said_how_to_get_it(portaudit, monkeypatch, tmp_path):
    """In the snapshot, and by doctor."""
    monkeypatch.setattr("portaudit.lldb_script.shutil.which", lambda _name: None)

    told = portaudit("snapshot", "--way", "lldb", "--pid", os.getpid(), "-o", tmp_path / "s.json")

    assert told.status == 3
    assert "lldb is not here: xcode-select --install on a Mac" in told.err
    assert "no lldb is on the PATH" in " ".join(portaudit("doctor").out.split())
