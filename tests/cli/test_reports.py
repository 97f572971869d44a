"""One audit, every format: what --output writes, and what each format's own reader says of it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import cmarkgfm
import html5lib
import pytest
from cmarkgfm.cmark import Options

from portaudit.render import Format
from portaudit.snapshot_file import encode
from tests.render.scenarios import EXTENSION_SPACE, kept, snapshot
from tests.render.test_sarif import complaints
from tests.shared import once
from tests.staged import driven

FILES = {
    Format.TABLE: "ports.txt",
    Format.JSON: "ports.json",
    Format.MARKDOWN: "ports.md",
    Format.GITHUB: "ports.log",
    Format.JUNIT: "ports.xml",
    Format.SARIF: "ports.sarif",
    Format.HTML: "ports.html",
}
OUTPUTS = [word for form, file in FILES.items() for word in ("-o", f"{form}={file}")]

CHECKS = f"""
[check.good]
kernel = "simulated"
spawn = {driven("clean")}
extension = "demo-extension"
[check.bad]
kernel = "simulated"
spawn = {driven("leak")}
extension = "demo-extension"
[check.far]
host = "Host"
trigger = "true"
platforms = ["darwin"]
"""
"""One passes, one fails, one is skipped where no Mac is."""

JUNIT = {
    "testsuites": (("testsuite",), ("name", "tests", "failures", "errors")),
    "testsuite": (("properties", "testcase"), ("name", "tests", "failures", "errors", "skipped")),
    "properties": (("property",), ()),
    "property": ((), ("name", "value")),
    "testcase": (("skipped", "error", "failure", "system-out"), ("classname", "name")),
    "skipped": ((), ("message",)),
    "error": ((), ("type", "message")),
    "failure": ((), ("type", "message")),
    "system-out": ((), ()),
}
"""Element -> the elements in it, in their order, and its attributes, as the schema of Jenkins has them."""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project whose three checks were run once, with a file for each format."""
    return once(tmp_path_factory, "checked", checked)


@pytest.fixture(scope="module")
def run_again(tmp_path_factory):
    """The same project, whose checks were run a second time."""
    return once(tmp_path_factory, "checked-again", checked)


def checked(folder):
    """Give the folder as a project whose checks were run."""
    (folder / "portaudit.toml").write_text(CHECKS)
    check(folder)
    return folder


