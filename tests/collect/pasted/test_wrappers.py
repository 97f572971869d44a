"""Whatever people do to a text before they paste it, it reads as it was printed."""

from dataclasses import replace
from pathlib import Path

import pytest

from portaudit.collect.crash_report import read_crash_report
from portaudit.collect.lsmp import read_lsmp
from portaudit.collect.pasted import unpasted
from tests.collect.lsmp.prints import PRINTS, SPEAKING
from tests.collect.pasted.wrappers import ENCODINGS, LINES, WHOLE, WRAPPERS

FORMS = ("txt", "json")
GUARDS = Path(__file__).parents[2] / "data" / "guard"
REPORTS = sorted(set(GUARDS.glob("*.txt")) - {GUARDS / "one-line-thread_set_state.txt"})
"""All but the one that is wrapped already."""


def print_of(name, form):
    """Give a print as text: what is no UTF-8 in it is lost in any clipboard."""
    return (PRINTS / f"{name}.{form}").read_bytes().decode("utf-8", "replace")


def what_is_read(data):
    """Give what a print is understood to be."""
    snapshot = read_lsmp(unpasted(data))
    return snapshot.tasks, snapshot.gaps


def numbers_of(task):
    """Give what a task's rows say beside names and descriptions."""
    rows = task.entries
    return task.process.pid, task.gaps, rows and (rows.name, rows.type, rows.urefs, rows.object, rows.kobject)


def events_in(data):
    """Give the guard exceptions of a report, wherever in it they stand."""
    return [replace(event, line=None) for event in read_crash_report(unpasted(data)).events]


CHANGES_NAMES = {
    *((form, "desc_control", "coloured") for form in FORMS),
    *(
        ("json", name, wrapper)
        for name in ("desc_control", "old_proc_names_newline")
        for wrapper in ("indented", "indented by a tab", "with carriage returns")
    ),
    ("txt", "proc_names", "between bars"),
    ("json", "proc_names", "with hard blanks escaped for HTML"),
}
"""Wrappers that do to a name what it may hold itself: colours, blanks at the ends of its lines."""


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SPEAKING)
def test_a_clean_print_stays_as_it_is(name, form):
    """No byte of what lsmp printed is changed, whatever names and descriptions stand in it."""
    data = (PRINTS / f"{name}.{form}").read_bytes()

    assert unpasted(data) == data


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_clean_report_says_the_same(path):
    """The door takes nothing from a report that nobody wrapped."""
    data = path.read_bytes()

    assert events_in(data) == [replace(event, line=None) for event in read_crash_report(data).events]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SPEAKING)
def test_a_wrapped_print_reads_the_same(name, form):
    """Each print in each wrapping gives the same tasks, rows, notes and gaps."""
    text = print_of(name, form)
    expected, expected_gaps = what_is_read(text.encode())
    for wrapper, wrapped in WRAPPERS.items():
        tasks, gaps = what_is_read(wrapped(text).encode())

        assert gaps == expected_gaps, wrapper
        if (form, name, wrapper) in CHANGES_NAMES:
            assert list(map(numbers_of, tasks)) == list(map(numbers_of, expected)), wrapper
        else:
            assert tasks == expected, wrapper


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SPEAKING)
def test_a_print_in_another_encoding_reads_the_same(name, form):
    """UTF-16 with and without a byte order mark, either way round, and the mark of UTF-8."""
    text = print_of(name, form)
    expected = what_is_read(text.encode())

    assert [encoding for encoding in ENCODINGS if what_is_read(text.encode(encoding)) != expected] == []


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_wrapped_report_says_the_same(path):
    """Each crash report in each wrapping tells of the same guard exceptions."""
    text = path.read_text()
    expected = events_in(text.encode())

    assert [name for name, wrapped in WRAPPERS.items() if events_in(wrapped(text).encode()) != expected] == []


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem)
def test_a_report_in_another_encoding_says_the_same(path):
    """A report that an editor saved anew tells of the same guard exceptions."""
    text = path.read_text()
    expected = events_in(text.encode())

    assert [encoding for encoding in ENCODINGS if events_in(text.encode(encoding)) != expected] == []


@pytest.mark.parametrize("outer", WHOLE)
@pytest.mark.parametrize("inner", LINES)
def test_wrappers_within_wrappers_are_undone(inner, outer):
    """A quotation that stands in a page, or a numbered text that was coloured, reads as the text did."""
    text = print_of("xfer_leak", "txt")

    assert what_is_read(WRAPPERS[outer](WRAPPERS[inner](text)).encode()) == what_is_read(text.encode())
