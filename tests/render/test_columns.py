"""How text fits a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.harmless import safe
from portaudit.render.style import aligned, columns, hang, paint, wrap

TEXT = st.text(max_size=300).map(lambda text: safe(text, 300))


@given(TEXT, st.integers(20, 200))
def test_no_wrapped_line_is_wider_than_asked(text, width):
    """Whatever the text, no line takes more columns than there are."""
    assert max(map(columns, wrap(text, width))) <= width


@given(TEXT, st.integers(20, 200))
def test_wrapping_loses_no_character(text, width):
    """All that is not blank comes out again, in order."""
    assert "".join(wrap(text, width)).replace(" ", "") == text.replace(" ", "")


@given(TEXT, st.integers(40, 200))
def test_a_hanging_text_fits(text, width):
    """A text behind its label fits the width, too."""
    assert max(map(columns, hang("    Fix:    ", text, width))) <= width


def test_a_word_that_fits_no_line_is_broken():
    """A word longer than a line goes on in the next one."""
    assert wrap("to abcdefghij", 4) == ["to a", "bcde", "fghi", "j"]


def test_wide_characters_take_two_columns():
    """Chinese characters count twice, combining marks not at all."""
    assert (columns("漢字"), columns("e\u0301"), wrap("漢字漢字", 4)) == (4, 1, ["漢字", "漢字"])


def test_cells_stand_under_each_other_where_they_fit():
    """Rows that fit are aligned, and an empty column takes no room."""
    assert list(aligned([("a", "", "long"), ("bbb", "", "x")], 80)) == ["    a    long", "    bbb  x"]


def test_rows_that_do_not_fit_are_wrapped_one_by_one():
    """Rows wider than the line lose no cell."""
    assert list(aligned([("a" * 20, "b" * 20)], 40)) == ["    " + "a" * 20, "        " + "b" * 20]


@pytest.mark.parametrize(("colour", "painted"), [(True, "\x1b[1;31mX\x1b[0m"), (False, "X")])
def test_colour_is_there_only_if_it_shall_be(colour, painted):
    """Paint colours a text, or leaves it as it is."""
    assert paint("X", "1", "31", colour=colour) == painted
