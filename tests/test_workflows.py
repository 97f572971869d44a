"""What GitHub would run: it is read here as GitHub reads it, for it cannot be run here."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
OWN = sorted((ROOT / ".github/workflows").glob("*.yml"))
JOBS = ROOT / "portaudit/cli/ci"
"""The jobs that `portaudit init --ci` writes."""
WORKFLOWS = [*OWN, JOBS / "github.yml"]

CHECKS = """
[check.good]
spawn = "portaudit demo --drive clean"
extension = "demo-extension"
[check.bad]
spawn = "portaudit demo --drive leak"
extension = "demo-extension"
"""
"""What a job audits here: it says itself which kernel answers where there is no Mac."""

GH = """#!/usr/bin/env python3
import sys, pathlib
with open("gh.log", "a") as log:
    print(*sys.argv[1:], sep=" | ", file=log)
if "--paginate" in sys.argv and pathlib.Path("comment-id").exists():
    print(pathlib.Path("comment-id").read_text())
"""
"""A stand-in for GitHub's gh: it writes down how it was called, and knows one comment, or none."""


def actionlint(path, stdin=None):
    """What actionlint says of a workflow, one line each."""
    program = shutil.which("actionlint", path=Path(sys.executable).parent)
    assert program, "actionlint is not here: pip install 'portaudit[test]'"
    command = [program, "-no-color", "-oneline", "-shellcheck=", "-pyflakes=", path]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.stdout.splitlines()


def test_there_is_one_for_macs():
    """The evidence comes by itself wherever the repository is hosted so."""
    assert [path.name for path in OWN] == ["mac.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_is_one(path):
    """Nothing to complain of: syntax, expressions, runners' labels, inputs of actions."""
    assert actionlint(path) == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_an_action_is_pinned_and_may_do_little(path):
    """Actions are named by commit; the token may read alone, and write what a job for others is for."""
    text = path.read_text()

    used = re.findall(r"uses: (\S+)", text)
    assert [use for use in used if not re.search(r"@[0-9a-f]{40}\Z", use)] == []
    assert "permissions: {}" in text
    wanted = [] if path in OWN else ["security-events", "pull-requests"]
    assert re.findall(r"^ +([\w-]+): write\b", text, re.MULTILINE) == wanted


def test_a_mistake_would_be_seen():
    """The same check complains of an expression that names nothing, and of a runner that is none."""
    text = WORKFLOWS[0].read_text().replace("matrix.runner", "matrix.ruhner", 1)

    said = actionlint("-", text.replace("macos-26-intel", "macos-26-vax"))
    assert any('"ruhner" is not defined' in line for line in said)
    assert any('"macos-26-vax" is unknown' in line for line in said)


@pytest.fixture
def project(tmp_path):
    """A project with one check that passes and one that fails, and the programs that a runner has."""
    (tmp_path / "portaudit.toml").write_text(CHECKS)
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "gh").write_text(GH)
    (programs / "gh").chmod(0o700)
    return tmp_path


