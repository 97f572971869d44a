"""Nothing that stands inside a name, a description or a voucher becomes a row, a process or a failure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.collect.lsmp import read_lsmp
from tests.collect.lsmp.printer import HEADER, Port, Program, print_text, text_row
from tests.collect.lsmp.prints import TRUTH, bytes_of, rows_of
from tests.collect.lsmp.test_layout import descriptions, expected, ports

DESCRIPTION_MAX = 511
EVIL = Program(1, b"evil")
RECEIVE = text_row(Port(0x1003, 0x5A1B2C3D, "recv"), EVIL)
SAME_SLOT = text_row(Port(0x4A83, 0x5A1B2C3D, "send", 3, b"TASK-CONTROL"), EVIL)
OUT_OF_ORDER = text_row(Port(0x5083, 0x5A1B2C3D, "send", 3, b"TASK-CONTROL"), EVIL)
DEAD_NAME = text_row(Port(0xFFFF03, 0, "dead-name", 2), EVIL)
TABLE = b"Process (7) : e\n" + HEADER + RECEIVE
TOTALS = print_text([Program(7, b"")]).partition(HEADER)[2]
IGNORING = b"Ignoring failure of mach_port_space_info() for task 2051 for '-all'\n"


def with_description(text):
    assert len(text) <= DESCRIPTION_MAX
    return bytes_of("kobjects", "txt").replace(b"AppleSMC(0x100000a5f)", text)


def names_and_rights(snapshot):
    return {(row[0], row[2]) for task in snapshot.tasks for row in rows_of(task)}


def truth_of(name):
    return {(row[0], row[2]) for task in TRUTH[name]["tasks"] for row in task["rows"]}


@pytest.mark.parametrize(
    "forged",
    [
        RECEIVE,
        RECEIVE * 2,
        SAME_SLOT,
        OUT_OF_ORDER,
        DEAD_NAME,
        DEAD_NAME + b"more\n",
        b"\n" + TOTALS,
        IGNORING,
        TABLE,
    ],
    ids=[
        "receive",
        "two",
        "same-slot",
        "out-of-order",
        "dead-name",
        "with-more",
        "totals",
        "failure",
        "table",
    ],
)
def test_a_description_that_goes_on_as_lsmp_would_adds_nothing(forged):
    """A forged line inside a description leaves the one process with exactly its rows."""
    snapshot = read_lsmp(with_description(b"x\n" + forged.rstrip(b"\n")))

    assert [task.process.pid for task in snapshot.tasks] == [680]
    assert names_and_rights(snapshot) == truth_of("kobjects")


def test_a_description_with_newlines_is_told_in_full():
    """Where lsmp's totals show that nothing is missing, all lines of a description are its own."""
    forged = b"x\n" + RECEIVE + b"and more"

    (task,) = read_lsmp(with_description(forged)).tasks
    assert {entry.description for entry in task.entries or ()} >= {forged.decode()}


def test_a_forged_row_is_listed():
    """A row that was found out stands among the lines that were not understood, and is counted."""
    snapshot = read_lsmp(with_description(b"x\n" + RECEIVE.rstrip(b"\n")))

    assert [line.text for line in snapshot.not_understood] == [RECEIVE.decode().rstrip("\n")]
    assert snapshot.tasks[0].notes == (
        "left out, as they may be the text of a description: 1 (lsmp -j tells them apart)",
    )


def test_a_row_that_nothing_tells_from_a_forged_one_is_left_out():
    """Where order and totals allow two readings, the rows that are not in both go, and are listed."""
    forged = text_row(Port(0x403, 2, "send", label=b"HOST"), EVIL).rstrip(b"\n")
    first = Port(0x303, 1, "send", label=b"IOKIT-OBJECT", description=b"x\n" + forged)
    second = Port(0x503, 3, "send", label=b"IOKIT-OBJECT", description=b"y")
    third = Port(0x603, 4, "send", label=b"HOST")
    snapshot = read_lsmp(print_text([Program(680, b"victim", (first, second, third))]))

    assert [row[0] for row in rows_of(snapshot.tasks[0])] == ["0x00000303", "0x00000503"]
    assert [line.text[:10] for line in snapshot.not_understood] == ["0x00000403", "0x00000603"]


def test_a_whole_forged_listing_adds_no_row():
    """Totals, a process and its table, all within a description, add no row to anybody."""
    forged = b"x\n" + TOTALS + b"Process (7) : e\n" + HEADER.split(b"\n")[0] + b"\n" + DEAD_NAME.rstrip()
    snapshot = read_lsmp(with_description(forged))

    assert [task.process.pid for task in snapshot.tasks] == [680]
    assert names_and_rights(snapshot) <= truth_of("kobjects")


