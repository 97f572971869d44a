"""The script for lldb: the same ledger as the interposer's, the same record as the probe's."""

import ast
import json
import os
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from portaudit.ledger.read import read_ledger
from portaudit.lldb_script import script_path
from portaudit.model.ledger import Ledger
from tests.ledger.lldb_runs import build_mach_programs, lldb, need_lldb
from tests.ledger.written import image_at
from tests.shared import once
from tests.staged import served

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module")
def mach_programs(programs, tmp_path_factory):  # noqa: ARG001  where those are, these can be made
    """Programs over the stand-in for libSystem."""
    need_lldb()
    return once(tmp_path_factory, "ledger-mach", build_mach_programs)


def test_the_script_is_python_3_7_and_needs_nothing_else():
    """Its syntax is that of the oldest Python in an lldb; it imports the standard library and lldb."""
    tree = ast.parse(script_path().read_text(), feature_version=(3, 7))
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    } | {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported == {"__future__", "json", "mmap", "shlex", "struct", "time", "typing", "lldb"}


def view(ledger: Ledger) -> Counter[tuple[object, ...]]:
    """What two recorders of one program must agree on, wherever the program was loaded."""

    def frame(address: int, sequence: int) -> tuple[str, int] | None:
        image = image_at(ledger, address, sequence)
        return (Path(image.path).name, address - image.base) if image else None

    return Counter(
        (
            *(event.function, event.name, event.change, event.right, event.code, event.done),
            *(frame(address, event.sequence) for address in ledger.stacks[event.stack][:3]),
        )
        for event in ledger.events
    )


def test_both_recorders_write_the_same_events(programs, tmp_path):
    """Function, name, change, code, kind and three frames of each; lldb began two calls later."""
    program = programs.program("leaky")
    programs.run("leaky", 40, 1, ledger=tmp_path / "interposed")
    said = lldb(
        f"target create {program}",
        "breakpoint set -n moment",
        "process launch -- 40 1",
        "breakpoint delete 1",
        f"portaudit record {tmp_path / 'watched'}",
        "portaudit go",
        "portaudit end",
    )
    interposed, watched = read_ledger(tmp_path / "interposed"), read_ledger(tmp_path / "watched")

    assert "0 calls still open" in said
    assert (watched.recorder, len(watched.events), watched.pid > 0) == ("lldb", 267, True)
    assert view(watched) - view(interposed) == Counter()
    assert sum((view(interposed) - view(watched)).values()) == 2


@pytest.mark.parametrize("how", ["portaudit go --until moment", "continue"])
def test_four_threads_are_recorded_by_the_driven_loop_and_by_the_stop_hook(programs, tmp_path, how):
    """What the ledger adds up to is what the kernel counts; the program goes on and ends by itself."""
    said = lldb(
        f"target create {programs.program('leaky')}",
        "breakpoint set -n moment",
        "process launch -- 40 4",
        f"portaudit record {tmp_path / 'l'}",
        how,
        "portaudit end",
        "continue",
    )
    ledger = read_ledger(tmp_path / "l")

    assert "exited with status = 0" in said
    assert len(ledger.events) == 1059
    assert {e.thread for e in ledger.events} == {
        e.thread for e in ledger.events if e.function == "task_for_pid"
    }
    assert sum(event.change for event in ledger.events if event.done) == 40 + 40 + 16


def test_a_snapshot_is_the_probes_own_record(mach_programs, tmp_path):
    """Every column of every row that the compiled header wrote a moment before."""
    program = mach_programs.program("self_audit")
    with served() as kernel:
        said = lldb(
            f"target create {program}",
            "breakpoint set -n moment",
            f"process launch -- {tmp_path / 'own.json'}",
            f"portaudit snapshot {tmp_path / 'seen.json'} --role host",
            "continue",
            kernel=kernel,
        )
    own, seen = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("own", "seen"))

    assert "exited with status = 0" in said
    assert seen["columns"] == own["columns"]
    assert sorted(seen["rows"]) == sorted(own["rows"])
    assert (seen["role"], seen["pid"], seen["task_self"]) == ("host", own["pid"], own["task_self"])


def test_a_snapshot_leaves_the_process_as_it_was(mach_programs, tmp_path):
    """The second one has the same rights with the same references."""
    program = mach_programs.program("self_audit")
    with served() as kernel:
        lldb(
            f"target create {program}",
            "breakpoint set -n moment",
            f"process launch -- {tmp_path / 'own.json'}",
            *(f"portaudit snapshot {tmp_path / name}" for name in ("one.json", "two.json")),
            kernel=kernel,
        )
    one, two = (json.loads((tmp_path / name).read_text()) for name in ("one.json", "two.json"))

    assert one["rows"] == two["rows"]


def test_an_attached_process_is_recorded_and_goes_on(programs, tmp_path):
    """Attach, record a while, end, detach: the process runs as before."""
    with subprocess.Popen([programs.program("stress"), "2", "2000000000"], env=os.environ) as process:
        said = lldb(
            f"process attach --pid {process.pid}",
            f"portaudit record {tmp_path / 'l'} --events 1000",
            *["portaudit go --until rand_r"] * 20,
            "portaudit end",
            "detach",
        )
        alive = process.poll() is None
        process.kill()

    assert "calls still open" in said
    assert alive
    assert read_ledger(tmp_path / "l").pid == process.pid


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("portaudit snapshot f", "portaudit: no process is stopped here"),
        ("portaudit go", "portaudit: nothing records this process"),
        ("portaudit record", "usage: portaudit snapshot FILE"),
        ("portaudit nonsense", "usage: portaudit snapshot FILE"),
        ("portaudit end", "portaudit: nothing was recorded"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(command, sentence):
    """No traceback, and what to do."""
    said = lldb(command)

    assert sentence in said
    assert "Traceback" not in said
