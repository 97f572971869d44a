"""Whose rows are whose, where lines of a print are missing."""

from dataclasses import replace

import pytest
from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.analysis.pairing import scope_of
from portaudit.model.snapshot import NotRead, Snapshot
from tests.spaces import entries, pair, task

FIRST, SECOND = 0x1103, 0x2103


def cut(*rows):
    """Give the pair, the extension's print cut before the second row."""
    snapshot = pair()
    space = entries(*((name, "send", 1, port, 23) for name, port in rows))
    extension = task("extension", space, gaps=("lines are missing",), seams=(rows[1][0],))
    return replace(snapshot, tasks=(snapshot.tasks[0], extension))


def names_that_changed(*snapshots):
    return [row.name for row in judge(compare(snapshots)).changes]


def test_what_stands_before_a_cut_is_the_tasks_own():
    """The first part of a print has its heading: it counts, though the other reading shows none of it."""
    assert names_that_changed(cut((FIRST, 1), (SECOND, 2)), cut((FIRST, 1), (SECOND, 2))) == []
    assert FIRST in names_that_changed(cut((FIRST, 9), (SECOND, 2)), cut((FIRST + 4, 1), (SECOND, 2)))


def test_what_stands_behind_a_cut_counts_if_another_reading_shows_it():
    """A row behind a cut that no other reading knows may be another process's, and is no change."""
    assert names_that_changed(cut((FIRST, 1), (SECOND, 2)), cut((FIRST, 1), (SECOND + 4, 3))) == []


def test_who_has_no_role_is_not_missed_where_roles_are_given():
    """Whoever started while lsmp printed the whole system is not under audit: the pair is read whole."""
    helper = replace(task(None, entries(), pid=77), way="lsmp")
    later = replace(pair(), tasks=(*pair().tasks, helper))

    assert compare((pair(), later)).unread == ()


def test_more_than_four_in_one_snapshot_are_a_survey():
    """Though the other snapshot has fewer."""
    tasks = [task(None, entries(), pid=number) for number in range(50, 55)]

    assert scope_of([Snapshot(tuple(tasks[:4])), Snapshot(tuple(tasks))]).survey


@pytest.mark.parametrize(("later", "same"), [(1.5, True), (1.6, False)])
def test_two_accounts_of_one_start_may_differ(later, same):
    """A second and a half: the clock may be stepped, and ticks are counted."""
    before = pair()
    after = replace(before, tasks=tuple(_started(one, later) for one in before.tasks))

    assert (compare((before, after)).unread == ()) is same


def _started(one, later):
    started = (one.process.start_time or 0) + later
    return replace(one, process=structs.replace(one.process, start_time=started))


def test_half_of_the_rows_behind_a_cut_are_enough():
    """Two of four stand in the other reading: the part is the task's. Of one in four it is not."""
    four = [(SECOND + 4 * at, 10 + at) for at in range(4)]
    names = [name for name, _ in four]

    assert names_that_changed(cut((FIRST, 1), *four), cut((FIRST, 1), *four[:2])) == names[2:]
    assert names_that_changed(cut((FIRST, 1), *four), cut((FIRST, 1), *four[:1])) == names[:1]


def test_a_process_with_another_role_is_another_task():
    """The pid of the host is the extension's in the second snapshot: whoever gave the roles erred."""
    before, after = (Snapshot((task(role, entries(), pid=50),)) for role in ("host", "extension"))

    assert [one.reason for one in compare((before, after)).unread] == [
        "host stands in the first snapshot only: it has exited, or was left out",
        "extension stands in the second snapshot only: it is new, or was left out",
    ]


def test_a_process_that_was_started_again_is_told_from_others_that_are_new():
    """One of its name went and one came: it restarted, whoever else was started beside it."""

    def called(name, pid):
        one = task(None, entries(), pid=pid)
        return replace(one, process=structs.replace(one.process, name=name))

    before = Snapshot((called("App", 50), called("Stays", 60)), settled=True)
    after = Snapshot((called("App", 51), called("Stays", 60), called("New", 52)), settled=True)

    assert [one.reason for one in compare((before, after)).unread] == [
        "App (50) was process 50 and is 51 now: it restarted",
        "New (52) stands in the second snapshot only: it is new, or was left out",
    ]


def test_three_snapshots_are_enough_for_their_numbers():
    """Of a pair one says before and after; in a series one says which of them."""
    refused = replace(pair().tasks[1], entries=None, not_read=NotRead("no way in"))
    readings = [pair(), pair(), replace(pair(), tasks=(pair().tasks[0], refused))]

    assert [one.reason for one in compare(readings).unread] == [
        "snapshot 3 of 3: extension was not read after: no way in"
    ]
    assert [one.reason for one in compare(readings[1:]).unread] == ["extension was not read after: no way in"]
