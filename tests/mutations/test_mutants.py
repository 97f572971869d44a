"""Mistakes that are made on purpose are small, and are the ones that were meant."""

import ast
from functools import cache

import pytest

from tests.mutations.equal import ALIKE, EQUAL, why_equal
from tests.mutations.mutants import mutants
from tests.mutations.trial import HOME

SOURCE = '''"""Of stars, and of 1 more."""

from collections.abc import Iterable

NEAR: int | None = 4


class Sky:
    def bright(self, stars: Iterable[int] | None = None, *, least=2) -> int:
        """Count 3 of them."""
        seen = [star for star in stars or () if star >= least]
        if not (seen and NEAR):
            return 0
        return len(seen) + 1 if any(seen) else -len(f"{seen[0] + 1}")
'''


@cache
def every(file):
    """Give all mistakes that can be made in a file of the project."""
    return list(mutants(file, (HOME / file).read_text("utf-8")))


def changes(source):
    """Give each mistake as (place, what stands there, what shall)."""
    return [mutant.change for mutant in mutants("sky.py", source)]


def test_every_small_mistake_is_made_once():
    """Constants, comparisons, conditions, `or`, `not`, arithmetic and branches; no annotation, no text."""
    assert changes(SOURCE) == [
        ("", "4", "5"),
        ("", "4", "3"),
        ("Sky.bright", "2", "3"),
        ("Sky.bright", "2", "1"),
        ("Sky.bright", "star >= least", "True"),
        ("Sky.bright", "star >= least", "False"),
        ("Sky.bright", "stars or ()", "stars and ()"),
        ("Sky.bright", "star >= least", "star > least"),
        ("Sky.bright", "star >= least", "star < least"),
        ("Sky.bright", "not (seen and NEAR)", "True"),
        ("Sky.bright", "not (seen and NEAR)", "False"),
        ("Sky.bright", "not (seen and NEAR)", "seen and NEAR"),
        ("Sky.bright", "seen and NEAR", "seen or NEAR"),
        ("Sky.bright", "0", "1"),
        ("Sky.bright", "0", "-1"),
        (
            "Sky.bright",
            "len(seen) + 1 if any(seen) else -len(f'{seen[0] + 1}')",
            "-len(f'{seen[0] + 1}') if any(seen) else len(seen) + 1",
        ),
        ("Sky.bright", "any", "all"),
        ("Sky.bright", "len(seen) + 1", "len(seen) - 1"),
        ("Sky.bright", "1", "2"),
        ("Sky.bright", "1", "0"),
    ]


def test_each_mutant_differs_in_its_line_alone():
    """The rest of the file is what it was, byte for byte, and Python can read all of it."""
    for mutant in mutants("sky.py", SOURCE):
        pairs = zip(SOURCE.splitlines(), mutant.text.splitlines(), strict=True)
        ast.parse(mutant.text)

        assert [number for number, (old, new) in enumerate(pairs, 1) if old != new] == [mutant.line]


def test_what_runs_at_a_call_is_told_from_what_runs_at_the_import():
    """A default is made when the file is read: tests that call the function do not run it again."""
    told = {mutant.change[1:]: mutant.in_function for mutant in mutants("sky.py", SOURCE)}

    assert [told["4", "5"], told["2", "3"], told["0", "1"]] == [False, False, True]


def test_brackets_are_kept_where_the_meaning_needs_them():
    """`not (a or b) and c` without its `not` is `(a or b) and c`."""
    (shown,) = [m.diff for m in mutants("x.py", "x = not (a or b) and c\n") if m.change[1] == "not (a or b)"]

    assert shown == "-x = not (a or b) and c\n+x = (a or b) and c"


@pytest.mark.parametrize("lines", EQUAL)
def test_what_means_the_same_can_still_be_made(lines):
    """A line that has changed since is looked at again."""
    file, line, _ = lines
    source = (HOME / file).read_text("utf-8")
    numbers = [number for number, text in enumerate(source.splitlines(), 1) if text.strip() == line]

    assert lines in [mutant.lines for mutant in every(file) if mutant.line in numbers]


@pytest.mark.parametrize(("file", "function"), ALIKE)
def test_where_the_first_says_what_the_last_says_there_is_a_first(file, function):
    """A function that asks the first no more is named no more, and no other mistake in it is excused."""
    path = f"portaudit/analysis/{file}"
    excused = [
        mutant.change[1:]
        for mutant in every(path)
        if mutant.function == function and why_equal(mutant) == ALIKE[file, function]
    ]

    assert excused
    assert set(excused) == {("0", "-1")}
