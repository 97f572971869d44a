"""`portaudit lint`: files, formats, comments, configuration, baseline, and what no file may do to it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import psutil
import pytest

from portaudit.lint import languages

LEAK = "int f(void) {\n    return host_info(mach_host_self(), 1, 0, 0);\n}\n"
LIKELY = "void g(void) {\n    mach_port_t t = mach_thread_self();\n    thread_info(t, 1, 0, 0);\n}\n"
CLEAN = "int f(void) { return task_info(mach_task_self(), 1, 0, 0); }\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """An empty folder to work in, and a function that writes sources there."""
    monkeypatch.chdir(tmp_path)

    def write(name, text):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    return write


def test_a_finding_shows_its_line_and_the_way_out(portaudit, project):
    """The table: place, what happens, the line with a mark, the fix, and where to read more."""
    project("a.c", LEAK)

    ended = portaudit("lint", "a.c")

    assert (ended.status, ended.err) == (1, "")
    assert ended.out == (
        "a.c:2:22: S1 error (certain)\n"
        "    mach_host_self() adds a reference that nobody can give back: host_info()\n"
        "      only borrows it.\n"
        "      2 | return host_info(mach_host_self(), 1, 0, 0);\n"
        "        |                  ^^^^^^^^^^^^^^^^\n"
        "    Fix:  keep the host port in a variable, and\n"
        "      mach_port_deallocate(mach_task_self(), host) after use\n"
        "    More: portaudit explain S1\n"
        "\n"
        "1 file: 1 error\n"
    )


def test_a_folder_is_walked_and_what_is_hidden_passed_over(portaudit, project):
    """Sources by their names, in order; hidden folders and other files are not looked at."""
    for name in ("src/a.c", "src/deep/b.m", ".git/c.c", "src/notes.txt"):
        project(name, LEAK)

    ended = portaudit("lint", "--format", "json")

    assert [found["path"] for found in json.loads(ended.out)["findings"]] == ["src/a.c", "src/deep/b.m"]


@pytest.mark.parametrize(
    ("source", "fail_on", "status"),
    [(LEAK, "error", 1), (LIKELY, "error", 0), (LIKELY, "warning", 1), (CLEAN, "note", 0)],
)
def test_what_exits_1_is_chosen(portaudit, project, source, fail_on, status):
    """Certain findings are errors, likely ones warnings."""
    project("a.c", source)

    assert portaudit("lint", "--fail-on", fail_on).status == status


def test_sarif_has_the_very_region(portaudit, project):
    """Lines and columns from 1, the end behind the last character; columns count UTF-16 units."""
    project("a.c", 'void f(void) { puts("𝄞"); host_info(mach_host_self(), 1, 0, 0); }\n')

    run = json.loads(portaudit("lint", "--format", "sarif").out)["runs"][0]

    [result] = run["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a.c"},
        "region": {"startLine": 1, "startColumn": 38, "endLine": 1, "endColumn": 54},
    }
    assert (result["ruleId"], result["level"]) == ("S1", "error")
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "S1"


def test_github_marks_the_columns(portaudit, project):
    """One annotation a finding, and a last line that sums up."""
    project("a.c", LEAK)

    first, last = portaudit("lint", "--format", "github").out.splitlines()

    assert first.startswith(
        "::error file=a.c,line=2,endLine=2,col=22,endColumn=38,title=S1 certain%3A f::mach_host"
    )
    assert last == "portaudit lint: 1 file: 1 error"


def test_junit_counts_failures_and_skips(portaudit, project):
    """A finding fails, an accepted one is skipped."""
    project("a.c", LEAK + LIKELY.replace("self();", "self(); // portaudit: ignore[S2] it lives as long"))

    root = ET.fromstring(portaudit("lint", "--format", "junit").out)  # noqa: S314  our own

    assert {key: root.get(key) for key in ("tests", "failures", "errors")} == {
        "tests": "2",
        "failures": "1",
        "errors": "0",
    }
    assert [suite.get("skipped") for suite in root] == ["1"]


class TestComments:
    def test_one_with_rule_and_reason_accepts(self, portaudit, project):
        """In the line itself, or alone in the line before."""
        project("a.c", LEAK.replace("0);", "0); // portaudit: ignore[S1] once in a lifetime"))
        project("b.c", LEAK.replace("    return", "    /* portaudit: ignore[S1] once */\n    return"))

        ended = portaudit("lint")

        assert (ended.status, ended.out) == (0, "2 files: no findings; 2 findings accepted\n")

    @pytest.mark.parametrize("comment", ["ignore", "ignore[S1]", "ignore[] why", "ignore why"])
    def test_one_without_rule_or_reason_hides_nothing(self, portaudit, project, comment):
        """It is told itself, beside what it did not hide."""
        project("a.c", LEAK.replace("0);", f"0); // portaudit: {comment}"))

        found = json.loads(portaudit("lint", "--format", "json").out)["findings"]

        assert [one["rule"] for one in found] == ["S1", "S0"]

    def test_one_that_hides_nothing_is_told(self, portaudit, project):
        """None outlives what it was for, also in a file without any right."""
        project("a.c", "int x; // portaudit: ignore[S1] it was needed once\n")

        ended = portaudit("lint", "--format", "json")

        assert [one["message"] for one in json.loads(ended.out)["findings"]] == [
            "this comment hides nothing: there is no S1 here any more"
        ]
        assert ended.status == 1


class TestConfiguration:
    def test_a_suppression_accepts_by_path_and_function(self, portaudit, project):
        """What matches is accepted with its reason; the rest counts."""
        project("vendor/a.c", LEAK)
        project("src/a.c", LEAK)
        project(
            "portaudit.toml",
            '[[suppress]]\nrule = "S1"\nmatch = { path = "vendor/*" }\nreason = "no"\nuntil = 2999-01-01\n',
        )

        told = json.loads(portaudit("lint", "--format", "json").out)

        assert [one["path"] for one in told["findings"]] == ["src/a.c"]
        assert [(one["path"], one["reason"]) for one in told["accepted"]] == [("vendor/a.c", "no")]

    def test_an_expired_suppression_hides_nothing_and_is_told(self, portaudit, project):
        """After its last day the finding counts again."""
        project("a.c", LEAK)
        project(
            "portaudit.toml",
            '[[suppress]]\nrule = "S1"\nmatch = { function = "f" }\nreason = "later"\nuntil = 2020-01-01\n',
        )

        ended = portaudit("lint")

        assert ended.status == 1
        assert ended.err == (
            "portaudit.toml: the suppression 'S1 f' has expired on 2020-01-01: it hides nothing\n"
        )

    def test_excluded_paths_are_not_looked_at(self, portaudit, project):
        """Patterns of paths, in the table lint."""
        project("third_party/a.c", LEAK)
        project("portaudit.toml", '[lint]\nexclude = ["third_party/*"]\n')

        assert portaudit("lint").out == "0 files: no findings\n"

    def test_a_match_of_another_kind_is_a_mistake(self, portaudit, project):
        """A rule about sources knows no kobject type."""
        project(
            "portaudit.toml",
            '[[suppress]]\nrule = "S1"\nmatch = { kobject = "host" }\nreason = "x"\nuntil = 2999-01-01\n',
        )

        ended = portaudit("lint")

        assert ended.status == 2
        assert "portaudit.toml:3" in ended.err


def test_a_baseline_accepts_what_is_there_and_no_more(portaudit, project):
    """Recorded findings are known; one more of the same line, or another, counts."""
    project("a.c", LEAK)

    assert portaudit("lint", "--save-baseline", "known.json").status == 0
    assert portaudit("lint", "--baseline", "known.json").out == "1 file: no findings; 1 finding accepted\n"

    project("a.c", "\n\n" + LEAK + LIKELY)
    ended = portaudit("lint", "--baseline", "known.json", "--format", "json")

    assert [one["rule"] for one in json.loads(ended.out)["findings"]] == ["S2"]


@pytest.mark.skipif(os.cpu_count() == 1, reason="one processor shares no work")
def test_nothing_stays_when_it_is_killed(project):
    """Those who share the work end with who gave it to them, whatever it was killed by."""
    for number in range(240):
        project(f"{number}.c", CLEAN * 400)
    command = [sys.executable, "-m", "portaudit", "lint", "."]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as linting:
        told = psutil.Process(linting.pid)
        while len(workers := told.children()) < 2:
            assert linting.poll() is None
        linting.kill()

    gone, left = psutil.wait_procs(workers, timeout=30)
    for process in left:
        process.kill()

    assert (len(gone), left) == (len(workers), [])


def test_without_the_extra_a_sentence_says_how_to_install_it(portaudit, project, monkeypatch):
    """No traceback: what is missing, and the command."""
    project("a.c", LEAK)
    languages._parser.cache_clear()
    monkeypatch.setitem(sys.modules, "tree_sitter", None)

    ended = portaudit("lint")

    assert (ended.status, ended.out) == (2, "")
    assert "pip install 'portaudit[lint]'" in ended.err


DEEP = 1_500
"""More than Python's stack takes; tree-sitter's Swift needs the square of it."""


class TestHostileFiles:
    def test_a_file_that_cannot_be_read_is_undecided(self, portaudit, project):
        """A dangling link: the rest is told, and the status is not 0."""
        project("a.c", CLEAN)
        Path("gone.c").symlink_to("nowhere.c")

        ended = portaudit("lint")

        assert ended.status == 3
        assert ended.err == "gone.c: it cannot be read: No such file or directory\n"

    def test_a_path_that_is_not_there_is_wrong_usage(self, portaudit):
        """It is named."""
        assert "nowhere" in portaudit("lint", "nowhere").err
        assert portaudit("lint", "nowhere").status == 2

    @pytest.mark.parametrize(
        "source",
        [
            b"\0" * 10 + LEAK.encode(),
            b"\xff\xfe\xfa" + LEAK.encode(),
            b"int x = " + b"(" * 20_000 + b"mach_host_self()",
            b"void f() {" + b"{" * DEEP + b"mach_host_self();" + b"}" * DEEP + b"}",
            b"void f() {" + b"if (x) " * 5_000 + b"mach_host_self();}",
            b"void f() { x = " + b"a + " * 5_000 + b"mach_host_self(); }",
            b"int g() { return " + b"a + " * 900 + b"mach_host_self(); } void f() { h(g()); }",
            b"func f() {" + b"defer { if x { return }; mach_host_self() }\n" * 60 + b"return }",
            b"void f() { /* " + b"y" * 2_000_000 + b" */ mach_host_self(); }",
            b"}}}} @end ))) mach_host_self(",
            b"void f() {" + b"goto a; " * 3_000 + b"a: goto a; mach_thread_self(); }",
        ],
    )
    @pytest.mark.parametrize("suffix", ["c", "m", "cc", "swift"])
    def test_nothing_in_a_source_ends_it(self, portaudit, project, source, suffix):
        """Depth, length, zero bytes and broken text: a status of its own, and no traceback."""
        project(f"a.{suffix}", source)

        ended = portaudit("lint")

        assert ended.status in {0, 1, 3}
        assert "Traceback" not in ended.err

    def test_control_characters_do_not_reach_the_terminal(self, portaudit, project):
        """The line of a source is shown spelled out."""
        project("a.c", b"void f() { host_info(mach_host_self(), 1, 0, 0); /* \x1b]0;owned\x07 */ }\n")

        assert "\x1b" not in portaudit("lint").out
