"""What the quick run of the tests leaves out is told, and CI leaves nothing out."""

import re
from pathlib import Path

import pytest
from hypothesis import settings

from tests.leaving import QUICK, QUICK_EXAMPLES, WHOLE, examples

ROOT = Path(__file__).parents[1]
MAKE = (ROOT / "Makefile").read_text()
SOME = f"""
import pytest
@pytest.mark.{WHOLE}
@pytest.mark.parametrize("number", range(12))
def test_whole(number): pass
def test_quick(): pass
"""


@pytest.mark.parametrize(
    ("options", "passed", "left"),
    [(["-m", QUICK, "-n2"], 1, 12), (["-m", QUICK], 1, 12), (["-k", "quick"], 1, None), ([], 13, None)],
    ids=["two workers", "one process", "chosen otherwise", "all"],
)
def test_what_is_left_is_told(pytester, options, passed, left):
    """In a line, once, however many workers there are; who chooses otherwise hears none."""
    pytester.makepyfile(SOME)
    pytester.makeini(f"[pytest]\nmarkers =\n    {WHOLE}: as here")
    result = pytester.runpytest("-p", "xdist", "-p", "tests.leaving", "-p", "no:hypothesispytest", *options)

    result.assert_outcomes(passed=passed, deselected=0 if "-n2" in options else 13 - passed)
    told = [
        int(number)
        for number in re.findall(r"^(\d+) tests that play whole programs", str(result.stdout), re.MULTILINE)
    ]
    assert told == [left] * (left is not None)


def recipe(target):
    """Give what make does for a target: the targets that it needs, and its lines."""
    head = re.search(rf"^{target}:(.*)\n((?:\t.*\n)*)", MAKE, re.MULTILINE)
    assert head is not None
    return head[1].split(), head[2]


def test_before_a_commit_the_quick_tests_run():
    """`make` checks, lints, reads the types, and runs all tests but those that play whole programs."""
    needed, _ = recipe("all")

    assert needed == ["check", "lint", "types", "quick"]
    assert f'-m "{QUICK}" --hypothesis-profile {QUICK_EXAMPLES} ' in recipe("quick")[1]


def test_ci_leaves_nothing_out():
    """What CI runs names every step of `make`, with all the tests in place of the quick ones."""
    run = (ROOT / ".ci/run").read_text()

    assert "\nmake check lint types test\n" in run
    assert QUICK not in run
    assert "-m" not in recipe("test")[1].split()
    assert "profile" not in recipe("test")[1]


def test_the_quick_run_tries_a_quarter_of_the_examples(pytestconfig):
    """Of each property, whether it names a number of its own or not."""
    numbers = {}
    for name in (QUICK_EXAMPLES, "ci"):
        settings.load_profile(name)
        numbers[name] = settings().max_examples, examples(60).max_examples
    settings.load_profile(pytestconfig.getoption("hypothesis_profile") or "ci")

    assert numbers == {QUICK_EXAMPLES: (25, 15), "ci": (100, 60)}


def test_no_property_names_a_number_that_a_quick_run_tries_whole():
    """A number of its own goes through the one door."""
    named = re.compile(r"settings\(.*max_examples=")
    files = [path for path in (ROOT / "tests").rglob("test_*.py") if path != Path(__file__)]

    assert [path.name for path in files if named.search(path.read_text())] == []
