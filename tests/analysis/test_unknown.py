"""Nothing unknown is balanced: what a reading does not tell is undecided, unless the rest proves a fault."""

from dataclasses import replace

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.model.declared import Terms
from portaudit.model.finding import Outcome
from portaudit.model.snapshot import Snapshot
from tests.spaces import HOST_PORT, entries, pair, task

UNREAD_KIND = "what it is was not read: it may be a right to a task port"
UNREAD_COUNT = "its references were not read"


def unread(number, name=0x2003, urefs=1):
    """Give a send right whose kobject type nobody read."""
    return (name, "send", urefs, number, None)


def held(urefs):
    """Give a name for the host's task port."""
    return (0x1103, "send", urefs, HOST_PORT, 2)


def judged(*spaces, expect=(), **terms):
    """Judge the extension with these rows in each reading."""
    rules = [parse_expectation(rule) for rule in expect]
    return judge(compare([pair(extension_rows=rows) for rows in spaces]), rules, Terms(**terms))


def reasons(report):
    """Give why each undecided one is open."""
    return [one.reason for one in report.undecided]


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ([], [unread(77)], UNREAD_KIND),
        ([unread(77)], [], UNREAD_KIND),
        ([unread(77)], [unread(78, 0x2103)], UNREAD_KIND),
        ([unread(None)], [unread(None, 0x2103)], UNREAD_KIND),
        ([], [held(None)], UNREAD_COUNT),
        ([held(None)], [], UNREAD_COUNT),
        ([held(None)], [held(None)], UNREAD_COUNT),
        ([(0x2003, "send", None, 9, 23)], [(0x2003, "send", None, 9, 23)], UNREAD_COUNT),
    ],
    ids=["came", "went", "rotated", "no object", "count after", "count before", "neither", "of no subject"],
)
def test_stays_open_because_it_was_not_read(before, after, why):
    """A kind that was not read may be a task port, and a count that was not read may be any."""
    report = judged(before, after)

    assert (report.outcome, reasons(report), report.findings) == (Outcome.UNDECIDED, [why], ())


def test_an_unread_kind_is_no_part_of_what_rotated():
    """One that came and one that went may be of two kinds: no remark says that nothing is kept of them."""
    assert judged([unread(77)], [unread(78, 0x2103)]).notes == ()


@pytest.mark.parametrize("rule", ["extension: semaphore +1", "extension: message-queue +1"])
def test_an_expectation_of_a_kind_cannot_be_held_against_an_unread_one(rule):
    """Neither met nor unmet: what came may be what was expected."""
    report = judged([], [unread(77)], expect=[rule])

    assert reasons(report) == [f"what it is was not read, so nobody knows whether {rule!r} speaks of it"]
    assert report.findings == ()


def test_an_expectation_of_any_kind_speaks_of_unread_ones():
    """What is expected of whatever it is needs no kind."""
    assert judged([], [unread(77)], expect=["extension: any +1"]).outcome is Outcome.BALANCED


def test_speaks_when_repetition_proves_a_leak_of_an_unread_kind():
    """Whatever it is, a name that stays from each of seven rounds is kept."""
    report = judged(*([unread(77 + n, 0x2003 + 0x100 * n) for n in range(count)] for count in range(8)))

    assert [one.rate for one in report.findings] == [1]
    assert report.undecided == ()


def test_speaks_when_the_object_is_the_hosts_port():
    """The type was not read, but the object is known to be the host's control port."""
    (finding,) = judged([], [unread(HOST_PORT)]).findings

    assert (finding.rule, finding.rows[0].kobject_label, finding.rows[0].of) == ("U5", "TASK-CONTROL", "host")


def test_what_came_in_part_is_a_change_and_stands_in_the_balance():
    """One of two expected references came: the change is told with what was expected of it."""
    report = judged([], [held(1)], expect=["extension: task-control of host +2"])

    assert [(row.change, row.expected, row.residual) for row in report.changes] == [(1, 2, -1)]
    (balance,) = report.balance
    assert balance.sides["extension"].residual == -1


def test_tasks_of_one_role_have_ports_of_their_own():
    """Two extensions in another order: the one that gained the other's port holds no port of its own."""
    one, other = (0x103, "send", 1, 1, 2), (0x103, "send", 1, 2, 2)
    more = (0x203, "send", 1, 1, 2)
    before = Snapshot((task("extension", entries(one), pid=1), task("extension", entries(other), pid=2)))
    after = Snapshot((task("extension", entries(other, more), pid=2), task("extension", entries(one), pid=1)))

    (finding,) = judge(compare([before, after])).findings
    assert (
        finding.title == "the extension keeps 1 reference to extension (1)'s task port that it must give back"
    )


def test_an_id_that_two_kinds_have_is_named_as_a_possible_collision():
    """A new task port with the id of a semaphore that is still there is a leak, and the id is told."""
    semaphore, port = (0x2003, "send", 1, 9, 23), (0x2103, "send", 1, 9, 2)
    report = judged([semaphore], [semaphore, port])

    assert [one.rule for one in report.findings] == ["U5"]
    assert any("possibly a collision" in note for note in report.notes)
    used_again = judged([semaphore], [port])
    assert not any("collision" in note for note in used_again.notes)


@pytest.mark.parametrize(("kobject", "changed"), [(1, [(0x2003, -1), (0x2103, 1)]), (0, []), (None, [])])
def test_two_kinds_of_object_are_two_whatever_their_id(kobject, changed):
    """A thread's id that a semaphore has now is no right that moved; of a queue or the unread it may be."""
    difference = compare(
        [pair(extension_rows=[row]) for row in ((0x2003, "send", 1, 9, kobject), (0x2103, "send", 1, 9, 23))]
    )

    assert sorted((row.name, row.change) for row in difference.changes if row.change) == changed


def test_a_reading_that_changed_in_the_middle_of_a_series_is_open():
    """One unsettled reading among five says nothing of its rounds."""
    readings = [replace(pair(), settled=number != 2) for number in range(5)]

    assert reasons(judge(compare(readings))) == ["the snapshot 3 of 5 was still changing when it was taken"]