def check(folder):
    """Run the checks of a project, which has a leak."""
    program = [sys.executable, "-m", "portaudit", "check", *OUTPUTS, "--keep", "kept"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PORTAUDIT_")}
    ended = subprocess.run(program, cwd=folder, capture_output=True, text=True, check=False, env=clean)
    assert (ended.returncode, ended.stderr) == (1, "")


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Two snapshots between which the extension kept three references, in the working folder."""
    monkeypatch.chdir(tmp_path)
    before, after = snapshot(), snapshot(extension=(*EXTENSION_SPACE, kept(3)))
    for name, one, taken in (("before.json", before, 1.0), ("after.json", after, 2.0)):
        (tmp_path / name).write_bytes(encode(type(one)(one.tasks, taken, one.machine, settled=True)))
    return "before.json", "after.json"


@pytest.mark.skipif(sys.platform == "darwin", reason="the check that is skipped is for a Mac")
@pytest.mark.whole
class TestChecks:
    def test_json_tells_each_check_and_its_place(self, project):
        """Name, state, line, snapshots and report, and nothing that is another at every run."""
        told = json.loads((project / "ports.json").read_text())["checks"]

        assert [(one["name"], one["state"]) for one in told] == [
            ("good", "passed"),
            ("bad", "failed"),
            ("far", "skipped"),
        ]
        assert told[1]["place"] == {"file": "portaudit.toml", "line": 6}
        assert {Path(file).parent for file in told[1]["snapshots"]} == {Path("kept/bad")}
        assert [Path(file).exists() for file in told[0]["snapshots"] + told[1]["snapshots"]]
        assert {key for one in told for key in one} == {
            "name",
            "state",
            "reason",
            "place",
            "snapshots",
            "report",
        }

    def test_one_comment_for_all(self, project):
        """GitHub's own Markdown makes one heading, a table of the checks, and the findings of the bad one."""
        text = (project / "ports.md").read_text()
        page = html5lib.parse(
            cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE),
            namespaceHTMLElements=False,
        )

        headings = ["".join(heading.itertext()) for heading in page.iter("h2")]
        cells = [["".join(cell.itertext()) for cell in row] for row in next(page.iter("table")).iter("tr")]
        assert headings == ["❌ portaudit: 1 of 3 checks failed, 1 passed, 1 was skipped"]
        assert [row[:2] for row in cells[1:]] == [
            ["good", "✅ passed"],
            ["bad", "❌ failed"],
            ["far", "⏭️ skipped"],
        ]
        assert ["".join(heading.itertext()).split(":")[0] for heading in page.iter("h3")] == ["❌ bad"]

    def test_annotations_name_the_check_and_point_at_it(self, project):
        """The error stands at the line that declares the check, the skip is a notice; the end tells all."""
        annotation, skip, *last = (project / "ports.log").read_text().splitlines()

        assert annotation.startswith(
            "::error file=portaudit.toml,line=6,title=bad%3A U5 leaked%3A the extension"
        )
        assert skip.startswith("::notice file=portaudit.toml,line=10,title=far%3A skipped::it is for darwin")
        assert [line.split(": ")[:3] for line in last] == [
            ["portaudit", "passed", "good"],
            ["portaudit", "failed", "bad"],
            ["portaudit", "skipped", "far"],
        ]

    def test_junit_has_a_case_a_check(self, project):
        """Each check is a suite with the case `balance`; the rule that fails it stands beside it."""
        root = ET.parse(project / "ports.xml").getroot()  # noqa: S314  our own

        assert [
            (case.get("classname"), case.get("name"), *(child.tag for child in case))
            for case in root.iter("testcase")
        ] == [
            ("portaudit.good", "balance"),
            ("portaudit.bad", "balance", "failure"),
            ("portaudit.bad.extension", "U5", "failure"),
            ("portaudit.far", "balance", "skipped"),
        ]

    def test_junit_is_as_its_schema_says(self, project):
        """No element, attribute or order that Jenkins' schema does not know, and the totals add up."""
        root = ET.parse(project / "ports.xml").getroot()  # noqa: S314  our own

        for element in root.iter():
            children, attributes = JUNIT[element.tag]
            places = [children.index(child.tag) for child in element]
            assert places == sorted(places)
            assert tuple(element.keys()) == attributes
        for suite in root:
            cases = suite.findall("testcase")
            failed = [case for case in cases if case.find("failure") is not None]
            assert (suite.get("tests"), suite.get("failures")) == (str(len(cases)), str(len(failed)))
        assert [root.get(key) for key in ("tests", "failures", "errors")] == ["4", "2", "0"]
        assert [suite.get("skipped") for suite in root] == ["0", "0", "1"]

    def test_sarif_keeps_the_checks_apart(self, project):
        """A run a judged check, its name in the properties, its line as the place; the skip is a note."""
        runs = json.loads((project / "ports.sarif").read_text())["runs"]

        good, bad, others = runs
        assert [run["automationDetails"]["id"] for run in runs] == [
            "portaudit/good/",
            "portaudit/bad/",
            "portaudit/",
        ]
        (result,) = bad["results"]
        place = result["locations"][0]["physicalLocation"]
        assert (good["results"], result["properties"]["check"], bad["properties"]) == (
            [],
            "bad",
            {"check": "bad"},
        )
        assert (place["artifactLocation"]["uri"], place["region"]["startLine"]) == ("portaudit.toml", 6)
        assert (project / place["artifactLocation"]["uri"]).exists()
        (note,) = others["invocations"][0]["toolExecutionNotifications"]
        assert note["message"]["text"].startswith("skipped: far: ")
        assert others["results"] == []

    @pytest.mark.sarif
    def test_microsofts_validator_finds_nothing_wrong(self, project, tmp_path):
        """The SARIF of all checks passes Microsoft's rules and GitHub's, home page and help included."""
        assert complaints(project, tmp_path) == []

    def test_one_page_for_all(self, project):
        """One valid page: the verdict, a link to each check, a part for each, and no id twice."""
        text = (project / "ports.html").read_text()
        page = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)

        ids = [element.get("id") for element in page.iter() if element.get("id")]
        links = [
            link.get("href").removeprefix("#")
            for link in page.iter("a")
            if link.get("href", "").startswith("#")
        ]
        parts = [part for part in page.iter("section") if "check" in part.get("class", "").split()]
        assert (
            "".join(next(page.iter("h1")).itertext())
            == "FAILED 1 of 3 checks failed, 1 passed, 1 was skipped"
        )
        assert len(set(ids)) == len(ids)
        assert set(links) <= set(ids)
        assert [part.get("class") for part in parts] == ["check passed", "check failed", "check skipped"]
        assert [["open" in fold.attrib for fold in part.findall("details")] for part in parts] == [
            [False],
            [True],
            [],
        ]

    def test_the_table_is_what_a_terminal_shows(self, project):
        """A line a check, then the report of the one that failed."""
        first, second, third, _, name, _, verdict, *_ = (project / "ports.txt").read_text().splitlines()

        assert first.startswith("passed: good: every reference to the host's task port came back (")
        assert second.startswith("failed: bad: findings: the extension keeps 3 references")
        assert third == "skipped: far: it is for darwin, and this is linux"
        assert (name, verdict.split()[0]) == ("bad", "FINDINGS")

    def test_what_was_kept_is_rendered_again(self, portaudit, project):
        """The snapshots of a check give the same verdict in any format later."""
        ended = portaudit("diff", *(project / "kept/bad").glob("*.json"), "--no-config")

        told = (project / "ports.txt").read_text().partition("\nbad\n\n")[2]
        assert ended.status == 1
        assert re.sub(r"\s+exit 1\n$", "\n", ended.out) == told

    @pytest.mark.parametrize("form", ["junit", "sarif", "github"])
    def test_nothing_differs_from_run_to_run_that_ci_compares(self, project, run_again, form):
        """Run again, with other pids and times: all but a pid among a result's properties is the same."""
        texts = ((folder / FILES[Format(form)]).read_text() for folder in (run_again, project))
        one, other = (re.sub(r'"pid": \d+', "", text) for text in texts)
        assert one == other


