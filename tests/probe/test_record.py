"""What the probe writes is what the kernel says, and nothing of the process changes by it."""

import ctypes
import errno
import json
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from portaudit.collect.probe_record import read_probe
from portaudit.collect.space_info import read_space
from portaudit.mach import c_types as c
from portaudit.mach.constants import KernReturn, PortType
from portaudit.mach.library import Mach
from portaudit.probe import header_path
from tests.leaving import examples
from tests.probe.stand_in import RECEIVE, SEND, SEND_ONCE, TASK_SELF, Space

pytestmark = pytest.mark.whole

COLUMNS = [
    *("name", "type", "urefs", "object", "kobject_type", "description", "queued", "queue_limit"),
    *("make_send", "send_once", "has_senders", "no_senders_request", "port_destroyed_request"),
    *("in_set", "flags"),
]
NO_QUEUE = [None] * 9
DNREQUEST, PORT_SET, DEAD = int(PortType.DNREQUEST), int(PortType.PORT_SET), int(PortType.DEAD_NAME)


def a_space(**more):
    """One entry of each sort, among free slots."""
    return Space(
        rows=[
            (TASK_SELF, SEND, 2, 0x900),
            (0x303, RECEIVE | SEND | DNREQUEST, 3, 0x100),
            (0x40F, 0, 0, 0x100),
            (0x503, SEND_ONCE, 1, 0x100),
            (0x603, SEND, 1, 0x800),
            (0x703, PORT_SET, 0, 0x700),
            (0x803, DEAD, 4, 0),
            (0x903, SEND_ONCE, 1, 0x200),
        ],
        kinds={TASK_SELF: (2, b""), 0x303: (0, b""), 0x603: (30, b'IOSurface "root"')},
        queues={0x303: [1, 77, 5, 16, 2, 6, 1, 0, 1, 0x22]},
        **more,
    )


ROWS = [
    [0x303, RECEIVE | SEND | DNREQUEST, 3, 0x100, 0, None, 2, 16, 5, 6, True, True, False, True, 0x22],
    [0x503, SEND_ONCE, 1, 0x100, 0, None, *NO_QUEUE],
    [0x603, SEND, 1, 0x800, 30, 'IOSurface "root"', *NO_QUEUE],
    [0x703, PORT_SET, 0, 0x700, None, None, *NO_QUEUE],
    [0x803, DEAD, 4, None, None, None, *NO_QUEUE],
    [0x903, SEND_ONCE, 1, 0x200, None, None, *NO_QUEUE],
    [TASK_SELF, SEND, 2, 0x900, 2, None, *NO_QUEUE],
]


def test_the_record_says_what_the_kernel_says(probe):
    """Every used entry is a row; free slots are none; what no right can tell is null, never 0."""
    probe.over(a_space())
    probe.program(b"Host")
    probe.machine(b"6A9C-BOOT", b"24E248", b"Mac15,3", started=(1763865600, 250007))

    record = json.loads(probe.record(b"host"))

    assert record.pop("taken") > 1.7e9
    assert sorted(record.pop("rows"), key=str) == sorted(ROWS, key=str)
    assert record == {
        "portaudit_probe": 1,
        "pid": os.getpid(),
        "process": "Host",
        "start_time": 1763865600.250007,
        "role": "host",
        "boot": "6A9C-BOOT",
        "os": "24E248",
        "model": "Mac15,3",
        "kernel": "xnu",
        "task_self": TASK_SELF,
        "method": "mach_port_space_info",
        "columns": COLUMNS,
    }


def test_what_the_machine_does_not_tell_is_null(probe):
    """A sandbox that refuses the system's own facts makes them null, and the record is still written."""
    probe.over(a_space())

    record = json.loads(probe.record())

    told = {name: record[name] for name in ("start_time", "role", "boot", "os", "model")}
    assert told == {"start_time": None, "role": None, "boot": None, "os": None, "model": None}
    assert len(record["rows"]) == len(ROWS)


