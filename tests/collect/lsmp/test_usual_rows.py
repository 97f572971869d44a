"""The fast path for rows of lsmp's JSON reads nothing else than the careful reader does."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portaudit.collect.lsmp import json_print, read_lsmp
from portaudit.collect.lsmp.json_layout import read_object
from portaudit.collect.lsmp.json_row import row_of
from portaudit.collect.lsmp.json_usual import usual_row
from tests.collect.lsmp.printer import Port, Program, print_json
from tests.collect.lsmp.prints import SPEAKING, bytes_of

PID = 4242

OWN = Port(0x103, 7, "send", 2, b"TASK-CONTROL")
PORTS = (
    OWN,
    Port(0x203, 8, "recv", 0),
    Port(0x303, 9, "recv,send", 5, send_once=2),
    Port(0x403, 10, "send", 1, holder=(0x1203, 1, b"launchd")),
    Port(0x503, 11, "send", 1),
    Port(0x603, 12, "send-once"),
    Port(0x703, 13, "send", 1, b"IOKIT-CONNECT", b"AppleClient"),
    Port(0x803, 0, "dead-name", 3),
    Port(0x903, 0, "send", 1, b"UNKNOWN"),
)
PRINT = print_json([Program(PID, b"Host", (*PORTS, OWN))])
FIRST = PRINT.index(b'{"name"')


def careful(data, at):
    """Give what the careful reader makes of a row."""
    read = read_object(data, at)
    row = row_of(read[0], PID) if read else None
    return None if read is None or row is None else (row, read[1])


def rows_of(data):
    """Give the offsets at which rows of the print begin."""
    return [at for at in range(FIRST, len(data)) if data[at - 1 : at + 1] in (b"[{", b",{")]


@pytest.mark.parametrize("name", SPEAKING)
def test_a_print_reads_the_same_without_the_fast_path(name, monkeypatch):
    """Every recorded print makes the same snapshot, whichever way its rows are read."""
    fast = read_lsmp(bytes_of(name, "json"))
    monkeypatch.setattr(json_print, "usual_row", lambda *_: None)

    assert read_lsmp(bytes_of(name, "json")) == fast


def test_each_kind_of_row_is_a_usual_one():
    """The rows that a process has thousands of take the fast path, and mean the same there."""
    read = [usual_row(PRINT, at, PID) for at in rows_of(PRINT)[: len(PORTS)]]

    assert read == [careful(PRINT, at) for at in rows_of(PRINT)[: len(PORTS)]]
    assert None not in read


PIECES = [
    b'"',
    b"\\",
    b"\\\\",
    b",",
    b"}",
    b"]",
    b"{",
    b"-1",
    b"99999",
    b"send",
    b'"pid":7',
    b"\n",
    b"",
    b" ",
]
PIECES += [b'","process":"', b'","ports":[', b'"description":"x",', b"0x", b"4294967296", b'"type":"HOST",']


@given(st.integers(FIRST, len(PRINT) - 1), st.integers(0, 12), st.sampled_from(PIECES))
@example(PRINT.index(b"launchd"), 0, b'"},{"name":"0x00000a03","ipc-object":"0x00000001"')
@example(PRINT.index(b"AppleClient"), 0, b'\\"},{"name":"0x00000a03"')
def test_whatever_is_changed_in_a_print_both_readers_agree(at, cut, piece):
    """A row that the fast path reads is the row that the careful reader makes of the same bytes, or none."""
    data = PRINT[:at] + piece + PRINT[at + cut :]

    for begin in rows_of(data):
        usual = usual_row(data, begin, PID)
        assert usual is None or usual == careful(data, begin)
