"""Two snapshots compared: what must always hold, and the verdicts that need no cause."""

from dataclasses import replace

import pytest
from hypothesis import given
from msgspec import structs

from portaudit.analysis.compare import compare, in_order
from portaudit.analysis.judge import judge
from portaudit.analysis.pairing import scope_of
from portaudit.analysis.spaces import Spaces
from portaudit.model.finding import Outcome, Verdict
from portaudit.model.rights import Right
from portaudit.model.severity import Severity
from portaudit.model.snapshot import Machine, NotRead, Snapshot
from tests.spaces import HOST_PORT, RIGHTS, entries, pair, snapshots, task


def settled(snapshot):
    return replace(
        snapshot, settled=True, tasks=tuple(one for one in snapshot.tasks if one.entries is not None)
    )


@given(snapshots())
def test_a_snapshot_compared_with_itself_is_balanced(snapshot):
    """diff(a, a) finds no change, and says balanced."""
    once = replace(settled(snapshot), taken=None, gaps=())
    report = judge(compare((once, once)))

    assert (report.outcome, report.changes, report.findings) == (Outcome.BALANCED, (), ())


def magnitude(report):
    return sorted(
        (change.role, change.object or 0, change.right, change.change)
        for change in report.changes
        if change.right is not Right.DEAD_NAME
    )


ALIVE = snapshots([right for right in RIGHTS if right != "dead-name"])


@given(ALIVE, ALIVE)
def test_differences_mirror(first, second):
    """Without deaths, what diff(a, b) gains diff(b, a) loses, object by object."""
    one, two = settled(first), settled(second)
    there, back = judge(compare((one, two))), judge(compare((two, one)))

    assert magnitude(there) == sorted((*key, -change) for *key, change in magnitude(back))


def one_row(report):
    (finding,) = report.findings
    (row,) = finding.rows
    return finding.verdict, row.role, row.right, row.before, row.after, row.residual


def test_a_new_name_that_stays_is_leaked():
    """References under a name that did not exist before are a leak of that many."""
    after = pair(extension_rows=[(0x1103, "send", 3, HOST_PORT, 2)])

    assert one_row(judge(compare((pair(), after)))) == (Verdict.LEAKED, "extension", "send", 0, 3, 3)


def test_references_that_vanish_are_over_released():
    """A name that is gone, whose object lives, was released once too often."""
    before = pair(extension_rows=[(0x1103, "send", 1, HOST_PORT, 2)])

    assert one_row(judge(compare((before, pair())))) == (Verdict.OVER_RELEASED, "extension", "send", 1, 0, -1)


def test_a_right_under_another_name_is_no_change():
    """A right that was released and received again balances, whatever its name is now."""
    before = pair(extension_rows=[(0x1103, "send", 2, HOST_PORT, 2)])
    after = pair(extension_rows=[(0x1107, "send", 2, HOST_PORT, 2)])

    assert judge(compare((before, after))).outcome is Outcome.BALANCED


def test_a_right_under_another_name_is_open_where_a_count_was_not_read():
    """What it held before is not known, so nothing is said of what it holds more or less."""
    before = pair(extension_rows=[(0x1103, "send", None, HOST_PORT, 2)])
    after = pair(extension_rows=[(0x1107, "send", 2, HOST_PORT, 2)])

    report = judge(compare((before, after)))

    assert [(one.rule, one.reason) for one in report.undecided] == [("R4", "its references were not read")]
    assert (report.outcome, report.findings) == (Outcome.UNDECIDED, ())


def test_a_name_with_another_object_is_recycled():
    """The same name for another port is one finding with both ports, and nothing else."""
    before = pair(extension_rows=[(0x1103, "send", 1, 0xAAAA, 0)])
    after = pair(extension_rows=[(0x1103, "send", 1, 0xBBBB, 0)])

    (finding,) = judge(compare((before, after))).findings

    assert (finding.rule, finding.verdict, [row.object for row in finding.rows]) == (
        "O3",
        Verdict.RECYCLED,
        [0xAAAA, 0xBBBB],
    )


def test_a_dead_name_explains_the_lost_right():
    """A right whose port died counts as a gain of dead-name references, and as no loss."""
    before = pair(extension_rows=[(0x1103, "send", 4, 0xAAAA, 2)])
    after = pair(extension_rows=[(0x1103, "dead-name", 4, 23130, None)])

    assert one_row(judge(compare((before, after)))) == (Verdict.LEAKED, "extension", "dead-name", 0, 4, 4)


