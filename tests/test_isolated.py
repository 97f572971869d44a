"""No code of the working folder is run: what a command starts looks for its modules elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

PORTAUDIT = str(Path(sys.executable).with_name("portaudit"))
TRAPS = ("struct", "socket", "psutil", "msgspec", "signal", "threading", "tempfile", "portaudit")


@pytest.fixture
def trapped(tmp_path):
    """A folder that holds a module for whatever the helpers import, each of which would leave its mark."""
    for name in TRAPS:
        trap = f"import pathlib; pathlib.Path({str(tmp_path / 'sprung')!r}).write_text({name!r})\n"
        (tmp_path / f"{name}.py").write_text(trap)
    (tmp_path / "portaudit").mkdir()
    (tmp_path / "portaudit" / "__init__.py").write_text((tmp_path / "portaudit.py").read_text())
    return tmp_path


@pytest.mark.parametrize(
    "command",
    [
        ("demo", "clean"),
        ("init",),
        ("run", "--kernel", "simulated", "--spawn", "--extension", "demo-extension", "--",
         PORTAUDIT, "demo", "--drive", "clean"),
    ],
    ids=lambda command: command[0],
)  # fmt: skip
def test_a_trap_in_the_working_folder_is_not_sprung(trapped, command):
    """A repository with a struct.py is audited, and one that means harm is not obeyed."""
    ended = subprocess.run(
        [PORTAUDIT, *command], cwd=trapped, capture_output=True, text=True, check=False, timeout=120
    )

    assert (ended.returncode, (trapped / "sprung").exists()) == (0, False), ended.stderr


def test_check_runs_its_helpers_elsewhere(trapped):
    """The check that init writes passes there, too."""
    for words in (["init"], ["check"]):
        ended = subprocess.run(
            [PORTAUDIT, *words], cwd=trapped, capture_output=True, text=True, check=False, timeout=120
        )
        assert (ended.returncode, (trapped / "sprung").exists()) == (0, False), ended.stderr