def test_an_empty_space_is_a_record_without_rows(probe):
    """A table of nothing but its dummy row gives no rows."""
    probe.over(Space())

    assert probe.rows() == []


def test_the_record_equals_a_reading_from_outside(probe):
    """Read back, the record has every entry that the way space-info reads of the same space."""
    callbacks = probe.over(a_space())

    (task,) = read_probe(probe.record(b"extension"), "probe.json").tasks
    outside = read_space(Mach(callbacks, "simulated"), TASK_SELF)

    assert (task.role, task.self_object) == ("extension", 0x900)
    inside = {entry.name: entry for entry in task.entries or ()}
    assert inside == {entry.name: structs.replace(entry, object=entry.object or None) for entry in outside}


def test_every_object_is_asked_for_once(probe):
    """One call for the space, one for each object that can be asked, one for each receive right; no other."""
    space = a_space()
    space.rows += [(0xA03, SEND, 1, 0x800), (0xB03, SEND_ONCE, 1, 0x800)]
    space.rows += [(0xC03, SEND_ONCE, 1, 0xA00), (0xD03, SEND, 1, 0xA00)]
    space.kinds |= {0xA03: space.kinds[0x603], 0xD03: (30, b"IOService")}
    probe.over(space)

    rows = probe.rows()

    assert [row[5] for row in rows if row[3] == 0x800] == ['IOSurface "root"'] * 3
    assert [row[5] for row in rows if row[3] == 0xA00] == ["IOService"] * 2
    assert space.asked == {
        "mach_port_space_basic_info": 1,
        "mach_port_space_info": 1,
        "mach_port_kobject_description": 4,
        "mach_port_get_attributes": 1,
    }


def test_names_without_an_object_id_are_asked_for_each(probe):
    """Where the kernel gives no ids (macOS 12 and older), one name's kind is never taken for another's."""
    probe.over(Space([(0x303, SEND, 1, 0), (0x403, SEND, 1, 0)], {0x303: (2, b""), 0x403: (3, b"")}))

    assert [row[:5] for row in probe.rows()] == [[0x303, SEND, 1, None, 2], [0x403, SEND, 1, None, 3]]


def test_a_name_that_goes_meanwhile_is_unknown(probe):
    """A name that has gone before it is asked about keeps its row, with nulls for the rest."""
    probe.over(Space([(0x303, RECEIVE | SEND, 1, 0x100)]))

    assert probe.rows() == [[0x303, RECEIVE | SEND, 1, 0x100, None, None, *NO_QUEUE]]


@pytest.mark.parametrize(
    ("field", "column"),
    [
        ("mps_msgcount", "queued"),
        ("mps_qlimit", "queue_limit"),
        ("mps_mscount", "make_send"),
        ("mps_sorights", "send_once"),
        ("mps_srights", "has_senders"),
        ("mps_nsrequest", "no_senders_request"),
        ("mps_pdrequest", "port_destroyed_request"),
        ("mps_pset", "in_set"),
        ("mps_flags", "flags"),
    ],
)
def test_each_fact_of_a_receive_right_has_its_column(probe, field, column):
    """A word of mach_port_status_t that is set shows in its own column, and in no other."""
    words = [int(name == field) for name, *_ in c.mach_port_status_t._fields_]
    probe.over(Space([(0x303, RECEIVE, 0, 0x100)], {0x303: (0, b"")}, {0x303: words}))

    (row,) = probe.rows()

    assert [name for name, cell in zip(COLUMNS[6:], row[6:], strict=True) if cell] == [column]


def test_a_queue_told_in_fewer_words_is_unknown(probe):
    """A kernel that knows less of a receive right than ten words is not read past its answer."""
    space = a_space()
    space.queues[0x303] = space.queues[0x303][:4]
    space.words = 4
    probe.over(space)

    assert next(row for row in probe.rows() if row[0] == 0x303)[6:] == NO_QUEUE


