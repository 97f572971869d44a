"""No input crashes a reader, makes it hang, or takes more than twenty times its size in memory."""

import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.collect.lsmp import read_lsmp
from portaudit.errors import SnapshotFileError
from portaudit.snapshot_file import decode, encode
from tests.collect.lsmp.patterns import PATTERNS, pattern
from tests.collect.lsmp.prints import TRUTH, bytes_of, rows_of

SIZE = 60_000
ALLOWANCE = 20
SMALL = 64_000
"""What a reader may take for itself, whatever the input's size."""

CUT = ("xfer_leak", "port_sets", "vouchers_v", "proc_names_quotes", "old_proc_names_newline")


def read_or_refuse(data: bytes) -> None:
    """Read, or refuse in a sentence; and what was read can be kept in a snapshot file."""
    try:
        snapshot = read_lsmp(data)
    except SnapshotFileError:
        return
    assert decode(encode(snapshot), "again").tasks == snapshot.tasks


@pytest.mark.parametrize("name", PATTERNS)
def test_memory_grows_with_the_input_alone(name):
    """At its highest, reading takes at most twenty times the input's size."""
    data = pattern(name, SIZE)
    read_or_refuse(data)

    tracemalloc.start()
    try:
        read_or_refuse_without_keeping(data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak <= ALLOWANCE * len(data) + SMALL


def read_or_refuse_without_keeping(data: bytes) -> None:
    try:
        read_lsmp(data)
    except SnapshotFileError:
        return


@pytest.mark.parametrize("form", ["txt", "json"])
@pytest.mark.parametrize("name", CUT)
def test_a_print_that_was_cut_off_gives_true_rows_only(name, form):
    """Wherever a print ends, each row that is read stands in the whole one, and the loss is told.

    Text that ends between two processes is the exception: lsmp does not say how many there are.
    """
    data = bytes_of(name, form)
    true = {
        (task["pid"], *row[:4])
        for task in TRUTH[name]["tasks"]
        for row in (tuple(row) for row in task["rows"])
    }
    for end in range(1, len(data) - 2, max(1, len(data) // 40)):
        try:
            snapshot = read_lsmp(data[:end])
        except SnapshotFileError:
            continue
        read = {(task.process.pid, *row[:4]) for task in snapshot.tasks for row in rows_of(task)}
        assert read <= true
        told = any(task.gaps for task in snapshot.tasks) or snapshot.gaps
        between_processes = form == "txt" and re.search(rb"\nDNREQUEST = \d+\s*(?:V[^\n]*)?\n*\Z", data[:end])
        assert read == true or told or between_processes


mutations = st.lists(
    st.tuples(
        st.integers(0, 10_000),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=20), st.sampled_from([b"\n", b'"', b"\\", b"}", b"]", b"0x", b"...", b"("])
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(st.sampled_from(sorted(TRUTH)), st.sampled_from(["txt", "json"]), mutations)
def test_a_damaged_print_never_crashes_the_reader(name, form, damage):
    """Bytes put in, taken out or replaced anywhere leave something that can be read, or a sentence."""
    data = bytes_of(name, form)
    for place, length, put_in in damage:
        at = place % (len(data) + 1)
        data = data[:at] + put_in + data[at + length :]

    read_or_refuse(data)


@given(st.binary(max_size=400))
def test_noise_never_crashes_the_reader(data):
    """Any bytes at all are read or refused."""
    read_or_refuse(data)


def test_lines_not_understood_are_counted_beyond_two_hundred():
    """A hostile file does not fill the snapshot: the lines beyond the first two hundred are counted."""
    snapshot = read_lsmp(pattern("letters in a table", 2_000))

    assert len(snapshot.not_understood) == 201
    last = snapshot.not_understood[-1]
    total = pattern("letters in a table", 2_000).count(b"\na")
    assert last.text == f"… and {total - 200} more lines that were not understood"


@pytest.mark.parametrize("form", ["txt", "json"])
def test_a_count_that_no_kernel_has_is_not_believed(form):
    """A row with more user references than a right can have is listed as not understood, not read."""
    data = bytes_of("wide_counts", form).replace(b"65535", b"65536")

    snapshot = read_lsmp(data)
    read = [(task.process.pid, row[0]) for task in snapshot.tasks for row in rows_of(task)]
    lost = {(99998, f"0x{name:08x}") for name in (0x60B, 0x707, 0xA03)} | {(99999, "0x00000603")}
    assert lost.isdisjoint(read)
    assert len(snapshot.not_understood) == len(lost)