class TestOutput:
    @pytest.mark.parametrize("form", Format)
    def test_a_file_holds_what_the_format_prints(self, portaudit, pair, form):
        """-o FORMAT=FILE beside --format: both are printed from one audit."""
        printed = portaudit("diff", *pair, "--format", form).out
        ended = portaudit("diff", *pair, "-o", f"{form}=out", "--format", "json")

        assert Path("out").read_text(encoding="utf-8") == printed
        assert (ended.status, json.loads(ended.out)["verdict"]) == (1, "findings")

    def test_a_name_may_tell_the_format(self, portaudit, pair, tmp_path):
        """report.html is a page, report.sarif is SARIF."""
        portaudit("diff", *pair, "-o", "report.html", "--output", "report.sarif")

        assert (tmp_path / "report.html").read_text().startswith("<!doctype html>")
        assert json.loads((tmp_path / "report.sarif").read_text())["version"] == "2.1.0"

    @pytest.mark.parametrize(
        ("output", "told"),
        [
            ("htlm=x", "there is no format 'htlm'; did you mean 'html'?"),
            ("report", "does not tell a format: write FORMAT=FILE, for example html=report.html"),
            ("html=-", "what goes to standard output is said by --format html"),
            ("html=nowhere/x.html", "there is no folder for such a file"),
            ("html=", "there is no folder for such a file"),
            ("json=after.json", "is one of the snapshots, and was left alone"),
        ],
    )
    def test_a_mistake_costs_no_file_and_no_audit(self, portaudit, pair, tmp_path, output, told):
        """What cannot be written is said in a sentence, with exit 2, and nothing is written."""
        before = {path: path.read_bytes() for path in tmp_path.iterdir()}
        ended = portaudit("diff", *pair, "-o", output)

        assert (ended.status, told in ended.err) == (2, True)
        assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before

    def test_two_reports_need_two_files(self, portaudit, pair):
        """The second would replace the first."""
        ended = portaudit("diff", *pair, "-o", "html=x", "-o", "json=./x")

        assert (ended.status, ended.err) == (2, "portaudit: two reports cannot both go to ./x\n")

    @pytest.mark.whole
    def test_a_run_writes_them_too(self, portaudit, tmp_path, monkeypatch):
        """A run keeps its snapshots in one place and writes its reports to another."""
        monkeypatch.chdir(tmp_path)
        host = json.loads(driven("leak"))
        ended = portaudit(
            *(
                "run",
                "--kernel",
                "simulated",
                "--spawn",
                "--extension",
                "demo-extension",
                "--exit-zero",
                "-q",
            ),
            *("--keep", "kept", "-o", "report.md", "--format", "github", "--", *host),
        )

        assert (ended.status, ended.out.split(" ")[0]) == (0, "::error")
        assert (tmp_path / "report.md").read_text().startswith("## ❌ portaudit: findings")
        assert {"before.json", "after.json"} <= {path.name for path in (tmp_path / "kept").iterdir()}