@pytest.mark.parametrize(
    "tree", [None, bytes(2 * ctypes.sizeof(c.ipc_info_tree_name_t))], ids=["no tree", "a tree"]
)
def test_what_the_kernel_lent_is_given_back(probe, tree):
    """Table and tree go back to the kernel, each with its own address and size."""
    callbacks = probe.over(a_space(tree=tree))

    probe.record()

    assert (callbacks.lent, callbacks.faults) == ({}, [])


def test_what_the_kernel_lent_is_given_back_when_writing_fails(probe):
    """A record that cannot be written is no reason to keep the kernel's memory."""
    callbacks = probe.over(a_space(tree=bytes(36)))

    code = probe.write(-1)

    assert (code, callbacks.lent) == (errno.EBADF, {})


def test_memory_that_the_kernel_does_not_take_back_is_an_error(probe):
    """A vm_deallocate that fails comes back as EIO."""
    callbacks = probe.over(a_space())
    refuse = type(callbacks.vm_deallocate)(lambda *_: int(KernReturn.KERN_FAILURE))
    address = ctypes.cast(refuse, ctypes.c_void_p).value
    ctypes.c_void_p.in_dll(probe.library, "vm_deallocate").value = address

    with Path(os.devnull).open("wb") as nowhere:
        assert probe.write(nowhere.fileno()) == errno.EIO


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (KernReturn.KERN_RESOURCE_SHORTAGE, errno.ENOMEM),
        (KernReturn.KERN_NO_SPACE, errno.ENOMEM),
        (KernReturn.KERN_INVALID_ARGUMENT, errno.EIO),
        (KernReturn.MIG_BAD_ID, errno.EIO),
        (KernReturn.MACH_SEND_INVALID_DEST, errno.EIO),
    ],
)
def test_a_kernel_that_refuses_is_an_error_and_no_record(probe, tmp_path, code, error):
    """What mach_port_space_info answers comes back as an errno, and not one byte is written."""
    probe.over(a_space(codes={"mach_port_space_info": int(code)}))

    with (tmp_path / "record").open("wb") as file:
        assert probe.write(file.fileno()) == error

    assert (tmp_path / "record").read_bytes() == b""


def test_a_warm_up_that_fails_does_not_matter(probe):
    """The call that only makes the reply port may answer what it likes."""
    probe.over(a_space(codes={"mach_port_space_basic_info": int(KernReturn.KERN_INVALID_TASK)}))

    assert len(probe.rows()) == len(ROWS)


def as_json_text(raw):
    """What a reader of the record sees: each byte that is no UTF-8 as U+FFFD."""
    return re.sub("[\udc80-\udcff]", "\ufffd", raw.decode("utf-8", "surrogateescape"))


HOSTILE = [
    b'a"b\\c',
    b"\n\r\t\x1b[31m\x7f\x01",
    b"</script>",
    "naïve 名前 \U0001f600 \u2028".encode(),
    b"\xff\xfe\x80",
    b"\xc0\xaf \xe0\x80\xaf \xed\xa0\x80 \xf4\x90\x80\x80 \xf5",
    b"\xe2\x82",
    b"\xf0\x9f\x98",
    b'", "rows": [[1',
    b"x" * 10_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=lambda name: repr(name[:16]))
def test_a_hostile_name_is_a_json_string(probe, name):
    """Process name, role and machine's facts are data, whatever bytes they have."""
    probe.over(Space())
    probe.program(name)
    probe.machine(name[:200], None, None)

    record = json.loads(probe.record(name))

    assert (record["process"], record["role"]) == (as_json_text(name), as_json_text(name))
    assert record["boot"] == as_json_text(name[:200])
    assert record["rows"] == []


@examples(300)
@given(st.binary(max_size=40).map(lambda raw: raw.replace(b"\0", b"")))
def test_any_name_is_a_json_string(compiled, name):
    """For every name, the record is JSON in UTF-8 without control characters, and has that name."""
    compiled.over(Space())
    compiled.program(name)

    record = compiled.record()

    assert json.loads(record)["process"] == as_json_text(name)
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", record)


