"""The hooks, run by the real pre-commit and prek in real git repositories."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.shared import once

GIT = shutil.which("git") or "git"
ROOT = Path(__file__).parents[1]
PARTS = ("portaudit", "man", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
"""What a release of the hooks consists of."""

pytestmark = pytest.mark.whole

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
README = re.search(
    r"```yaml\n(default_install_hook_types.*?)```", (ROOT / "README.md").read_text(), re.DOTALL
)
TOLD = README[1] if README else ""
"""What the README tells a user to write."""
LINT_HOOK = "      - id: portaudit-lint    # reads the changed sources, on every system\n"
CHECK_HOOKS = TOLD[TOLD.find("      - id: portaudit-config") :].removesuffix(LINT_HOOK)
HOOKS = TOLD.removesuffix(LINT_HOOK)
"""Without its last hook, which audits nothing and takes the grammars of four languages to install."""
LINT = TOLD.replace(CHECK_HOOKS, "")
LEAK = "void f(void) {\n    host_info(mach_host_self(), 1, 0, 0);\n}\n"
CLEAN = "void f(mach_port_t host) {\n    host_info(host, 1, 0, 0);\n}\n"
AT_COMMIT = "        stages: [pre-commit]\n"
"""A user's own word on portaudit-check, which otherwise waits for the push."""


def git(folder, *arguments):
    """Run git as nobody in particular."""
    who = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        [GIT, *who, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=120
    )


def release(folder):
    """Make a git repository of this project as it stands, to take hooks from; gives it and its revision."""
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


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The repository that hooks are taken from, and its revision."""
    return once(tmp_path_factory, "hooks", release)


@pytest.fixture(scope="module", params=["pre-commit", "prek"])
def runner(request, pytestconfig, tmp_path_factory):
    """A program that runs hooks, with a home that lasts for this file's tests: it installs once.

    Nothing is in it at first but prek's own uv, if a run before has fetched that.
    """
    program = Path(sys.executable).with_name(request.param)
    assert program.exists(), f"{request.param} is not installed: pip install --editable '.[test]'"
    home = once(tmp_path_factory, f"home-{request.param}", partial(with_tools, pytestconfig))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRE_COMMIT_HOME", str(home))
        patch.setenv("PREK_HOME", str(home))
        for name in [name for name in os.environ if name.startswith(("GIT_", "PORTAUDIT_"))]:
            patch.delenv(name)
        yield program
    keep_tools(pytestconfig, home)


def kept_tools(config):
    """Say where prek's uv stays for the next run; None where pytest keeps nothing."""
    cache = getattr(config, "cache", None)
    return cache.mkdir("prek") / "tools" if cache else None


def with_tools(config, home):
    """Put prek's uv into a new home: to fetch it takes as long as all that its tests do."""
    kept = kept_tools(config)
    if kept and kept.exists():
        shutil.copytree(kept, home / "tools", symlinks=True)
    return home


def keep_tools(config, home):
    """Keep prek's uv, whole or not at all; other workers may be at the same."""
    kept, tools = kept_tools(config), home / "tools"
    if kept and tools.exists() and not kept.exists():
        with TemporaryDirectory(dir=kept.parent) as place, suppress(OSError):
            shutil.copytree(tools, Path(place) / "tools", symlinks=True).rename(kept)