class TestEnding:
    def test_a_job_may_go_on(self, portaudit, pair):
        """--exit-zero ends findings, and what is undecided, with 0; the report says so."""
        leaked = portaudit("diff", *pair, "--exit-zero")
        undecided = portaudit("diff", pair[1], pair[0], "--exit-zero")

        assert (leaked.status, undecided.status) == (0, 0)
        assert leaked.out.split()[-2:] == ["exit", "0"]
        assert undecided.out.startswith("UNDECIDED")

    def test_a_mistake_does_not(self, portaudit, pair):
        """Wrong usage and damaged files end as ever."""
        assert portaudit("diff", pair[0], "--exit-zero").status == 2
        assert portaudit("diff", *pair, "--guard", pair[0], "--exit-zero").status == 4

    def test_a_check_too(self, portaudit, monkeypatch, tmp_path):
        """A check that is undecided ends with 0, and is told as undecided."""
        monkeypatch.chdir(tmp_path)
        (tmp_path / "portaudit.toml").write_text(
            '[check.gone]\nkernel = "simulated"\nhost = "nobody-x"\ntrigger = "true"\n'
        )
        ended = portaudit("check", "--exit-zero")

        assert (ended.status, ended.out.partition(":")[0]) == (0, "undecided")


class TestColour:
    @pytest.mark.parametrize(
        ("environment", "coloured"),
        [
            ({}, False),
            ({"FORCE_COLOR": "1"}, True),
            ({"FORCE_COLOR": "1", "TERM": "dumb"}, True),
            ({"FORCE_COLOR": ""}, False),
            ({"FORCE_COLOR": "0"}, False),
            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ],
    )
    def test_a_log_may_be_coloured(self, portaudit, pair, monkeypatch, environment, coloured):
        """FORCE_COLOR colours a pipe, unless NO_COLOR forbids it; a file never is."""
        for name in ("FORCE_COLOR", "NO_COLOR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        ended = portaudit("diff", *pair, "-o", "out.txt")

        assert ("\x1b[" in ended.out, "\x1b[" in Path("out.txt").read_text()) == (coloured, False)


@pytest.mark.whole
def test_a_comment_turns_green(portaudit, tmp_path, monkeypatch):
    """A check that passes prints a comment, too: the one of yesterday says that all is well today."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "portaudit.toml").write_text(CHECKS.partition("[check.bad]")[0])

    assert portaudit("check", "--format", "markdown").out == (
        "## ✅ portaudit: 1 check passed\n\n"
        "| check | state | verdict |\n| --- | --- | --- |\n"
        "| <code>good</code> | ✅ passed | every reference to the host's task port came back "
        "(3 rounds, judged as a pair) |\n\n"
        "<sub>portaudit check</sub>\n"
    )