@examples(100)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 0xFFFFFFFF),
            st.integers(0, 0xFFFFFFFF).map(lambda bits: bits | SEND),
            st.integers(0, 0xFFFFFFFF),
            st.integers(0, 5),
        ),
        unique_by=lambda row: row[0],
        max_size=20,
    )
)
def test_any_space_comes_out_as_it_is(compiled, rows):
    """For every table, the record has its names, types, references and objects, to the last bit."""
    compiled.over(Space(rows))

    written = [tuple(row[:4]) for row in compiled.rows()]

    assert sorted(written, key=str) == sorted(((n, b, u, o or None) for n, b, u, o in rows), key=str)


@examples(100)
@given(st.lists(st.integers(0, 6), max_size=60))
def test_an_object_is_asked_about_once_whatever_the_order(compiled, objects):
    """For every order of the rows, each object that the kernel tells of is asked about once."""
    rows = [(slot << 8 | 3, SEND, 1, number) for slot, number in enumerate(objects, 1)]
    space = Space(rows, {name: (2, b"") for name, *_ in rows})
    compiled.over(space)

    written = compiled.rows()

    assert {row[4] for row in written} <= {2}
    assert [row[3] or 0 for row in written] == sorted(objects)
    hidden = objects.count(0)
    assert space.asked["mach_port_kobject_description"] == hidden + len(set(objects) - {0})


def test_nothing_that_may_allocate_is_called():
    """The header sorts by itself: Apple's qsort falls back on a heapsort that calls malloc."""
    code = re.sub(r"/\*.*?\*/", "", header_path().read_text(), flags=re.DOTALL)

    assert re.findall(r"\b(?:q|heap|merge)sort\b|\b\w*alloca?\b", code) == []


@pytest.mark.parametrize(("answered", "written"), [(0, 0), (0xFFFFFFFF, 0), (54, 54), (2, 2)])
def test_a_plain_port_is_a_queue_on_every_system(probe, answered, written):
    """What newer kernels answer of a port without kernel object stands in the record as on older ones."""
    probe.over(Space([(0x103, SEND, 1, 7)], {0x103: (answered, b"")}))

    assert [row[4] for row in probe.rows()] == [written]


def a_large_space(count):
    rows = [
        (slot << 8 | 3, RECEIVE | SEND if slot % 3 else SEND_ONCE, 1, slot) for slot in range(1, count + 1)
    ]
    kinds = {name: (slot % 54, b"") for slot, (name, *_) in enumerate(rows)}
    queues = {name: [0, 0, slot, 5, 0, 0, 0, 0, 0, 0] for slot, (name, *_) in enumerate(rows)}
    return Space(rows, kinds, queues)


def test_ten_thousand_entries_come_out_whole(probe):
    """A large space is written to the last row, and asked about once an object."""
    space = a_large_space(10_000)
    callbacks = probe.over(space)

    rows = sorted(probe.rows())

    told = [(name, space.kinds[name][0]) if bits & SEND else (name, None) for name, bits, *_ in space.rows]
    assert [(row[0], row[4]) for row in rows] == told
    assert space.asked["mach_port_space_info"] == 1
    assert space.asked["mach_port_kobject_description"] == 10_000 - 3_333
    assert callbacks.lent == {}


def test_several_threads_at_once_do_not_disturb_each_other(probe):
    """Eight threads write records at the same time; each is whole, and all memory is given back."""
    callbacks = probe.over(a_large_space(300))
    roles = [f"thread {number}".encode() for number in range(8)]

    with ThreadPoolExecutor(8) as threads:
        records = [json.loads(record) for record in threads.map(probe.record, roles * 5)]

    assert [record["role"].encode() for record in records] == roles * 5
    assert all(record["rows"] == records[0]["rows"] for record in records)
    assert (len(records[0]["rows"]), callbacks.lent, callbacks.faults) == (300, {}, [])
