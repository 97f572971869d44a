"""What changes while nothing is transferred is taken off."""

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.judge import judge
from portaudit.model.terms import Terms
from tests.analysis.causes.rows import IOKIT, SEMAPHORE, recv, send, snapshot


def judged(before, after, idle, *expected):
    terms = Terms(idle=compare(*map(snapshot, idle)))
    rules = [parse_expectation(text) for text in expected]
    return judge(compare(snapshot(before), snapshot(after)), rules, terms)


def residuals(report):
    return [(one.rule, [row.residual for row in one.rows]) for one in report.findings]


def classes(report):
    return [(one.task, str(one.right), one.kobject, one.change, one.subtracted) for one in report.idle]


def sems(*numbers):
    return [send(0x403 + 0x100 * number, 1, number, SEMAPHORE) for number in numbers]


def test_a_class_that_grows_by_itself_is_no_finding():
    """As many new semaphores as come without a transfer leave nothing; the report says how many."""
    report = judged([], sems(1, 2), ([], sems(7, 8, 9)))

    assert (str(report.outcome), residuals(report)) == ("balanced", [])
    assert classes(report) == [("extension", "send", "SEMAPHORE", 3, 2)]


def test_what_is_more_than_idle_is_still_found():
    """Only as much is taken off as the idle pair showed."""
    report = judged([], sems(1, 2, 3), ([], sems(7)))

    assert sum(sum(rows) for _, rows in residuals(report)) == 2
    assert classes(report) == [("extension", "send", "SEMAPHORE", 1, 1)]


def test_a_loss_is_not_taken_off_a_gain():
    """An idle class that fell says nothing of one that rose."""
    report = judged([], sems(1), (sems(7), []))

    assert residuals(report) == [("N8", [1])]
    assert classes(report) == [("extension", "send", "SEMAPHORE", -1, 0)]


def test_losses_are_taken_off_losses():
    """Churn has both directions."""
    report = judged(sems(1, 2), [], (sems(7), []))

    assert residuals(report) == [("L2", [-1])]


def test_another_description_is_another_class():
    """Objects of one kobject type and two classes are not one class of churn."""
    report = judged([], [send(0x403, 1, 1, IOKIT, "IOThing")], ([], [send(0x403, 1, 1, IOKIT, "IOOther")]))

    assert residuals(report) == [("U10", [1])]


def test_another_kind_of_right_is_another_class():
    """Receive rights are not taken off send rights."""
    assert residuals(judged([], sems(1), ([], [recv(0x403, 9)]))) == [("N8", [1])]


def test_what_is_expected_counts_first():
    """An expectation takes its part, the idle pair what is left."""
    report = judged([], sems(1), ([], sems(7)), "extension: semaphore +1")

    assert residuals(report) == []
    assert classes(report) == [("extension", "send", "SEMAPHORE", 1, 0)]
