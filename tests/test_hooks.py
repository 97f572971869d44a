"""The hooks, run by the real pre-commit and prek in real git repositories."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GIT = shutil.which("git") or "git"
ROOT = Path(__file__).parents[1]
PARTS = ("portaudit", "man", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
"""What a release of the hooks consists of."""

pytestmark = pytest.mark.slow

CHECK = """
[check.demo]
kernel = "simulated"
spawn = "portaudit demo --drive {}"
extension = "demo-extension"
"""
NOWHERE = """
[check.demo]
host = "Host"
trigger = "true"
"""
HOOKS = """
repos:
  - repo: {source}
    rev: {revision}
    hooks:
      - id: portaudit-config
      - id: portaudit-check
        stages: [pre-commit]
        verbose: true
"""


def git(folder, *arguments):
    """Run git as nobody in particular."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        [GIT, *who, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """This project as it stands, as a git repository that hooks are taken from; and its revision."""
    folder = tmp_path_factory.mktemp("source")
    for part in PARTS:
        origin = ROOT / part
        if origin.is_dir():
            shutil.copytree(origin, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, folder / part)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "release")
    return folder, git(folder, "rev-parse", "HEAD").stdout.strip()


@pytest.fixture(scope="module", params=["pre-commit", "prek"])
def runner(request, tmp_path_factory):
    """A program that runs hooks, with an empty home of its own that lasts for this file's tests."""
    program = Path(sys.executable).with_name(request.param)
    assert program.exists(), f"{request.param} is not installed: pip install --editable '.[test]'"
    home = str(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRE_COMMIT_HOME", home)
        patch.setenv("PREK_HOME", home)
        for name in [name for name in os.environ if name.startswith(("GIT_", "PORTAUDIT_"))]:
            patch.delenv(name)
        yield program


@pytest.fixture
def project(tmp_path, source, runner):
    """A git repository with the hooks installed, and nothing in it yet but their configuration."""
    place, revision = source
    git(tmp_path, "init", "-q")
    (tmp_path / ".pre-commit-config.yaml").write_text(HOOKS.format(source=place, revision=revision))
    git(tmp_path, "add", "-A")
    installed = subprocess.run([runner, "install"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    return tmp_path


def commit(project, configuration):
    """Commit this portaudit.toml; gives whether there is a commit now, and what was printed."""
    (project / "portaudit.toml").write_text(configuration)
    git(project, "add", "portaudit.toml")
    ended = git(project, "commit", "-m", "declare the audit")
    there = git(project, "rev-parse", "--verify", "-q", "HEAD").returncode == 0
    return there, ended.stdout + ended.stderr


def test_a_commit_that_leaks_is_stopped(project):
    """The finding is printed, and there is no commit."""
    there, told = commit(project, CHECK.format("leak"))

    assert not there
    assert "failed: demo: findings: the extension keeps" in told


def test_a_clean_commit_passes(project):
    """The line says that the check passed, and there is a commit."""
    there, told = commit(project, CHECK.format("clean"))

    assert there, told
    assert "passed: demo: every reference came back" in told


def test_a_skip_is_visible_and_no_verdict(project):
    """Where nothing can be audited the commit passes, the reason stands there, and nothing is balanced."""
    there, told = commit(project, NOWHERE)

    assert there, told
    assert "skipped: demo: this machine runs no Mach kernel" in told
    assert "balanced" not in told.lower()
    assert "no findings" not in told.lower()


def test_a_strict_skip_stops_the_commit(project, monkeypatch):
    """PORTAUDIT_STRICT=1 wants an audit, or no commit."""
    monkeypatch.setenv("PORTAUDIT_STRICT", "1")
    there, told = commit(project, NOWHERE)

    assert not there
    assert "skipped: demo: this machine runs no Mach kernel" in told


def test_a_mistake_in_the_configuration_stops_the_commit(project):
    """The hook portaudit-config names the line and the nearest key, on every platform."""
    there, told = commit(project, CHECK.format("clean").replace("extension", "extnsion", 1))

    assert not there
    assert "portaudit.toml:5: " in told
    assert "'extension'" in told


def test_an_unstaged_file_does_not_matter(project):
    """What is committed is checked, not what lies about."""
    (project / "portaudit.toml").write_text(CHECK.format("clean"))
    git(project, "add", "portaudit.toml")
    (project / "portaudit.toml").write_text("not = [even TOML")
    ended = git(project, "commit", "-m", "declare the audit")

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert (project / "portaudit.toml").read_text() == "not = [even TOML"


def test_a_push_is_where_the_check_runs_by_default():
    """Without a word of the user the audit waits for a push, and the validation for each commit."""
    told = (ROOT / ".pre-commit-hooks.yaml").read_text()

    assert "stages: [pre-push, manual]" in told.partition("id: portaudit-config")[0]
    assert "stages: [pre-commit, pre-merge-commit, manual]" in told.partition("id: portaudit-config")[2]
