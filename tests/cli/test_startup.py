"""A command that has little to say imports little: start-up is most of what it takes."""

import subprocess
import sys
from dataclasses import replace

import pytest

from portaudit.snapshot_file import encode
from tests.spaces import pair

LIST = "import sys, portaudit.__main__ as main\ntry: main.run({arguments})\nfinally: print(*sys.modules)"


def imported(folder, *arguments):
    """Give the exit status of one command, and the modules that it took."""
    program = LIST.format(arguments=list(arguments))
    ended = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, check=True)
    return set(ended.stdout.decode().split("\n")[-2].split())


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"]])
def test_help_imports_no_command(tmp_path, arguments):
    """The list of commands has the line of each in it."""
    ours = {name for name in imported(tmp_path, *arguments) if name.startswith("portaudit.")}

    assert ours - {"portaudit.version"} == {
        "portaudit.__main__",
        "portaudit.cli",
        "portaudit.cli.program",
        "portaudit.errors",
        "portaudit.harmless",
        "portaudit.streams",
    }


def test_a_check_where_nothing_is_declared_imports_nothing_that_reads_or_judges(tmp_path):
    """A hook that runs in every repository costs those next to nothing that have no checks."""
    modules = imported(tmp_path, "check")

    assert "portaudit.auditing.project" in modules
    assert not modules & {"msgspec", "psutil", "ctypes", "tomllib", "portaudit.auditing.check"}
    assert not [name for name in modules if name.startswith(("portaudit.analysis", "portaudit.collect"))]


@pytest.mark.parametrize("player", ["host", "extension", "hosted"])
def test_a_player_of_the_demo_imports_nothing_that_takes_snapshots_or_judges(player):
    """A demo starts two for each play: what they need to read themselves comes when they are asked to."""
    program = f"import sys, portaudit.demo.{player}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(ended.stdout.split())

    assert "portaudit.demo.scenarios" in modules
    assert not modules & {"msgspec", "psutil", "portaudit.model.snapshot", "portaudit.model.finding"}
    assert not [
        name for name in modules if name.startswith(("portaudit.auditing", "portaudit.snapshot_file"))
    ]


@pytest.mark.parametrize(
    ("process", "not_needed"),
    [
        ("portaudit.auditing.run.keeper", {"ctypes", "msgspec", "difflib", "portaudit.model.snapshot"}),
        ("portaudit.demo.kernel, portaudit.mach.serving, portaudit.simulator.kernel", {"ctypes", "psutil"}),
    ],
)
def test_a_process_that_waits_for_the_end_of_another_imports_what_it_waits_with(process, not_needed):
    """The keeper of a run reads no spaces, and a simulated kernel calls no C."""
    program = f"import sys, {process}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(ended.stdout.split())

    assert "portaudit.kernels" in modules
    assert modules & not_needed == set()


def test_the_trigger_of_a_demo_imports_nothing_that_plays_one(tmp_path):
    """`demo --transfer` is started for each round of a run."""
    modules = imported(tmp_path, "demo", "--transfer", str(tmp_path / "nobody"))

    assert "portaudit.demo.cues" in modules
    assert not modules & {"ctypes", "msgspec", "psutil", "portaudit.cli.playing"}


def test_a_snapshot_by_a_task_port_imports_nothing_that_reads_another_programs_print():
    """The readers of lsmp, of lldb and of property lists come when they are asked for."""
    program = "import sys, portaudit.auditing.snapshot; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    modules = set(ended.stdout.split())

    assert "portaudit.collect.taking" in modules
    assert not modules & {"plistlib", "tempfile", "portaudit.collect.other_programs"}
    assert not [name for name in modules if name.startswith("portaudit.collect.lsmp")]


def test_doctor_imports_no_reader_of_a_print_that_is_not_there(tmp_path):
    """What reads lsmp looks for a hundred patterns, and is for a machine that has lsmp."""
    modules = imported(tmp_path, "doctor")

    assert "portaudit.collect.other_programs" in modules
    assert not [name for name in modules if name.startswith("portaudit.collect.lsmp")]


def test_a_diff_where_nothing_is_declared_imports_nothing_that_is_declared(tmp_path):
    """Expectations, suppressions and baselines are for whoever has some."""
    for name, taken in (("before", 1.0), ("after", 2.0)):
        (tmp_path / f"{name}.json").write_bytes(encode(replace(pair(), taken=taken)))
    modules = imported(tmp_path, "diff", "before.json", "after.json")

    assert "portaudit.analysis.judge" in modules
    assert not modules & {"portaudit.analysis.known", "portaudit.model.check", "tabulate", "statistics"}
    assert not modules & {"portaudit.analysis.expectations", "portaudit.analysis.matching", "difflib"}
