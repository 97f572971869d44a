"""`portaudit check` and `portaudit init`: what a project declares, run and told."""

import json
import os
import sys
from xml.etree import ElementTree as ET

import pytest

from tests.staged import driven

pytestmark = pytest.mark.whole

CHECK = """
[check.{name}]
kernel = "simulated"
spawn = {spawn}
extension = "demo-extension"
{more}
"""
NOWHERE = '[check.far]\nhost = "Host"\ntrigger = "true"\n'
SKIP = "skipped: far: this machine runs no Mach kernel; "


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    """An empty folder to work in, on a machine without a Mach kernel."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PORTAUDIT_KERNEL", raising=False)
    monkeypatch.delenv("PORTAUDIT_STRICT", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def declare(project, *checks):
    """Write the configuration."""
    (project / "portaudit.toml").write_text("".join(checks))


def check(name, scenario, more=""):
    """Declare an audit of the demo pair."""
    return CHECK.format(name=name, spawn=driven(scenario), more=more)


def obeying(scenario, more):
    """Declare an audit of a pair that transfers when it is asked to."""
    return CHECK.format(name=scenario, spawn=f'"portaudit demo --obey {scenario}"', more=more)


def test_what_init_writes_passes(portaudit):
    """The first configuration passes `check` as it stands, and says so in one line."""
    written = portaudit("init")
    ended = portaudit("check")

    assert (written.status, written.err) == (0, "wrote portaudit.toml; now run `portaudit check`\n")
    assert (ended.status, ended.out) == (
        0,
        "passed: demo: every reference to the host's task port came back (3 rounds, judged as a pair)\n",
    )


def test_init_leaves_alone_what_is_there(portaudit, project):
    """A configuration is never overwritten."""
    declare(project, "mine")

    assert portaudit("init").status == 2
    assert (project / "portaudit.toml").read_text() == "mine"


def test_a_leak_fails_and_is_told_in_full(portaudit, project):
    """One line a check, then the report of the one that failed; exit 1."""
    declare(project, check("good", "clean"), check("bad", "leak"))
    ended = portaudit("check")

    first, second, _, name, _, verdict, *_ = ended.out.split("\n")
    assert ended.status == 1
    assert (
        first
        == "passed: good: every reference to the host's task port came back (3 rounds, judged as a pair)"
    )
    assert second.startswith("failed: bad: findings: the extension keeps 3 references")
    assert name == "bad"
    assert verdict.startswith("FINDINGS  the extension keeps 3 references")


def test_only_what_is_named_runs(portaudit, project):
    """A check that is not named is not run."""
    declare(project, check("good", "clean"), check("bad", "leak"))

    assert (
        portaudit("check", "good").out
        == "passed: good: every reference to the host's task port came back (3 rounds, judged as a pair)\n"
    )


def test_the_checks_are_listed(portaudit, project):
    """--list names each with its place, and runs none."""
    declare(project, check("good", "clean"), check("bad", "leak"))

    assert portaudit("check", "--list").out == "good\tportaudit.toml:2\nbad\tportaudit.toml:8\n"


def test_a_name_that_is_not_there_is_a_usage_error(portaudit, project):
    """The checks that are there are named."""
    declare(project, check("good", "clean"))
    ended = portaudit("check", "goof")

    assert (ended.status, ended.err) == (2, "portaudit: portaudit.toml has no check 'goof'; it has good\n")


def test_no_checks_are_a_usage_error(portaudit):
    """Nothing to run is nothing that passed."""
    ended = portaudit("check")

    assert ended.status == 2
    assert "`portaudit init` writes a first one" in ended.err


def test_a_check_starts_its_host_and_triggers_it(portaudit, project):
    """With `spawn` and `trigger` the host is started once, and the trigger runs in each round."""
    triggered = 'trigger = "portaudit demo --transfer"\nrepeat = 3\npace = 0'
    declare(project, *(obeying(name, triggered) for name in ("clean", "leak")))
    ended = portaudit("check")

    first, second, *_ = ended.out.split("\n")
    assert ended.status == 1
    assert (
        first
        == "passed: clean: every reference to the host's task port came back (3 rounds, judged as a pair)"
    )
    assert second.startswith("failed: leak: findings: the extension keeps 3 references")
    assert "+1 a round" in second


def test_an_expectation_of_the_check_counts(portaudit, project):
    """What the check declares may change."""
    expect = 'expect = ["extension: task-control of host +1"]'
    declare(project, check("kept", "leak", expect))

    assert portaudit("check").out == "passed: kept: what changed was expected (3 rounds, judged as a pair)\n"


def test_a_policy_forbids_what_was_expected(portaudit, project):
    """`policy` counts for a check, or above the checks for each of them."""
    expect = 'expect = ["extension: task-control of host +1"]\n'
    strict = 'policy = "least-privilege"\n'
    for text in (check("kept", "leak", expect + strict), strict + check("kept", "leak", expect)):
        declare(project, text)
        ended = portaudit("check")

        assert ended.status == 1
        assert ended.out.startswith(
            "failed: kept: findings: the extension holds the control port of its host"
        )


def test_a_check_reads_by_its_way(portaudit, project):
    """What lsmp would have to read is skipped where there is no lsmp, and the reason is told."""
    declare(project, check("far", "clean", 'way = "lsmp"\nsudo = true'))
    ended = portaudit("check", "--format", "json")
    declare(project, check("near", "leak", 'way = "names"'))
    near = portaudit("check", "--format", "json")

    (far,) = json.loads(ended.out)["checks"]
    assert (ended.status, far["state"], "/usr/bin/lsmp is not here" in far["reason"]) == (0, "skipped", True)
    (one,) = json.loads(near.out)["checks"]
    assert (near.status, one["state"]) == (1, "failed")


def test_a_suppression_counts_until_its_day(portaudit, project):
    """A known finding passes until its day, and fails after it."""
    known = '[[suppress]]\nrule = "U5"\nmatch = {{ role = "extension" }}\nreason = "known"\nuntil = {}\n'
    declare(project, known.format("2999-01-01"), check("kept", "leak"))
    assert (
        portaudit("check").out
        == "passed: kept: known: what did not come back is known and accepted (3 rounds, judged as a pair)\n"
    )

    declare(project, known.format("2020-01-01"), check("kept", "leak"))
    assert portaudit("check").status == 1


def test_a_check_that_cannot_run_is_skipped_in_a_line(portaudit, project):
    """Without a kernel: one line, exit 0, and no word of balance."""
    declare(project, NOWHERE)
    ended = portaudit("check")

    assert ended.status == 0
    assert ended.out.startswith(SKIP)
    assert ended.out.count("\n") == 1
    assert "balanced" not in ended.out


@pytest.mark.parametrize("way", ["option", "environment"])
def test_a_skip_fails_if_strict(portaudit, project, monkeypatch, way):
    """--strict, or PORTAUDIT_STRICT=1, exits 3 for what would be skipped."""
    declare(project, NOWHERE)
    if way == "environment":
        monkeypatch.setenv("PORTAUDIT_STRICT", "1")
    ended = portaudit("check", *["--strict"] * (way == "option"))

    assert ended.status == 3
    assert ended.out.startswith(SKIP)


def test_a_check_for_another_platform_is_skipped(portaudit, project):
    """`platforms` says where a check runs."""
    declare(project, check("mac", "leak", 'platforms = ["darwin"]'))

    assert portaudit("check").out == "skipped: mac: it is for darwin, and this is linux\n"


def test_a_host_that_is_not_there_is_undecided(portaudit, project):
    """A check that asks for a kernel and finds no host is neither skipped nor passed."""
    declare(project, NOWHERE.replace('"Host"', '"no-such-host-x"'), 'kernel = "simulated"\n')
    ended = portaudit("check")

    assert ended.status == 3
    assert ended.out.startswith("undecided: far: there is no process called 'no-such-host-x'")


def test_a_command_that_is_not_there_stops_no_other_check(portaudit, project):
    """It is undecided, with its place; the check after it runs, and its report is printed."""
    broken = check("broken", "clean").replace(driven("clean"), '"./not-there"')
    declare(project, broken, check("bad", "leak"))
    ended = portaudit("check")

    first, second, *_ = ended.out.split("\n")
    assert ended.status == 1
    assert first.startswith("undecided: broken: portaudit.toml:2: './not-there' cannot be started")
    assert second.startswith("failed: bad: ")
    assert portaudit("check", "broken").status == 3


def test_a_host_that_ends_too_early_is_undecided(portaudit, project):
    """A command that says no marks proves nothing."""
    declare(project, check("short", "clean").replace(driven("clean"), '"true"'))
    ended = portaudit("check")

    assert ended.status == 3
    assert ended.out.startswith("undecided: short: ")
    assert "balanced" not in ended.out.lower()


def test_json_is_one_document(portaudit, project):
    """Every check stands in it, with its report as diff prints it; the lines go to standard error."""
    declare(project, check("bad", "leak"), NOWHERE)
    ended = portaudit("check", "--format", "json")

    told = json.loads(ended.out)
    assert told["format"] == "portaudit-check/1"
    assert [(one["name"], one["state"]) for one in told["checks"]] == [("bad", "failed"), ("far", "skipped")]
    assert told["checks"][0]["report"]["verdict"] == "findings"
    assert told["checks"][1]["report"] is None
    assert "failed: bad: " in ended.err


def test_junit_counts_each_check(portaudit, project):
    """A failed check is a failure, beside the rule that fails it; one that was skipped is skipped."""
    declare(project, check("bad", "leak"), NOWHERE)

    root = ET.fromstring(portaudit("check", "--format", "junit").out)  # noqa: S314  our own
    assert [suite.get("name", "").partition(":")[0] for suite in root][-1] == "far"
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == [
        "balance",
        "U5",
    ]
    assert len(root.findall("testsuite/testcase/skipped")) == 1


def test_sarif_has_a_run_a_check(portaudit, project):
    """Runs of one upload are told apart by an id."""
    declare(project, check("one", "leak"), check("two", "clean"))

    runs = json.loads(portaudit("check", "--format", "sarif").out)["runs"]
    assert [(run["automationDetails"]["id"], len(run["results"])) for run in runs] == [
        ("portaudit/one/", 1),
        ("portaudit/two/", 0),
    ]


def test_the_environment_is_as_it_was(portaudit, project):
    """The kernel of a check is nobody else's."""
    declare(project, check("good", "clean"))
    before = dict(os.environ)
    portaudit("check")

    assert dict(os.environ) == before


