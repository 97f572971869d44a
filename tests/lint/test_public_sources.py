"""What lint says of sources that others wrote: written judgements, and the leaks that projects have had."""

import subprocess
import tomllib
from collections import Counter

import pytest

from portaudit.lint.source import check_source
from tests.lint.public_sources import BARS, GIT, Repositories, listed, meet, precision, seen_first, untold

CASES = listed("cases")
BEFORE = b"void f(void) {\n    host_info(mach_host_self(), 1, 0, 0);\n}\n"
AFTER = b"void f(void) {\n    g(1);\n}\n"


def said(case, version):
    """Give the rules that are told of one version of a case."""
    return [found.rule for found in check_source(case["file"], case[version].encode()).findings]


class TestCases:
    @pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['number']}: {case['of']}")
    def test_the_leak_is_told_and_its_fix_is_not(self, case):
        """A leak that a project had: the version before the fix is told, the version after is silent."""
        assert case["rule"] in said(case, "before")
        assert said(case, "after") == []

    def test_there_are_enough(self):
        """At least 25 of the known leaks are followed, in each of the languages."""
        assert len({case["number"] for case in CASES}) >= 25
        assert {case["file"] for case in CASES} >= {"a.c", "a.m", "a.cpp", "a.mm", "a.swift"}


class TestJudgements:
    def test_each_file_stands_there_once_with_its_judgements(self):
        """Repository, commit and path, no code; each report has a verdict and a reason."""
        corpus = listed("corpus")
        places = Counter((entry["repository"], entry["path"]) for entry in corpus)

        assert max(places.values()) == 1
        assert all(len(entry["commit"]) == 40 for entry in corpus)
        assert all(one["reason"] for entry in corpus for one in entry.get("reports", ()))

    def test_what_was_never_looked_at_meets_the_bars(self):
        """The newest set, by its one judgement at first sight: certain and likely are right often enough."""
        counted = precision(seen_first(listed("corpus")))
        newest = {sure: right / every for (number, sure), (right, every) in counted.items() if number == 3}

        assert all(newest[sure] >= bar for sure, bar in BARS.items())
        assert sum(entry["set"] == 3 for entry in listed("corpus")) >= 60


@pytest.fixture
def public(tmp_path):
    """A public project of one file, whose leak was mended in its last commit."""
    home = tmp_path / "public" / "them" / "theirs"
    home.mkdir(parents=True)

    def git(*words):
        options = [
            "-c",
            "user.name=them",
            "-c",
            "user.email=them@theirs.example",
            "-c",
            "init.defaultBranch=main",
        ]
        done = subprocess.run([GIT, *options, *words], cwd=home, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "--quiet")
    for text in (BEFORE, AFTER):
        (home / "a.c").write_bytes(text)
        git("add", "a.c")
        git("commit", "--quiet", "--message", "change")
    repositories = Repositories(tmp_path / "kept", f"file://{tmp_path / 'public'}")
    return repositories, git("rev-parse", "HEAD")


REPORT = 'line = 2, rule = "S1", sure = "certain", function = "f"'


def entry(commit, *reports):
    """Give an entry of the list as it stands in its file."""
    rows = ", ".join(f'{{ {one}, reason = "r" }}' for one in reports)
    place = f'set = 9\nrepository = "them/theirs"\ncommit = "{commit}"\npath = "a.c"'
    return tomllib.loads(f"{place}\nreports = [{rows}]")


class TestMeeting:
    def test_what_was_judged_counts(self, public):
        """A repository is fetched as it was, and today's reports get their written verdicts."""
        repositories, commit = public
        before = entry(f"{commit}^", f"{REPORT}, right = true")

        assert meet([before], repositories) == ([(9, "certain", True)], [])

    def test_what_was_not_judged_or_is_gone_is_a_complaint(self, public):
        """Nothing new goes unjudged, and no leak is lost in silence."""
        repositories, commit = public

        assert meet([entry(f"{commit}^")], repositories)[1] == ["them/theirs a.c:2: S1 was never judged"]
        assert meet([entry(commit, f"{REPORT}, right = true")], repositories)[1] == [
            "them/theirs a.c:2: S1 is gone"
        ]

    def test_a_fix_is_told_by_its_two_versions(self, public):
        """The version before has one report more in that function."""
        repositories, commit = public
        fix = {"repository": "them/theirs", "commit": commit, "path": "a.c"}

        assert list(untold([fix | {"gone": [{"rule": "S1", "function": "f"}]}], repositories)) == []
        assert list(untold([fix | {"gone": [{"rule": "S2", "function": "f"}]}], repositories)) == [
            f"them/theirs {commit[:10]} a.c: ('S2', 'f') 0 to 0"
        ]
