"""SARIF 2.1.0, as Microsoft's validator and GitHub want it."""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from portaudit.model.declared import Place
from portaudit.render import Format, Style, render_report
from tests.render.golden import GOLDEN
from tests.render.scenarios import EXTENSION_SPACE, SCENARIOS, judged, kept, leak, snapshot
from tests.shared import once

PACKAGE = "@microsoft/sarif-multitool-linux"
TOOL = Path(sys.prefix) / "lib/node_modules" / PACKAGE / "Sarif.Multitool"
INSTALL = f"npm install --global --prefix {sys.prefix} {PACKAGE} && chmod u+x {TOOL}"
STYLE = Style(exit_status=1, after=Place("after.json", 1))
BAD = "bad.sarif"


def run_of(report, style=STYLE):
    """Give the one run of a report."""
    return json.loads(render_report(report, Format.SARIF, style))["runs"][0]


def multitool():
    """Find the validator; a test setup that promises it must have it."""
    if os.access(TOOL, os.X_OK):
        return TOOL
    missing = f"needs Microsoft's SARIF Multitool: {INSTALL}"
    if os.environ.get("REQUIRE_SARIF"):
        pytest.fail(missing)
    pytest.skip(missing)


def complaints(folder, tmp_path):
    """Let Microsoft's validator judge every SARIF file of a folder; gives file, rule, level of complaints."""
    log = tmp_path / "judged.sarif"
    command = [multitool(), "validate", "--rule-kind", "Sarif;Gh;Ghas", "--level", "Error;Warning"]
    environment = os.environ | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "DOTNET_TieredPGO": "0"}
    told = subprocess.run(
        [*command, "--output", log, f"{folder}/*.sarif"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert log.exists(), told.stdout + told.stderr
    (run,) = json.loads(log.read_text("utf-8-sig"))["runs"]
    return [
        (file_of(result), result["ruleId"], result.get("level", "warning"))
        for result in run.get("results", [])
    ]


def file_of(result):
    """Name the file that the validator speaks of."""
    (location,) = result["locations"]
    return Path(location["physicalLocation"]["artifactLocation"]["uri"]).name


def golden_and_bad(folder):
    """Let the validator, which takes seconds to start, judge the golden files and a bad one at once."""
    shutil.copytree(GOLDEN / "sarif", folder, dirs_exist_ok=True)
    run = json.loads(render_report(leak(), Format.SARIF, STYLE))
    run["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"] = 0
    (folder / BAD).write_text(json.dumps(run))
    return complaints(folder, folder.parent)


@pytest.fixture(scope="module")
def judged_by_microsoft(tmp_path_factory):
    """What Microsoft's validator says of which file."""
    multitool()
    return once(tmp_path_factory, "sarif", golden_and_bad)


@pytest.mark.sarif
def test_microsofts_validator_finds_nothing_wrong(judged_by_microsoft):
    """Every scenario passes Microsoft's SARIF rules and GitHub's."""
    assert [one for one in judged_by_microsoft if one[0] != BAD] == []


@pytest.mark.sarif
def test_microsofts_validator_would_find_something(judged_by_microsoft):
    """The validator of these tests is no rubber stamp: a line 0 and a missing location are errors."""
    assert "error" in {level for name, _, level in judged_by_microsoft if name == BAD}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_result_has_what_github_asks_for(scenario):
    """Each result has a known rule, a message, a fingerprint, and one place: relative path and line."""
    run = run_of(SCENARIOS[scenario]())
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]

    assert rules == sorted(set(rules))
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
        [location] = result["locations"]
        assert not location["physicalLocation"]["artifactLocation"]["uri"].startswith(("/", "file:"))
        assert location["physicalLocation"]["region"]["startLine"] >= 1
        assert re.fullmatch(r"[0-9a-f]{16,}:[1-9]\d*", result["partialFingerprints"]["portauditFinding/v1"])


def test_fingerprints_do_not_know_names_and_counts():
    """The same leak under another name and with another count is the same alert."""
    first, second = (
        run_of(judged(snapshot(), snapshot(extension=(*EXTENSION_SPACE, kept(urefs, name=name)))))
        for urefs, name in ((3, 0x1103), (7, 0x9907))
    )

    assert first["results"][0]["partialFingerprints"] == second["results"][0]["partialFingerprints"]


def uri_of(report, style=STYLE):
    """Give the URI of the first result's place."""
    place = run_of(report, style)["results"][0]["locations"][0]["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def test_a_finding_is_shown_at_the_rule_that_it_breaks():
    """The line of the configuration comes before the snapshot."""
    report = leak()
    placed = structs.replace(report.findings[0], place=Place("ci/port audit.toml", 12))

    assert uri_of(replace(report, findings=(placed,))) == ("ci/port%20audit.toml", 12)
    assert uri_of(report) == ("after.json", 1)


def test_a_file_elsewhere_is_named_by_its_full_address():
    """A path outside the working folder is a file URI."""
    assert uri_of(leak(), replace(STYLE, after=Place("/tmp/a b.json", 1))) == ("file:///tmp/a%20b.json", 1)  # noqa: S108  a name only


def test_what_is_undecided_is_open_and_noted():
    """A task that was not read is an open result, and a notification of the run: never a pass."""
    run = run_of(SCENARIOS["unread"]())

    assert [(result["kind"], result["level"]) for result in run["results"]] == [("open", "none")]
    [note] = run["invocations"][0]["toolExecutionNotifications"]
    assert note["level"] == "warning"
    assert "try sudo" in note["message"]["text"]


def test_what_is_accepted_is_a_suppressed_result():
    """A suppressed finding stays in the log with its reason."""
    results = run_of(SCENARIOS["suppressed"]())["results"]

    assert [result["suppressions"][0]["justification"] for result in results] == [
        "XPC caches it",
        "known since 1.0",
    ]


def test_equal_fingerprints_are_numbered():
    """Two findings that are alike in all that lasts stay two alerts."""
    report = leak()
    known = structs.replace(report.findings[0], fingerprint="f00d")

    results = run_of(replace(report, findings=(known, known)))["results"]
    assert [result["partialFingerprints"] for result in results] == [
        {"portauditFinding/v1": "f00d:1"},
        {"portauditFinding/v1": "f00d:2"},
    ]
