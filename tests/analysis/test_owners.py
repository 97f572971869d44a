"""What a rule means: a kind that has two numbers, and `of host` where no reader tells whose port it is."""

from dataclasses import replace

import pytest
from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.analysis.kinds import kind_of
from portaudit.analysis.roles import control_ports
from portaudit.model.difference import Kind
from portaudit.model.finding import Outcome
from portaudit.model.snapshot import Snapshot
from tests.spaces import EXTENSION_PORT, HOST_PORT, entries, pair, task

STRANGER, SECOND = 0xC0, 0xC4
ALLOWED = "extension: task-control of host +1"


def reading(host, extension):
    """Give a reading of two tasks from object -> references to that task control port."""
    spaces = [
        entries(
            *(
                (number << 8 | 3, "send", held, port, 2)
                for number, (port, held) in enumerate(space.items(), 1)
            )
        )
        for space in (host, extension)
    ]
    return Snapshot((task("host", spaces[0]), task("extension", spaces[1])), settled=True)


def judged(before, after):
    """Judge a pair in which the extension may keep one reference to the host's port."""
    return judge(compare((reading(*before), reading(*after))), [parse_expectation(ALLOWED)])


def residuals(findings):
    return [(row.role, row.object, row.residual) for one in findings for row in one.rows]


def test_a_rule_about_the_host_does_not_excuse_what_may_be_the_extensions_own_port():
    """The host took that port from the extension in between, so it stands for nothing of the host's."""
    report = judged(
        ({HOST_PORT: 2}, {EXTENSION_PORT: 2, STRANGER: 1, HOST_PORT: 1}),
        ({HOST_PORT: 2, EXTENSION_PORT: 1}, {EXTENSION_PORT: 3, STRANGER: 1, HOST_PORT: 2}),
    )

    assert residuals(report.undecided) == []
    assert residuals(report.findings) == [("host", EXTENSION_PORT, 1), ("extension", EXTENSION_PORT, 1)]


def test_a_port_that_may_be_either_ones_own_is_left_open():
    """Both held both all along: the reference that came may be the one that is allowed, or a leak."""
    both = {HOST_PORT: 2, EXTENSION_PORT: 2}
    report = judged((both, both), (both, both | {HOST_PORT: 3}))

    assert (report.outcome, residuals(report.undecided)) == (Outcome.UNDECIDED, [("extension", HOST_PORT, 1)])


def test_the_second_port_of_a_hardened_host_stands_for_the_host():
    """It stands in the host's space beside the one that the host calls its own (XNU ipc_tt.c:2072)."""
    host = {HOST_PORT: 2, SECOND: 1}
    report = judged((host, {EXTENSION_PORT: 2}), (host, {EXTENSION_PORT: 2, SECOND: 1}))

    assert report.outcome is Outcome.BALANCED


@pytest.mark.parametrize(("kobject", "left"), [(0, 1), (16, 1), (23, 2)])
def test_both_numbers_of_a_message_queue_are_one_kind(kobject, left):
    """Its lsmp name stands for 0 and 16 alike; no semaphore is meant."""
    came = pair(extension_rows=[(0x203, "send", 2, 0x5000, kobject)])
    rule = parse_expectation("extension: message-queue 1")

    (row,) = (row for row in judge(compare((pair(), came)), [rule]).changes if row.kobject == kobject)
    assert row.residual == left


@pytest.mark.parametrize(
    ("description", "outcome"),
    [("4242,7", Outcome.BALANCED), ("9999,7", Outcome.FINDINGS), (None, Outcome.UNDECIDED)],
)
def test_an_identity_token_is_whose_its_description_says(description, outcome):
    """The host's may be kept, another process's may not, and one that nobody described is left open."""
    space = entries((0x103, "send", 2, EXTENSION_PORT, 2), (0x203, "send", 1, 0x5000, 50))
    if description:
        space.description[1] = description
    came = replace(pair(), tasks=(pair().tasks[0], task("extension", space)))
    rule = parse_expectation("extension: task-id-token of host +1")

    assert judge(compare((pair(), came)), [rule]).outcome is outcome


def test_of_a_right_that_nobody_owns_a_rule_with_an_owner_says_nothing():
    """Whose a semaphore is no reader tells: it may be the host's, so the rule leaves it open."""
    came = pair(extension_rows=[(0x203, "send", 1, 0x5000, 23)])
    rule = parse_expectation("extension: semaphore of host +1")

    assert judge(compare((pair(), came)), [rule]).outcome is Outcome.UNDECIDED


def test_a_role_is_meant_before_a_process_of_that_name():
    """What the host gains is not the extension's, though its process is called extension."""

    def named(rows):
        snapshot = pair(rows)
        host = snapshot.tasks[0]
        return replace(
            snapshot,
            tasks=(replace(host, process=structs.replace(host.process, name="extension")), snapshot.tasks[1]),
        )

    came = [(0x203, "send", 1, 0x5000, 25)]
    (row, *_) = judge(compare((named([]), named(came))), [parse_expectation("extension: clock 0..1")]).changes

    assert (row.role, row.residual) == ("host", 1)


def test_an_owner_is_a_role_before_a_process_of_that_name():
    """A third process is called host: a right to its control port is none to the host's."""
    third = task(None, entries((0x103, "send", 2, 0x5A00, 2)))
    third = replace(third, process=structs.replace(third.process, name="host"))
    before, after = pair(), pair(extension_rows=[(0x203, "send", 1, 0x5A00, 2)])
    readings = [replace(one, tasks=(*one.tasks, third)) for one in (before, after)]

    report = judge(compare(readings), [parse_expectation("extension: task-control of host 0..1")])

    assert [row.residual for one in (*report.findings, *report.undecided) for row in one.rows] == [1]


@pytest.mark.parametrize("right", ["recv", "send-once"])
def test_no_right_but_to_send_is_a_right_to_a_task(right):
    """The kernel alone receives at a task's port: an id of 32 bits that is alike is another port's."""
    (row,) = compare((pair(), pair(extension_rows=[(0x203, right, 1, HOST_PORT, None)]))).changes

    assert kind_of(row) is Kind.COMING_AND_GOING


def test_only_a_right_to_send_with_a_known_object_leads_to_a_control_port():
    """Whatever kobject type a file gives to a receive right, and object 0 says unknown."""
    rows = [(0x103, "send", 1, 5, 2), (0x203, "recv", 0, 6, 2), (0x303, "send", 1, 0, 2)]

    assert list(control_ports(entries(*rows))) == [5]
