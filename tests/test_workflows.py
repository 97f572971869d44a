"""What GitHub would run: it is read here as GitHub reads it, for it cannot be run here."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def actionlint(path, stdin=None):
    """What actionlint says of a workflow, one line each."""
    program = shutil.which("actionlint", path=Path(sys.executable).parent)
    assert program, "actionlint is not here: pip install 'portaudit[test]'"
    command = [program, "-no-color", "-oneline", "-shellcheck=", "-pyflakes=", path]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout.splitlines()


def test_there_is_one_for_macs():
    """The evidence comes by itself wherever the repository is hosted so."""
    assert [path.name for path in WORKFLOWS] == ["mac.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one(path):
    """Nothing to complain of: syntax, expressions, runners' labels, inputs of actions."""
    assert actionlint(path) == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_is_pinned_and_may_do_little(path):
    """Actions are named by commit, and the token may read alone."""
    text = path.read_text()

    used = re.findall(r"uses: (\S+)", text)
    assert [use for use in used if not re.search(r"@[0-9a-f]{40}\Z", use)] == []
    assert "permissions: {}" in text
    assert re.findall(r"^ +(\w+): write$", text, re.MULTILINE) == []


def test_a_mistake_would_be_seen():
    """The same check complains of an expression that names nothing, and of a runner that is none."""
    text = WORKFLOWS[0].read_text().replace("matrix.runner", "matrix.ruhner", 1)

    said = actionlint("-", text.replace("macos-26-intel", "macos-26-vax"))
    assert any('"ruhner" is not defined' in line for line in said)
    assert any('"macos-26-vax" is unknown' in line for line in said)
