"""A print that was cut off, or torn in its midst, says which of its tasks lack rows; none is judged."""

import pytest

from portaudit.collect.lsmp import read_lsmp
from tests.collect.lsmp.prints import SPEAKING, bytes_of
from tests.cuts import ENDS, PAIRS, Pair, cut_texts, read_cut, unsaid


@pytest.mark.parametrize("form", ["txt", "json"])
@pytest.mark.parametrize("name", SPEAKING)
def test_a_task_that_lost_rows_says_so(name, form):
    """Wherever the print ends, a task that is there without a row of its own has a gap."""
    data = bytes_of(name, form)
    whole = read_lsmp(data)
    cuts = [cut for text in cut_texts(data, form) if (cut := read_cut(text)) is not None]

    assert [unsaid(whole, cut) for cut in cuts] == [set()] * len(cuts)


@pytest.mark.parametrize("form", ENDS)
@pytest.mark.parametrize(("first", "second"), PAIRS[:5])
def test_no_verdict_speaks_of_what_was_cut(first, second, form):
    """Whichever side was cut, at its end or in its midst: a sample of what `python -m tests.cuts` tries."""
    assert list(Pair(first, second, form).complaints(every=5, elisions=12)) == []


def between_two(data, end, begin):
    """Leave out what stands between a row of the first process and one of the second."""
    lines = data.split(b"\n")
    second = [number for number, line in enumerate(lines) if line.startswith(b"Process (")][1]
    first_row = next(number for number, line in enumerate(lines) if line.startswith(b"0x"))
    rows = [number for number in range(second, len(lines)) if lines[number].startswith(b"0x")]
    return b"\n".join([*lines[: first_row + end], b"[...]", *lines[rows[begin] :]])


@pytest.mark.parametrize(("end", "begin", "beside"), [(4, 1, 17), (5, 2, 16)])
def test_rows_behind_a_cut_between_two_processes_are_not_the_first_ones(end, begin, beside):
    """The heading of the second was cut out: its rows are nobody's, and the first lacks its totals alone."""
    snapshot = read_lsmp(between_two(bytes_of("xfer_leak_release", "txt"), end, begin))

    assert len(snapshot.tasks[0].entries or ()) == end
    assert snapshot.tasks[0].gaps[0] == "lsmp's totals are missing: rows may be missing too"
    assert snapshot.gaps == (f"rows that stand in no table of a process: {beside}",)
    assert {task.gaps for task in snapshot.tasks[1:]} == {()}


def test_a_process_whose_name_is_longer_than_any_is_missing():
    """It is passed over with its rows; the reading says so, and no diff of it is balanced."""
    long = b'"HostApp%s","ports"' % (b" " * 200)
    data = bytes_of("xfer_leak_release", "json").replace(b'"HostApp","ports"', long)

    assert read_lsmp(data).gaps == (
        "announced, and their tables are not there: a process whose name was not understood (501)",
    )
