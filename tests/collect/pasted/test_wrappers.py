"""Whatever people do to a text before they paste it, it reads as it was printed."""

import json
import random

import pytest

from portaudit.collect.pasted import unpasted
from tests.benchmarks import prints
from tests.benchmarks.measure import seconds_of
from tests.collect.lsmp.prints import SPEAKING, bytes_of
from tests.collect.pasted.wrappers import ENCODINGS, LINES, WHOLE, WRAPPERS
from tests.wrappers import Given, all_given, events_read, pairs

GIVEN = all_given()
REPORTS = [given for given in GIVEN if given.read is events_read]
LEAK = next(given for given in GIVEN if given.path.name == "xfer_leak.txt")
SHARE = 4
"""The suite tries one wrapper of so many with each text; `python -m tests.wrappers` tries all."""


def title(given: Given) -> str:
    """Name a given text."""
    return given.path.name


@pytest.mark.parametrize("form", ["txt", "json"])
@pytest.mark.parametrize("name", SPEAKING)
def test_a_clean_print_stays_as_it_is(name, form):
    """No byte of what lsmp printed is changed, whatever names and descriptions stand in it."""
    data = bytes_of(name, form)

    assert unpasted(data) == data


def test_a_clean_print_is_looked_through_sooner_than_it_is_read(tmp_path):
    """Whether a large print of lsmp's JSON is wrapped is told in less time than a parser of JSON takes."""
    data = prints.write(tmp_path, 5_000)["json"][0].read_bytes()

    looking = min(seconds_of(lambda: unpasted(data)) for _ in range(3))

    assert looking < min(seconds_of(lambda: json.loads(data)) for _ in range(3))


@pytest.mark.parametrize("given", REPORTS, ids=title)
def test_a_clean_report_says_the_same(given):
    """The door takes nothing from a report that nobody wrapped: two rounds of it say what one does."""
    data = given.path.read_bytes()

    assert given.read(unpasted(data)) == given.read(data)


@pytest.mark.parametrize("given", GIVEN, ids=title)
def test_a_wrapped_text_reads_the_same(given):
    """Each print and report gives the same tasks, rows and gaps, or exceptions, in a share of wrappers."""
    first = GIVEN.index(given) % SHARE
    chosen = (*WRAPPERS,)[first::SHARE]

    assert [told for wrapper in chosen if (told := given.complaint(wrapper))] == []


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_text_in_another_encoding_reads_the_same(encoding):
    """UTF-16 with and without a byte order mark, either way round, and the mark of UTF-8."""
    chosen = GIVEN[ENCODINGS.index(encoding) :: 2]

    assert [told for given in chosen if (told := given.complaint(encoding=encoding))] == []


@pytest.mark.parametrize("wrapper", WRAPPERS)
def test_each_wrapper_is_undone(wrapper):
    """Each wrapper is tried with a report and with a print at least."""
    assert [told for given in (LEAK, REPORTS[0]) if (told := given.complaint(wrapper))] == []


@pytest.mark.parametrize("outer", WHOLE)
def test_wrappers_within_wrappers_are_undone(outer):
    """A quotation that stands in a page, or a numbered text that was coloured, reads as the text did."""
    assert [told for inner in LINES if (told := LEAK.complaint(inner, outer))] == []


@pytest.mark.parametrize("given", REPORTS, ids=title)
def test_two_wrappers_by_chance_are_undone(given):
    """Any wrapper around any other, in any encoding: what stands in a report is found."""
    assert list(pairs(given, random.Random(title(given)), 3)) == []  # noqa: S311  played chance


def test_what_begins_with_words_is_read_from_where_its_json_begins():
    """A sentence before lsmp's JSON, and one behind it, are none of it."""
    print_ = bytes_of("xfer_leak_release_p502", "json").rstrip(b"\n")

    assert unpasted(b"I ran it as root:\n" + print_ + b"\nWhat leaks?\n") == print_