def test_a_pegged_count_decides_nothing():
    """65535 references on either side are undecided, and never balanced."""
    pegged = pair(extension_rows=[(0x1103, "send", 65535, HOST_PORT, 2)])
    lower = pair(extension_rows=[(0x1103, "send", 9, HOST_PORT, 2)])

    for before, after in ((pegged, pegged), (lower, pegged), (pegged, lower)):
        report = judge(compare((before, after)))
        assert (report.outcome, [one.verdict for one in report.undecided]) == (
            Outcome.UNDECIDED,
            [Verdict.SATURATED],
        )


def test_counts_that_were_not_read_are_none_at_the_maximum():
    """Beside a count of 65535 one that no reading tells is in doubt, and not pegged."""
    known = pair(extension_rows=[(0x1103, "send", 65535, HOST_PORT, 2), (0x1203, "send", None, 0xAAAA, 0)])

    difference = compare((known, known))

    assert [row.name for row in difference.saturated] == [0x1103]
    assert [(row.name, row.doubt) for row in difference.changes] == [(0x1203, "its references were not read")]


def test_a_loss_with_a_queued_message_may_be_on_its_way():
    """A right in a queued message is in no space: the loss is undecided, not a finding."""
    before = pair([(0x1203, "send", 2, 0xAAAA, 3)], [(0x1303, "recv", 0, 0xBBBB, 0)])
    after = pair([(0x1203, "send", 1, 0xAAAA, 3)], [(0x1303, "recv", 0, 0xBBBB, 0)])
    queue = after.tasks[1].entries.receive
    queue.queued[:] = [1]

    report = judge(compare((before, after)))

    assert (report.outcome, [one.verdict for one in report.undecided]) == (
        Outcome.UNDECIDED,
        [Verdict.IN_FLIGHT],
    )


def test_a_queue_is_fuller_by_the_messages_that_came():
    """Two waited before and five do now: three can carry rights."""
    before, after = (pair([], [(0x1303, "recv", 0, 0xBBBB, 0)]) for _ in range(2))
    before.tasks[1].entries.receive.queued[:], after.tasks[1].entries.receive.queued[:] = [2], [5]

    (queue,) = compare((before, after)).queues
    assert (queue.name, queue.more) == (0x1303, 3)


def test_the_order_is_taken_as_given_where_a_time_is_not_known():
    """Of readings that do not all say when they were taken nobody can say that they run backwards."""
    readings = [replace(pair(), taken=taken) for taken in (None, 9.0, 3.0)]

    assert compare(readings).disorder is None
    assert compare(readings[1:]).disorder is not None


@pytest.mark.parametrize("taken", [(9.0, 3.0), (3.0, 3.0)], ids=["backwards", "of one moment"])
def test_nothing_is_found_in_readings_in_disorder(taken):
    """What was gained from the later to the earlier was lost: it is undecided, and no finding."""
    before, after = pair(), pair(extension_rows=[(0x1103, "send", 1, HOST_PORT, 2)])
    report = judge(compare((replace(before, taken=taken[0]), replace(after, taken=taken[1]))))

    assert (report.outcome, report.findings) == (Outcome.UNDECIDED, ())


def test_more_than_four_tasks_without_a_role_are_a_survey():
    """Of four somebody meant each; of five nobody can say whose transfer it was."""
    several = [task(None, entries(), pid=number) for number in range(50, 55)]

    assert scope_of([Snapshot(tuple(several[:4]))]).survey is False
    assert scope_of([Snapshot(tuple(several))]).survey is True


def test_of_a_survey_nothing_is_graver_than_a_note_and_nothing_is_balanced():
    """Whose transfer it is nobody can say: what changed is told, and the verdict is open."""

    def survey(*rows):
        tasks = [task(None, entries(*rows), pid=number) for number in range(50, 55)]
        return Snapshot(tuple(tasks), settled=True)

    report = judge(compare((survey(), survey((0x1103, "send", 1, 0xAAAA, 3)))))

    assert {one.severity for one in report.findings} == {Severity.NOTE}
    assert report.outcome is Outcome.UNDECIDED
    assert [one.title for one in report.undecided] == ["nobody can say whose transfer this is"]


@pytest.mark.parametrize("unknown", [0, None])
def test_two_ports_that_nobody_read_are_no_collision(unknown):
    """Object 0 says unknown, as none does: it is no id that two kinds of port share."""
    rows = [(0x1103, "send", 1, unknown, 3), (0x1203, "send", 1, unknown, 23)]

    assert compare((pair(), pair(extension_rows=rows))).notes == ()


def test_three_snapshots_are_a_series_and_two_are_not():
    """A shell lists round-10 before round-2; who gives two means them in that order."""
    first, second, third = (replace(pair(), taken=float(taken)) for taken in (1, 2, 3))

    assert list(in_order([third, first, second])) == [first, second, third]
    assert list(in_order([second, first])) == [second, first]


