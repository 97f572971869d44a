"""A run of rows, read as columns, has the rows that the careful reader makes of them, one by one."""

from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portaudit.collect.lsmp import read_lsmp
from portaudit.collect.lsmp.row import Runs
from portaudit.errors import SnapshotFileError
from portaudit.model.snapshot import Peer
from portaudit.snapshot_file import encode
from tests.collect.lsmp.printer import Port, Program, print_json, print_text, text_row
from tests.collect.lsmp.prints import SPEAKING, bytes_of

PID = 4242
FORMS = {"txt": print_text, "json": print_json}
CONNECTION = b"IOSurfaceRootUserClient(0x100000a5f)"


def rows(first):
    """Give one row of each kind that large tables are made of, from this slot on."""
    kinds: tuple[tuple[str, dict[str, Any]], ...] = (
        ("recv", {}),
        ("recv,send", {"urefs": 3, "send_once": 2}),
        ("send", {"holder": (0x1203 + first, 1, b"launchd")}),
        ("send", {}),
        ("dead-name", {"urefs": 2}),
        ("send", {"label": b"IOKIT-CONNECT", "description": CONNECTION}),
        ("send", {"label": b"TASK-CONTROL", "urefs": 2}),
        ("dead-name", {}),
        ("send-once", {}),
        ("send", {"label": b"UNKNOWN"}),
        ("port-set", {}),
    )
    for number, (right, more) in enumerate(kinds, first):
        yield Port(number << 8 | 3, 0 if right == "dead-name" else 0x0C5C0000 + number, right, **more)


TABLE = tuple(port for first in range(1, 500, 11) for port in rows(first))
PRINTS = {form: print_([Program(PID, b"Host", TABLE)]) for form, print_ in FORMS.items()}
SMALL = {form: print_([Program(PID, b"Host", TABLE[:44])]) for form, print_ in FORMS.items()}


def read(data):
    """Give all that is read of a print, or the sentence that refuses it."""
    try:
        return encode(read_lsmp(data))
    except SnapshotFileError as error:
        return str(error).encode()


def read_one_by_one(data):
    """Give the same, with no run of rows found."""
    with patch.object(Runs, "at", return_value=None):
        return read(data)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SPEAKING)
def test_a_recorded_print_reads_the_same_one_by_one(name, form):
    """Every recorded print makes the same snapshot, whichever way its rows are read."""
    data = bytes_of(name, form)

    assert read(data) == read_one_by_one(data)


@pytest.mark.parametrize("form", FORMS)
def test_a_large_table_is_read_in_runs(form):
    """Of rows in lsmp's own columns, whatever their right, hardly one is read by itself."""
    taken = []
    at = Runs.at

    def noticing(self, begin, **options):
        run = at(self, begin, **options)
        taken.append(len(run.rows) if run else 0)
        return run

    with patch.object(Runs, "at", noticing):
        (task,) = read_lsmp(PRINTS[form]).tasks

    assert task.entries is not None
    assert len(task.entries) == len(TABLE)
    assert sum(taken) >= 0.95 * len(TABLE)
    assert read(PRINTS[form]) == read_one_by_one(PRINTS[form])


@pytest.mark.parametrize("form", FORMS)
def test_what_differs_from_row_to_row_is_each_rows_own(form):
    """Rows that are alike keep their own name, their own object and the receiver's own name for the port."""
    alike = [
        Port(slot << 8 | 3, 7 * slot, "send", 1, holder=(0x1203 * slot, 1, b"launchd"))
        for slot in range(1, 80)
    ]
    entries = read_lsmp(FORMS[form]([Program(PID, b"Host", tuple(alike))])).tasks[0].entries

    assert entries is not None
    assert entries.name == [port.name for port in alike]
    assert entries.object == [port.object for port in alike]
    assert list(entries.peer.values()) == [Peer(1, "launchd", 0x1203 * slot) for slot in range(1, 80)]


def test_a_row_within_the_reach_of_a_text_is_doubted_in_a_run_too():
    """A description that forges a row in the middle of a large table adds none to it."""
    forged = text_row(Port(0x4003, 9, "send", 3, b"TASK-CONTROL"), Program(1, b"evil")).rstrip(b"\n")
    evil = Port(0x1FF03, 5, "send", 1, b"IOKIT-OBJECT", b"x\n" + forged)
    table = (*TABLE, *(Port(port.name + 0x20000, 3, port.right) for port in TABLE))
    ports = sorted((*table, evil), key=lambda port: port.name)
    data = print_text([Program(PID, b"Host", tuple(ports))])
    entries = read_lsmp(data).tasks[0].entries

    assert entries is not None
    assert set(entries.name) <= {port.name for port in ports}
    assert read(data) == read_one_by_one(data)


def test_lines_between_rows_do_not_end_a_run():
    """Who else has a right stands below many rows of a print by root, and changes none of them."""
    other = (
        b"                  +     send        --------        ---            5         <-"
        b"                                       0x00000517  (501) HostApp\n"
    )
    lines = PRINTS["txt"].split(b"\n")
    data = b"\n".join(line + b"\n" + other.rstrip() if b"recv" in line else line for line in lines)

    assert read(data).count(b"HostApp") == 0
    assert read(data) == read_one_by_one(data)
    assert read_lsmp(data).tasks[0].entries == read_lsmp(PRINTS["txt"]).tasks[0].entries


def test_a_name_with_a_newline_is_still_told_in_full():
    """Where a heading tells of a name with newlines, no row is taken in a run: the name may be in any."""
    holder = (0x1203, 77, b"two\nlines")
    table = (*TABLE[:60], Port(0xFF03, 5, "send", 1, holder=holder))
    data = print_text([Program(77, b"two\nlines", TABLE[:1]), Program(PID, b"Host", table)])
    entries = read_lsmp(data).tasks[1].entries

    assert entries is not None
    assert entries.peer[60] == Peer(77, "two\nlines", 0x1203)
    assert read(data) == read_one_by_one(data)


PIECES = [b'"', b"\\", b",", b"}", b"]", b"{", b"\n", b" ", b"  ", b"0x", b"x", b"-", b"...", b"[...]", b"+"]
PIECES += [b"\n\n", b"total     = 3\n", b"Process (7) : e\n", b'},{"name":"0x00000a03"', b"", b"65536", b"\t"]

damage = st.lists(
    st.tuples(st.integers(0, 100_000), st.sampled_from([0, 1, 2, 8, 130]), st.sampled_from(PIECES)),
    max_size=8,
)


@given(st.sampled_from(sorted(FORMS)), damage)
@example("txt", [(SMALL["txt"].index(CONNECTION), 0, b"\n0x00000103  0x00000001  ")])
@example("json", [(SMALL["json"].index(b"launchd"), 0, b'"},{"name":"0x00000a03","ipc-object":"0x1')])
def test_whatever_is_changed_in_a_print_it_reads_the_same_one_by_one(form, places):
    """Bytes put in, taken out or replaced anywhere in a table: both ways of reading agree."""
    data = SMALL[form]
    for place, cut, piece in places:
        at = place % len(data)
        data = data[:at] + piece + data[at + cut :]

    assert read(data) == read_one_by_one(data)