def test_a_configuration_is_validated_without_a_run(portaudit, project):
    """--config-only is silent if all is well, on every platform."""
    declare(project, check("bad", "leak"), NOWHERE)
    ended = portaudit("check", "--config-only")

    assert (ended.status, ended.out, ended.err) == (0, "", "")


def test_a_mistake_is_found_without_a_run(portaudit, project):
    """A rule that is none, and a baseline that is none, stop it."""
    declare(project, check("bad", "leak", 'expect = ["nonsense"]'))
    assert portaudit("check", "--config-only").status == 2

    declare(project, 'baseline = "known.json"\n', check("bad", "leak"))
    (project / "known.json").write_text("{")
    ended = portaudit("check", "--config-only")
    assert ended.status == 4
    assert "known.json" in ended.err


def test_an_expired_suppression_is_told(portaudit, project):
    """It hides nothing any more, and somebody should know."""
    declare(
        project,
        '[[suppress]]\nrule = "U5"\nmatch = { role = "host" }\nreason = "old"\nuntil = 2020-01-01\n',
        check("good", "clean"),
    )
    ended = portaudit("check", "--config-only")

    assert ended.status == 0
    assert (
        ended.out
        == "portaudit.toml:1: the suppression U5 host has expired on 2020-01-01, and hides nothing any more\n"
    )