def test_a_right_that_moved_and_grew_was_what_its_old_name_says():
    """Wherever the new name stands: what the right was is read at the name that it had."""
    other = (0x303, "send", 1, 0xBBBB, 3)
    before = pair(extension_rows=[other, (0x403, "send", 1, HOST_PORT, 2)])
    after = pair(extension_rows=[(0x203, "send", 2, HOST_PORT, 2), other])

    (row,) = compare((before, after)).changes

    assert (row.name, row.change, row.was and row.was.name, row.now and row.now.name) == (
        0x203,
        1,
        0x403,
        0x203,
    )


def test_what_has_died_is_of_the_kind_that_it_was():
    """A port that has just died is a queue without a type, until its name is touched."""
    read = (("send", 1, 23), ("send", 2, 0), ("dead-name", 2, None))
    readings = [pair(extension_rows=[(0x203, right, urefs, 9, kind)]) for right, urefs, kind in read]

    assert {row.kobject for row in compare(readings).changes} == {23}


def test_a_series_tells_what_came_and_went_again():
    """Between two readings a right that came back never changed; of three the middle one saw it."""
    less, more = (pair(extension_rows=[(0x1103, "send", urefs, 0xAAAA, 3)]) for urefs in (1, 2))

    assert compare((less, less)).changes == ()
    (row,) = compare((less, more, less)).changes
    assert (row.series, row.change) == ((1, 2, 1), 0)


def test_a_dead_name_that_is_used_again_denoted_nothing():
    """Whatever number a reader printed beside it, its port was gone."""
    dead = pair(extension_rows=[(0x1103, "dead-name", 1, 0x77, None)])
    used = pair(extension_rows=[(0x1103, "send", 1, 0xAAAA, 3)])

    (reused,) = compare((dead, used)).recycled
    assert (reused.lost.object, reused.gained.object) == (None, 0xAAAA)


def test_nobody_else_holds_an_object_that_nobody_read():
    """Object 0 says unknown: rows that have it share nothing."""
    unread = pair([(0x1103, "send", 1, 0, 3)], [(0x1203, "send", 1, 0, 3)])
    difference = compare((pair(), unread))

    for row in difference.changes:
        nameless = structs.replace(row, object=0)
        assert Spaces(difference, [nameless]).others_that_hold(nameless) == []


def test_armed_requests_are_no_change():
    """The request bits of a name come and go with Dispatch, and are not looked at."""
    after = pair()
    after.tasks[0].entries.type[0] |= 0x80000000

    assert judge(compare((pair(), after))).changes == ()


def reasons(before, after):
    report = judge(compare((before, after)))
    return report.outcome, [finding.reason for finding in report.undecided]


def test_another_boot_cannot_be_compared():
    """Object ids mean nothing across boots: every task is undecided."""
    one, other = pair(machine=Machine(boot="A")), pair(machine=Machine(boot="B"))
    reason = "the two snapshots come from different boots, so names and objects mean different things"

    assert reasons(one, other) == (Outcome.UNDECIDED, [reason, reason])


def test_a_restarted_extension_cannot_be_compared():
    """The extension with another pid is another task."""
    after = Snapshot((pair().tasks[0], task("extension", entries((0x103, "send", 1, 5, 2)), pid=5000)))

    assert reasons(pair(), after) == (
        Outcome.UNDECIDED,
        ["extension was process 4243 and is 5000 now: it restarted"],
    )


def test_a_reused_pid_cannot_be_compared():
    """The same pid with another start time is another process."""
    one = pair()
    other = replace(one.tasks[1], process=structs.replace(one.tasks[1].process, start_time=9.0))

    assert reasons(one, Snapshot((one.tasks[0], other))) == (
        Outcome.UNDECIDED,
        ["process 4243 is another one now: it was started at another time"],
    )


def test_a_task_that_was_not_read_is_never_balanced():
    """A refused task leaves the verdict undecided, with the refusal in it."""
    one = pair()
    refused = replace(one.tasks[1], entries=None, not_read=NotRead("no way in"))

    assert reasons(one, Snapshot((one.tasks[0], refused))) == (
        Outcome.UNDECIDED,
        ["extension was not read after: no way in"],
    )


def test_a_snapshot_that_never_settled_is_never_balanced():
    """Readings that did not agree decide nothing."""
    assert reasons(pair(), replace(pair(), settled=False)) == (
        Outcome.UNDECIDED,
        ["the snapshot after was still changing when it was taken"],
    )
