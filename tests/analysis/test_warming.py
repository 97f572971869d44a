"""What a warm-up has left: said where it may be a leak, silent where it came back or was expected."""

from dataclasses import replace

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.analysis.warming import with_warm_up
from portaudit.model.declared import Terms
from portaudit.model.finding import Outcome
from portaudit.model.snapshot import NotRead
from tests.spaces import HOST_PORT, pair

THREAD = (0x1403, "send", 1, 0x5000, 1)
SEMAPHORE = (0x1503, "send", 1, 0x5006, 23)
RULE = parse_expectation("extension: task-control of host +1")


def held(urefs, *rows):
    """Give the pair with so many references to the host's port in the extension."""
    mine = [(0x1103, "send", urefs, HOST_PORT, 2)] if urefs else []
    return pair(extension_rows=(*mine, *rows))


def warmed(start, *rounds, rules=(), warm_up=1):
    """Judge a series with the snapshot from before its warm-up."""
    report = judge(compare(rounds), rules, Terms(warmed=True))
    return with_warm_up(report, (start, rounds[0], rounds[-1]), rules, warm_up)


def left(report):
    return [(row.role, row.kobject_label, row.of, row.residual) for row in report.warm_up]


def test_speaks_when_the_warm_up_kept_what_never_came_back():
    """A cache or one leak: balanced, and the first note says both, and what to do."""
    report = warmed(held(0), *[held(1)] * 4)

    assert (left(report), report.outcome) == ([("extension", "TASK-CONTROL", "host", 1)], Outcome.BALANCED)
    assert report.notes[0] == (
        "the warm-up, which is not judged, left extension TASK-CONTROL of host +1: a cache that fills at its "
        "first use, or one leak (if lost: one release too many), and the audit cannot tell; a warm-up of 0 "
        "shows in which round, and --expect declares what is meant"
    )


def test_speaks_when_the_warm_up_lost_a_reference_for_good():
    """One release too many that happens at the first use only."""
    assert left(warmed(held(3), *[held(2)] * 3)) == [("extension", "TASK-CONTROL", "host", -1)]


def test_speaks_when_a_warm_up_lost_what_a_rule_says_is_gained():
    """That each operation may keep one reference excuses none that is gone."""
    assert left(warmed(held(3), *[held(2)] * 3, rules=[RULE])) == [("extension", "TASK-CONTROL", "host", -1)]


def test_speaks_of_a_thread_port():
    """A thread that started is told by its class, and stands not in the verdict."""
    report = warmed(held(0), *[held(0, THREAD)] * 3)

    assert left(report) == []
    assert report.notes[0].startswith(
        "the warm-up, which is not judged, left extension 1 THREAD-CONTROL right +1: a cache"
    )


def test_speaks_when_nobody_could_see_whether_it_came_back():
    """A process that was lost has given nothing back that was seen."""
    last = held(1)
    gone = replace(last.tasks[1], entries=None, not_read=NotRead("it exited"))
    report = warmed(held(0), held(1), held(1), held(1), replace(last, tasks=(last.tasks[0], gone)))

    assert left(report) == [("extension", "TASK-CONTROL", "host", 1)]


def test_stays_silent_because_it_came_back():
    """What the first rounds keep and a later one gives back is neither cache nor leak."""
    assert left(warmed(held(0), held(1), held(1), held(0))) == []


def test_stays_silent_because_a_finding_tells_it():
    """What goes on in the rounds that count is a finding with its rate."""
    report = warmed(held(0), *map(held, [1, 2, 3, 4]))

    assert ([finding.rule for finding in report.findings], left(report)) == (["U5"], [])


def test_stays_silent_because_it_was_expected():
    """A rule speaks of each round of the warm-up; what it did not do is nothing that is missing."""
    assert left(warmed(held(0), *[held(1)] * 3, rules=(RULE,))) == []
    assert left(warmed(held(0), *[held(3)] * 3, rules=(RULE,), warm_up=3)) == []
    assert left(warmed(held(1), *[held(1)] * 3, rules=(RULE,))) == []
    assert left(warmed(held(0), *[held(2)] * 3, rules=(RULE,))) == [("extension", "TASK-CONTROL", "host", 1)]


def test_speaks_in_one_line_of_all_kinds():
    """Programs fill pools when they begin to work: each class is told with its number."""
    report = warmed(held(0), *[held(0, THREAD, SEMAPHORE)] * 3)

    assert "extension 1 THREAD-CONTROL right +1; extension 1 SEMAPHORE right +1: a cache" in report.notes[0]
