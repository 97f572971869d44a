"""The line of a key is found in the text, since the TOML reader does not tell it."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.configuration.tables import line_of, lines_of

TEXT = """\
# a comment with [brackets] and = signs
top = 1
"quoted key" = [
  1,
]

[a . "b.c"]   # a comment
d.e = 2

[[a.list]]
x = 1
[a.list.inner]
y = 1
[[a.list]]
x = 2
  [a.list.inner]
  y = 2
"""

PLACES = {
    ("top",): 2,
    ("quoted key",): 3,
    ("quoted key", 0): 3,
    ("a", "b.c"): 7,
    ("a", "b.c", "d", "e"): 8,
    ("a", "list", 0): 10,
    ("a", "list", 0, "x"): 11,
    ("a", "list", 0, "inner", "y"): 13,
    ("a", "list", 1): 14,
    ("a", "list", 1, "x"): 15,
    ("a", "list", 1, "inner"): 16,
    ("a", "list", 1, "inner", "z"): 16,
    ("nowhere",): 1,
}


@pytest.mark.parametrize("path", PLACES)
def test_a_key_has_its_line(path):
    """Headers, quoted and dotted keys and elements are found; what is not has the line of what is around."""
    assert line_of(lines_of(TEXT), path) == PLACES[path]


names = st.text("abcdefg_-.\" '", min_size=1, max_size=5)


def quoted(name):
    """Write a key as TOML does."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if '"' in name else f'"{name}"'


@given(st.lists(st.tuples(names, st.integers(0, 3)), unique_by=lambda one: one[0], max_size=5))
def test_every_key_of_a_sound_file_is_found(tables):
    """Each key of each table of a file has exactly its line, whatever it is called."""
    lines: list[str] = []
    wanted: dict[tuple[str, ...], int] = {}
    for name, keys in tables:
        lines += ["", f"[{quoted(name)}]"]
        wanted[name,] = len(lines)
        for number in range(keys):
            lines.append(f"k{number} = {number}")
            wanted[name, f"k{number}"] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) is not None

    found = lines_of(text)

    assert {path: line_of(found, path) for path in wanted} == wanted


@given(st.text())
def test_any_text_has_lines(text):
    """The search fails on nothing."""
    assert line_of(lines_of(text), ("a", "b")) >= 1