def hooked(source, runner, folder, more="", *, hooks=HOOKS):
    """Make a git repository with the README's hooks, plainly installed, and nothing else in it yet."""
    place, revision = source
    git(folder, "init", "-q", "-b", "main")
    text = hooks.replace("https://example.org/portaudit", str(place)).replace("v0.1.0", revision)
    assert text.count(revision) == 1
    (folder / ".pre-commit-config.yaml").write_text(text + more)
    git(folder, "add", "-A")
    installed = subprocess.run([runner, "install"], cwd=folder, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    return folder


@pytest.fixture(scope="module")
def of_the_kind(tmp_path_factory, source, runner):
    """Give a function that copies into a folder what another makes, once for each program that runs hooks."""

    def copy(make, folder):
        made = once(tmp_path_factory, f"{runner.name}-{make.__name__}", partial(make, source, runner))
        shutil.copytree(made.parent, folder, symlinks=True, dirs_exist_ok=True)
        return folder / made.name

    return copy


def at_commit(source, runner, folder):
    """Make a repository whose user wants the check at each commit."""
    (folder / "project").mkdir()
    return hooked(source, runner, folder / "project", AT_COMMIT)


def cloned(source, runner, folder):
    """Make a repository with the hooks' own stages, and a bare one that it is pushed to."""
    (folder / "clone").mkdir()
    made = hooked(source, runner, folder / "clone")
    git(folder, "init", "-q", "--bare", "bare.git")
    git(made, "remote", "add", "origin", "../bare.git")
    return made


@pytest.fixture
def project(tmp_path, of_the_kind):
    """A repository whose user wants the check at each commit."""
    return of_the_kind(at_commit, tmp_path)


@pytest.fixture
def clone(tmp_path, of_the_kind):
    """A repository that is pushed somewhere."""
    return of_the_kind(cloned, tmp_path)


@pytest.fixture(scope="module")
def leaking(tmp_path_factory, of_the_kind):
    """One with a leak in it, and what was said when that was committed; no test changes it."""
    made = of_the_kind(cloned, tmp_path_factory.mktemp("leaking"))
    committed, told = commit(made, CHECK.format("leak"))
    assert committed, told
    return made, told


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


def test_a_clean_commit_passes_whatever_is_not_staged(project):
    """The line says that the check passed, and what was staged is a commit; what lies about stays."""
    (project / "portaudit.toml").write_text(CHECK.format("clean"))
    git(project, "add", "portaudit.toml")
    (project / "portaudit.toml").write_text("not = [even TOML")
    ended = git(project, "commit", "-m", "declare the audit")

    told = ended.stdout + ended.stderr
    assert ended.returncode == 0, told
    assert git(project, "rev-parse", "--verify", "-q", "HEAD").returncode == 0
    assert "passed: demo: every reference to the host's task port came back" in told
    assert (project / "portaudit.toml").read_text() == "not = [even TOML"


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


def push(clone):
    """Push; gives whether the other side has the commit now, and what was printed."""
    ended = git(clone, "push", "origin", "main")
    there = git(clone.parent / "bare.git", "rev-parse", "--verify", "-q", "main").returncode == 0
    assert there == (ended.returncode == 0)
    return there, ended.stdout + ended.stderr


def test_a_push_that_leaks_is_stopped(leaking):
    """Without a word of the user the check waits for the push; the finding is printed, nothing goes out."""
    clone, at_commit = leaking
    pushed, at_push = push(clone)

    assert "portaudit check" not in at_commit
    assert not pushed
    assert "failed: demo: findings: the extension keeps" in at_push


def test_a_clean_push_passes(clone):
    """The line says that the check passed, and the other side has the commit."""
    commit(clone, CHECK.format("clean"))
    pushed, told = push(clone)

    assert pushed, told
    assert "passed: demo: every reference to the host's task port came back" in told
    assert "portaudit configuration" not in told


def test_a_push_that_cannot_be_audited_goes_out_with_a_word(clone):
    """The reason stands there, and nothing is called balanced."""
    commit(clone, NOWHERE)
    pushed, told = push(clone)

    assert pushed, told
    assert "skipped: demo: this machine runs no Mach kernel" in told
    assert "balanced" not in told.lower()


def test_the_configuration_is_validated_at_each_commit(clone):
    """Without a word of the user a mistake never gets as far as a push."""
    committed, told = commit(clone, CHECK.format("clean").replace("extension", "extnsion", 1))

    assert not committed
    assert "portaudit.toml:5: " in told


def test_the_check_can_be_run_by_hand(leaking, runner):
    """The stage `manual` runs it, whatever is staged or pushed."""
    by_hand = [runner, "run", "--hook-stage", "manual", "portaudit-check"]
    ended = subprocess.run(by_hand, cwd=leaking[0], capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert "failed: demo: findings: the extension keeps" in ended.stdout


def linted(source, runner, folder):
    """Make a repository whose changed sources are linted at each commit; an old one leaks."""
    made = folder / "sources"
    made.mkdir()
    (made / "old.c").write_text(LEAK)
    git(made, "init", "-q", "-b", "main")
    git(made, "add", "old.c")
    git(made, "commit", "-qm", "before the hook")
    return hooked(source, runner, made, hooks=LINT)


@pytest.fixture
def sources(tmp_path, of_the_kind):
    """A repository with hooks that lint."""
    return of_the_kind(linted, tmp_path)


def change(project, text):
    """Commit this source; gives whether that worked, and what was printed."""
    (project / "new.c").write_text(text)
    git(project, "add", "new.c")
    ended = git(project, "commit", "-m", "change")
    return ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("runner", ["pre-commit"], indirect=True)
def test_a_changed_source_that_leaks_is_stopped(sources):
    """Without a Mac: the line is named, there is no commit; a comment with its reason lets it pass."""
    committed, told = change(sources, LEAK)
    accepted, with_reason = change(sources, LEAK.replace("0);", "0); // portaudit: ignore[S1] runs once"))

    assert not committed
    assert "new.c:2" in told
    assert "S1" in told
    assert accepted, with_reason


@pytest.mark.parametrize("runner", ["pre-commit"], indirect=True)
def test_a_source_that_did_not_change_is_left_alone(sources):
    """The hook takes the changed files: what leaked before does not stop a clean change."""
    committed, told = change(sources, CLEAN)

    assert committed, told
    assert "old.c" not in told
