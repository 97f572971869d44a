"""No code of the working folder is run: what a command starts looks for its modules elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from portaudit.__main__ import PACKAGES
from portaudit.cli import program
from portaudit.evidence.scene import Scene

pytestmark = pytest.mark.whole


def top(name):
    """Give the module that a search for this one begins with."""
    return name.partition(".")[0]


PORTAUDIT = str(Path(sys.executable).with_name("portaudit"))
TRAPS = sorted(
    {"portaudit", *map(top, sys.stdlib_module_names), *map(top, PACKAGES)} - set(sys.builtin_module_names)
)
"""Whatever a command or a helper could import."""


@pytest.fixture
def trapped(tmp_path):
    """A folder that holds a module for whatever the helpers import, each of which would leave its mark."""
    for name in TRAPS:
        trap = f"import pathlib; pathlib.Path({str(tmp_path / 'sprung')!r}).write_text({name!r})\n"
        (tmp_path / f"{name}.py").write_text(trap)
    (tmp_path / "portaudit").mkdir()
    (tmp_path / "portaudit" / "__init__.py").write_text((tmp_path / "portaudit.py").read_text())
    return tmp_path


PRINTS = Path(__file__).parent / "data" / "lsmp" / "prints"
BEFORE, AFTER = str(PRINTS / "xfer_before.txt"), str(PRINTS / "xfer_leak.txt")
GUARD = "0x4000000100000203"
TRIGGER = ("--", PORTAUDIT, "demo", "--drive", "clean")

COMMANDS = (
    ("demo", "clean"),
    ("init",),
    ("run", "--kernel", "simulated", "--spawn", "--extension", "demo-extension", *TRIGGER),
    ("snapshot", "--pid", "1", "--kernel", "simulated:/not/there"),
    ("show", BEFORE),
    ("diff", BEFORE, AFTER, "--format", "html"),
    ("watch", "1", "--kernel", "simulated:/not/there"),
    ("lint", "."),
    ("baseline", BEFORE, AFTER, "-o", "accepted.json"),
    ("import", "--pid", f"501={BEFORE}", "-o", "imported.json"),
    ("doctor",),
    ("explain", "U5"),
    ("probe", "--path"),
    ("ledger", "--help"),
    ("lldb", "--path"),
    ("decode", GUARD),
    ("schema", "diff"),
)


def run(command, folder):
    """Run a command in a folder; gives how it ended, and what it said."""
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command[0])
def test_a_trap_in_the_working_folder_is_not_sprung(trapped, command):
    """A repository with a struct.py is audited, and one that means harm is not obeyed."""
    ended = run([PORTAUDIT, *command], trapped)

    assert (ended.returncode in (0, 1, 3), (trapped / "sprung").exists()) == (True, False), ended.stderr


def test_check_runs_its_helpers_elsewhere(trapped):
    """The check that init writes passes there, too."""
    for words in (["init"], ["check"]):
        ended = run([PORTAUDIT, *words], trapped)
        assert (ended.returncode, (trapped / "sprung").exists()) == (0, False), ended.stderr


def test_every_command_is_tried():
    """None of them is left out; check is tried by itself."""
    assert {command[0] for command in COMMANDS} | {"check"} == set(program.COMMANDS)


SPAWNING = """\
import multiprocessing, os, sys
os.cpu_count = lambda: 2
if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    from portaudit.__main__ import run
    sys.exit(run(["lint", "."]))
"""


def test_the_workers_of_lint_import_nothing_from_the_sources(trapped, tmp_path_factory):
    """A worker that is no fork, as on a Mac, looks for its modules elsewhere, too."""
    for number in range(300):
        (trapped / f"{number}.c").write_text("int main(void) { return 0; }\n")
    script = tmp_path_factory.mktemp("elsewhere") / "spawning.py"
    script.write_text(SPAWNING)
    ended = run([sys.executable, str(script)], trapped)

    assert (ended.returncode, (trapped / "sprung").exists()) == (0, False), ended.stderr


def test_what_gathers_evidence_runs_portaudit_elsewhere(trapped, monkeypatch):
    """The portaudit that it starts is this one."""
    monkeypatch.chdir(trapped)
    done = Scene(trapped).portaudit("--version")

    assert (done.status, (trapped / "sprung").exists()) == (0, False), done.err