def play(project, script, **environment):
    """Run the lines of a step as a runner on Linux does; gives how it ended."""
    path = os.pathsep.join((str(project / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAUDIT_")}
    return subprocess.run(
        ["bash", "-e", "-c", script],  # noqa: S607  the runner's
        cwd=project,
        env=clean | environment | {"PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.whole
@pytest.mark.skipif(sys.platform == "darwin", reason="it plays the leg of the job without a Mac")
def test_the_job_for_github_audits_shows_and_comments(portaudit, project, monkeypatch):
    """As written by `init --ci github`: the audit fails, the reports are there, the comment is renewed."""
    monkeypatch.chdir(project)
    assert portaudit("init", "--ci", "github").status == 0
    job = yaml.safe_load((project / ".github/workflows/portaudit.yml").read_text())["jobs"]["audit"]
    steps = {step["name"]: step for step in job["steps"] if "name" in step}
    linux = next(leg for leg in job["strategy"]["matrix"]["include"] if "kernel" in leg)

    audit = play(project, steps["Audit"]["run"], PORTAUDIT_KERNEL=linux["kernel"])
    assert audit.returncode == 1, audit.stderr
    assert audit.stdout.startswith("::error file=portaudit.toml,line=5,title=bad%3A U5 leaked%3A ")
    reports = {path.name for path in (project / "portaudit-reports").iterdir()}
    assert reports == {f"ports.{kind}" for kind in ("txt", "md", "html", "sarif", "xml")} | {"snapshots"}

    shown = play(project, steps["Show"]["run"], GITHUB_STEP_SUMMARY="summary.md")
    assert "\nFINDINGS  the extension keeps" in shown.stdout
    assert (project / "summary.md").read_text().startswith("## ❌ portaudit: 1 of 2 checks failed")

    where = {"REPOSITORY": "repos/me/mine", "NUMBER": "7", "MARK": "<!-- portaudit here -->"}
    for comment in (None, "42"):
        if comment:
            (project / "comment-id").write_text(comment)
        assert play(project, steps["Comment"]["run"], **where).returncode == 0
    asked, posted, _, patched = (project / "gh.log").read_text().splitlines()
    assert asked.startswith("api | --paginate | repos/me/mine/issues/7/comments | --jq | .[] | select(")
    assert (
        posted
        == "api | --silent | --method | POST | repos/me/mine/issues/7/comments | --field | body=@comment.md"
    )
    assert (
        patched
        == "api | --silent | --method | PATCH | repos/me/mine/issues/comments/42 | --field | body=@comment.md"
    )
    assert (project / "comment.md").read_text().startswith("<!-- portaudit here -->\n\n## ❌ portaudit: ")


def test_what_shows_runs_however_the_audit_ended():
    """Every step behind the audit says `always()`, and a fork's pull request gets no comment."""
    steps = yaml.safe_load((JOBS / "github.yml").read_text())["jobs"]["audit"]["steps"]
    place = next(number for number, step in enumerate(steps) if step.get("name") == "Audit")

    assert len(steps[place + 1 :]) == 4
    assert [step["name"] for step in steps[place + 1 :] if not step["if"].startswith("always()")] == []
    assert "head.repo.full_name == github.repository" in steps[-1]["if"]


@pytest.mark.whole
@pytest.mark.skipif(sys.platform == "darwin", reason="it plays the leg of the job without a Mac")
def test_the_job_for_gitlab_leaves_what_it_promises(portaudit, project, monkeypatch):
    """As written by `init --ci gitlab`: the script fails, and every artifact that it names is there."""
    monkeypatch.chdir(project)
    assert portaudit("init", "--ci", "gitlab").status == 0
    jobs = yaml.safe_load((project / ".gitlab/portaudit.yml").read_text())
    (project / ".portaudit-venv").symlink_to(sys.prefix)
    job = jobs["portaudit"]

    ended = play(project, "\n".join(job["script"]), **{**job["variables"], "PORTAUDIT": "unused"})
    assert ended.returncode == 1, ended.stderr
    assert "\x1b[1;31mfailed\x1b[0m: bad: " in ended.stdout
    assert (job["artifacts"]["when"], jobs["portaudit-mac"]["extends"]) == ("always", "portaudit")
    for path in (*job["artifacts"]["paths"], job["artifacts"]["reports"]["junit"]):
        assert (project / path).exists()


def test_a_job_that_is_there_is_left_alone(portaudit, project, monkeypatch):
    """Whoever changed it keeps it; -o writes another."""
    monkeypatch.chdir(project)
    (project / "mine.yml").write_text("mine")
    ended = portaudit("init", "--ci", "github", "-o", "mine.yml")

    assert (ended.status, (project / "mine.yml").read_text()) == (2, "mine")
    assert ended.err == "portaudit: mine.yml is there already, and was left alone; -o FILE writes another\n"