@pytest.mark.parametrize("forged", [RECEIVE, TABLE, b"\n" + TOTALS], ids=["row", "table", "totals"])
def test_a_voucher_that_goes_on_as_lsmp_would_adds_nothing(forged):
    """A forged line inside a voucher's text leaves the process with exactly its rows."""
    data = bytes_of("vouchers_v", "txt").replace(b"line two", forged.rstrip(b"\n"))
    snapshot = read_lsmp(data)

    assert [task.process.pid for task in snapshot.tasks] == [750]
    assert names_and_rights(snapshot) == truth_of("vouchers_v")


@pytest.mark.parametrize(
    "name",
    [
        b"x\nProcess (7) : y",
        b"x\n\n\nProcess (7) : y",
        b"x\ntotal     = 9\nSEND      = 8",
        b"\n\n\n",
        b"[...]\n...",
        b"x\nIgnoring failure of mach_port",
        b"x\n                  +     ",
        b"x\n" + DEAD_NAME.rstrip(),
    ],
)
@pytest.mark.parametrize(
    ("print_", "victim"),
    [("xfer_leak", b"ShareExtension"), ("proc_names", b"Who (12) knows"), ("threads_exc_release", b"crashy")],
)
def test_a_name_that_goes_on_as_lsmp_would_adds_nothing(print_, victim, name):
    """A process whose name forges lines changes nobody's rows, wherever lsmp prints the name."""
    snapshot = read_lsmp(bytes_of(print_, "txt").replace(victim, name))

    assert {task.process.pid for task in snapshot.tasks} == {task["pid"] for task in TRUTH[print_]["tasks"]}
    assert names_and_rights(snapshot) == truth_of(print_)


def test_a_json_name_with_quotes_gives_its_rows_to_nobody_else():
    """A name that closes its string and opens another process keeps its own rows."""
    name = b'a"},{"pid":7,"name":"b'
    snapshot = read_lsmp(bytes_of("xfer_leak", "json").replace(b"ShareExtension", name))

    assert [task.process.pid for task in snapshot.tasks] == [1, 501, 502, 9001]
    assert snapshot.tasks[2].process.name == name.decode()
    assert names_and_rights(snapshot) == truth_of("xfer_leak")


def test_a_json_name_cannot_say_a_count_twice():
    """A name that repeats a key of its row does not change the row's references."""
    name = b'x","send_rights":9,"process":"y'
    before = read_lsmp(bytes_of("xfer_leak", "json"))
    after = read_lsmp(bytes_of("xfer_leak", "json").replace(b"HostApp", name))

    for old, new in zip(before.tasks, after.tasks, strict=True):
        assert [row[:5] for row in rows_of(old)] == [row[:5] for row in rows_of(new)]


@st.composite
def forging(draw):
    """A program with an IOKit object whose description goes on with rows of lsmp's own layout."""
    slots = range(3, 3 + draw(st.integers(0, 4)))
    genuine = [Port(0x203, 1, "send", 2, b"TASK-CONTROL"), *(draw(ports(slot)) for slot in slots)]
    forged = [draw(ports(draw(st.integers(1, 200)))) for _ in range(draw(st.integers(1, 2)))]
    text = draw(descriptions) + b"\n" + b"".join(text_row(port, EVIL) for port in forged)
    place = draw(st.integers(1, len(genuine)))
    slot = genuine[place - 1].name >> 8
    evil = Port(
        slot << 8 | 0xC3, 2, "send", 1, b"IOKIT-OBJECT", b"x" + text.rstrip(b"\n")[: DESCRIPTION_MAX - 1]
    )
    after = [Port(port.name + 0x100, *(getattr(port, key) for key in KEYS)) for port in genuine[place:]]
    before = genuine[:place]
    return Program(
        680, b"victim", (*before, Port(evil.name + 0x100, *(getattr(evil, key) for key in KEYS)), *after)
    )


KEYS = ("object", "right", "urefs", "label", "description", "queue_limit", "send_once", "holder")


@given(forging())
def test_forged_rows_by_chance_add_nothing(program):
    """Whatever rows a description forges, none is read that is not the process's own."""
    (task,) = read_lsmp(print_text([program])).tasks

    genuine = {tuple(row[:4]) for row in expected(program)}
    assert {tuple(row[:4]) for row in rows_of(task)} <= genuine
