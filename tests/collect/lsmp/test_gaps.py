"""What a reading lacks is known to it."""

import re

import pytest

from portaudit.collect.lsmp import read_lsmp
from portaudit.errors import SnapshotFileError
from tests.collect.lsmp.prints import SPEAKING, bytes_of

TOTALS_MISSING = "lsmp's totals are missing: rows may be missing too"


def gaps_of(data):
    """Give the gaps of each task, and those of the snapshot."""
    snapshot = read_lsmp(data)
    return [task.gaps for task in snapshot.tasks], snapshot.gaps


def lines_of(name):
    return bytes_of(name, "txt").split(b"\n")


@pytest.mark.parametrize("form", ["txt", "json"])
@pytest.mark.parametrize("name", sorted({*SPEAKING} - {"port_sets", "race_attr_fail"}))
def test_stays_silent_because_a_whole_print_lacks_nothing(name, form):
    """A print that nobody touched, with the rows that lsmp counted, has no gap."""
    tasks, beside = gaps_of(bytes_of(name, form))

    assert (set(tasks), beside) == ({()}, ())


def test_speaks_when_a_row_is_left_out():
    """A row that somebody took out is missed by lsmp's own totals."""
    lines = lines_of("dead_names")
    row = next(number for number, line in enumerate(lines) if b"  dead-name  " in line)
    (gaps,), beside = gaps_of(b"\n".join(lines[:row] + lines[row + 1 :]))

    assert beside == ()
    assert [gap.split(",")[0].rstrip("0123456789") for gap in gaps] == [
        "lsmp counted total = ",
        "lsmp counted DEAD_NAME = ",
    ]


def test_stays_silent_because_the_totals_add_up():
    """A line that is none of lsmp's is no row, where as many rows were read as lsmp counted."""
    lines = lines_of("xfer_leak_release_p502")

    assert gaps_of(b"\n".join([*lines[:5], b"[I will explain this one below]", *lines[5:]])) == ([()], ())


def test_speaks_when_the_text_ends_before_the_totals():
    """A table without lsmp's totals may lack rows, and so may each of several."""
    text = bytes_of("xfer_leak", "txt")
    cut = text[: text.rindex(b"total     =")]

    tasks, beside = gaps_of(cut)
    assert tasks == [(), *[()] * (len(tasks) - 2), (TOTALS_MISSING,)]
    assert beside == ()


def test_speaks_when_a_process_is_announced_and_no_table_follows():
    """A heading at the end of a text tells of a process that was not read."""
    text = bytes_of("xfer_leak", "txt")
    last = text.rindex(b"\nProcess (") + 1

    for end in (text.index(b"\n", last) + 1, text.index(b"\n", last)):
        assert gaps_of(text[:end])[1] == ("announced, and their tables are not there: lsmp (9001)",)
    assert gaps_of(text[: last + 5])[1] == ("it ends before its end: processes may be missing",)


def test_speaks_when_lines_were_left_out_between_two_tables():
    """A mark of omission between two processes may stand for a third."""
    text = bytes_of("xfer_leak", "txt")
    last = text.rindex(b"\nProcess (") + 1

    tasks, beside = gaps_of(text[:last] + b"[...]\n" + text[last:])
    assert set(tasks) == {()}
    assert beside == ("lines were left out between the tables: processes may be missing",)


def test_stays_silent_because_the_mark_stands_behind_the_only_table():
    """What was left out behind the totals of the one process is no right of its space."""
    assert gaps_of(bytes_of("xfer_leak_release_p502", "txt") + b"[...]\n") == ([()], ())


def test_speaks_when_json_is_cut_off():
    """JSON that ends within a process lacks that process' totals, and whatever stood behind it."""
    text = bytes_of("xfer_leak", "json")
    cut = text[: text.rindex(b'{"name":')]

    tasks, beside = gaps_of(cut)
    assert tasks[-1][0] == TOTALS_MISSING
    assert beside == ("it ends before its end: processes may be missing",)


@pytest.mark.parametrize("form", ["txt", "json"])
def test_a_name_or_a_process_that_stands_twice_is_refused(form):
    """No kernel gives a space one name twice, and two prints in one file are no reading."""
    text = bytes_of("xfer_leak_release_p502", form)
    twice = text + text if form == "txt" else text.replace(b"]}]}", b"]}," + text[text.index(b'{"pid"') :])
    renamed = re.sub(rb"0x000003\d\d", b"0x00000107", text)

    with pytest.raises(SnapshotFileError, match=r"x has process 502 twice: give each print a file of"):
        read_lsmp(twice, "x")
    with pytest.raises(SnapshotFileError, match=r"x: process 502 has the name 0x107 twice, and no space has"):
        read_lsmp(renamed, "x")
