"""What lsmp's own code printed is read as it was meant."""

import json

import pytest

from portaudit.collect.lsmp import looks_like_lsmp, read_lsmp
from portaudit.errors import SnapshotFileError
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.snapshot import Receive
from tests.collect.lsmp.prints import SAMPLES, SILENT, SPEAKING, TRUTH, bytes_of, rows_of

FORMS = ("txt", "json")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SPEAKING)
def test_every_row_is_read_and_no_other(name, form):
    """Each task of a print has exactly the rows behind it, under its pid and name."""
    snapshot = read_lsmp(bytes_of(name, form))

    read = {
        task.process.pid: (task.process.name, task.way, rows_of(task))
        for task in snapshot.tasks
        if task.entries is not None
    }
    assert read == {
        task["pid"]: (task["process"], "lsmp", sorted(task["rows"])) for task in TRUTH[name]["tasks"]
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SPEAKING)
def test_the_own_task_port_is_told_where_lsmp_calls_one_port_self(name, form):
    """A release kernel makes lsmp call every task port SELF: of several the first is not taken for it."""
    tasks = [task for task in read_lsmp(bytes_of(name, form)).tasks if task.entries is not None]

    own = {task.process.pid: task.self_object and f"0x{task.self_object:08x}" for task in tasks}
    ports = {
        task.process.pid: [row.kobject for row in task.entries or ()].count(TASK_CONTROL) for task in tasks
    }
    assert own == {
        task["pid"]: None if ports[task["pid"]] > 1 and name.endswith("release") else task["own"]
        for task in TRUTH[name]["tasks"]
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", SPEAKING)
def test_nothing_of_a_whole_print_is_left_over(name, form):
    """Every line of a print that nobody touched is understood."""
    assert read_lsmp(bytes_of(name, form)).not_understood == ()


@pytest.mark.parametrize("form", FORMS)
def test_rows_that_lsmp_left_out_are_missed(form):
    """Where lsmp counted more than it printed, the task says so, and says what a port set alone tells."""
    tasks = {
        (name, task.process.pid): task for name in SPEAKING for task in read_lsmp(bytes_of(name, form)).tasks
    }
    few = "lsmp leaves out receive rights and port sets that it could not look into"
    members = ("the port sets announce 23 members, and 22 are listed",) if form == "txt" else ()
    assert {place: task.gaps for place, task in tasks.items() if task.gaps} == {
        ("port_sets", 620): (
            f"lsmp counted total = 30, and 28 were read: {few}",
            "listed only as a member of a port set, where lsmp left its row out: 1",
        ),
        ("race_attr_fail", 670): (f"lsmp counted total = 9, and 7 were read: {few}",),
    }
    assert {place: task.notes for place, task in tasks.items() if task.notes} == {
        **({("port_sets", 620): members} if members else {}),
        ("space_fail", 0): ("lsmp calls it pid 0: it could not tell which process this is",),
    }


def test_tasks_that_lsmp_could_not_read_are_not_lost():
    """Each task that lsmp ignored is there, with the reason why it has no entries."""
    tasks = [task for task in read_lsmp(bytes_of("space_fail", "txt")).tasks if task.not_read]

    assert [task.not_read.reason for task in tasks if task.not_read] == [
        f"lsmp could not read the port space of one task (0x{name} in its own space) and does not say which: "
        f"it may have exited, or this system protects it"
        for name in ("803", "b03")
    ]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", sorted(SILENT))
def test_an_lsmp_that_gave_up_is_refused_in_a_sentence(name, form):
    """What lsmp left behind when it gave up is no snapshot."""
    with pytest.raises(SnapshotFileError, match=r"is empty|holds no process"):
        read_lsmp(bytes_of(name, form))


def test_an_error_message_in_place_of_a_table_is_quoted():
    """A file that holds lsmp's complaint alone is refused with that complaint."""
    said = b"Failed to find task ipc information for pid 4242\n"

    with pytest.raises(SnapshotFileError, match=r"x\.txt holds no table; lsmp said: Failed to find task ipc"):
        read_lsmp(said, "x.txt")


@pytest.mark.parametrize("form", FORMS)
def test_receive_rights_carry_their_attributes(form):
    """Queue, limit, send-once rights, senders and requests of a receive right are read."""
    task = read_lsmp(bytes_of("recv_flags", form)).tasks[0]

    known = {entry.name: entry.receive for entry in task.entries or () if entry.receive}
    destroyed, flags = (True, 0x3F) if form == "txt" else (None, 0x7E)
    assert known[0x140F] == Receive(
        queued=14,
        queue_limit=16,
        send_once=0,
        has_senders=True,
        no_senders_request=False,
        port_destroyed_request=destroyed,
        in_set=False,
        flags=flags,
    )
    assert len(known) == 17


@pytest.mark.parametrize("form", FORMS)
def test_port_sets_mark_their_members(form):
    """A receive right knows whether a port set lists it; where a list is incomplete, only if it does."""
    whole = read_lsmp(bytes_of("nonroot", form)).tasks[0]
    broken = read_lsmp(bytes_of("port_sets", form)).tasks[0]

    assert {entry.name: entry.receive.in_set for entry in whole.entries or () if entry.receive} == {
        0x10F: False,
        0x60F: True,
    }
    assert {entry.receive.in_set for entry in broken.entries or () if entry.receive} == {True, None}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", sorted(TRUTH))
def test_prints_are_recognised(name, form):
    """Every print is recognised as lsmp's, but those with nothing in them."""
    data = bytes_of(name, form)

    assert looks_like_lsmp(data) == bool(data)


def test_json_that_another_program_wrote_anew_reads_the_same():
    """The JSON through a formatter, keys sorted and lines broken, gives the same tasks."""
    for name in ("xfer_leak_release", "port_sets", "kobjects"):
        data = bytes_of(name, "json")
        anew = json.dumps(json.loads(data), indent=2, sort_keys=True).encode()

        assert read_lsmp(anew).tasks == read_lsmp(data).tasks


def test_the_sample_of_launchd_is_read_but_for_its_cuts():
    """The page author's cuts are counted, everything else of the real capture is read."""
    snapshot = read_lsmp((SAMPLES / "launchd-p1.txt").read_bytes())

    (task,) = snapshot.tasks
    assert (task.process.pid, task.process.name, len(task.entries or ())) == (1, "launchd", 11)
    assert [(line.line, line.text) for line in snapshot.not_understood] == [
        (14, "[...]"),
        (18, " " * 18 + "[...]"),
    ]
    assert (task.notes, task.gaps) == (
        (),
        (
            "lsmp's totals are missing: rows may be missing too",
            "rows behind a place where lines were left out, which may be another process's: 1",
            "lines of its table that were not understood: 2",
        ),
    )


def test_lost_leading_blanks_change_nothing():
    """The capture that lost its leading blanks has the same rows."""
    whole = read_lsmp((SAMPLES / "launchd-p1.txt").read_bytes())
    trimmed = read_lsmp((SAMPLES / "launchd-p1-lines-left-trimmed.txt").read_bytes())

    assert trimmed.tasks == whole.tasks


def test_a_row_with_columns_left_out_is_read_and_reported():
    """What an elided row still says is read, and the line is listed as not understood in full."""
    snapshot = read_lsmp((SAMPLES / "chrome-p2945-columns-elided.txt").read_bytes())

    (task,) = snapshot.tasks
    assert rows_of(task) == [["0x00000307", "0x4139aedb", "send", 1, "THREAD-CONTROL", None, None]]
    assert [line.line for line in snapshot.not_understood] == [3]
    assert "rows with columns left out: 1" in task.notes


def test_the_layout_of_os_x_10_9_is_read_in_full():
    """Dashes in the boost column of a send right, and totals without vouchers, are an older lsmp's."""
    snapshot = read_lsmp((SAMPLES / "finder-os-x-10.9-layout.txt").read_bytes())

    (task,) = snapshot.tasks
    assert (task.gaps, task.notes, snapshot.not_understood, snapshot.gaps) == ((), (), (), ())
    assert [row[:5] for row in rows_of(task)] == [
        ["0x00000103", "0x1e1f2001", "recv", 0, None],
        ["0x00000203", "0x1e1f2002", "send", 3, "TASK-CONTROL"],
        ["0x00000307", "0x1e1f2003", "send", 2, "THREAD-CONTROL"],
        ["0x00000403", "0x9b1f7aa5", "send", 12, "HOST"],
        ["0x0000050b", "0x7d475718", "send", 5, None],
        ["0x00000603", "0x1e1f2009", "port-set", 0, None],
        ["0x00000703", "0x1e1f200a", "recv+send", 1, None],
        ["0x00000803", "0x00000000", "dead-name", 4, None],
        ["0x00000903", "0x1e1f200b", "send-once", 1, None],
    ]


def test_recipes_with_keys_of_another_kernel_cost_no_row():
    """A voucher made of more than is known here is a voucher."""
    data = bytes_of("vouchers_v", "json")
    more = data.replace(b'"recipes":[{', b'"recipes":[{"ATM_ID":18446744073709551615,"Bank Name":"x, y",', 1)

    assert more != data
    assert read_lsmp(more).tasks == read_lsmp(data).tasks
