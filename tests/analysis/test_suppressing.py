"""Suppressions: what is hidden, what is not, and what became of each."""

from dataclasses import replace
from datetime import date

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.model.place import Place
from portaudit.model.suppression import Suppression
from portaudit.model.terms import Terms
from tests.analysis.causes.rows import CONTROL, HOST_TASK, IOKIT, send, snapshot

TODAY = date(2026, 11, 23)
LEAK = [send(0x403, 2, HOST_TASK, CONTROL)]
RULE = Suppression("U5", "XPC caches it", date(2026, 12, 31), place=Place("portaudit.toml", 3))


def judged(rows, *rules):
    return judge(compare(snapshot([]), snapshot(rows)), (), Terms(suppressions=rules, today=TODAY))


def uses(report):
    return [(str(use.state), use.findings, use.days_left) for use in report.suppressions]


def test_a_suppressed_finding_does_not_count():
    """The outcome is balanced, and the finding is told with the reason and the place of its suppression."""
    report = judged(LEAK, replace(RULE, role="extension", kobject="task-control", peer="host"))

    (only,) = report.suppressed
    assert (str(report.outcome), report.findings, uses(report)) == ("balanced", (), [("used", 1, 38)])
    assert (only.rule, only.reason, only.place) == ("U5", "XPC caches it", Place("portaudit.toml", 3))


@pytest.mark.parametrize(
    "rule",
    [
        replace(RULE, rule="U7"),
        replace(RULE, role="host"),
        replace(RULE, kobject="TASK-READ"),
        replace(RULE, description="IO*"),
        replace(RULE, peer="launchd"),
    ],
    ids=["rule", "role", "kobject", "description", "peer"],
)
def test_every_part_of_the_match_must_fit(rule):
    """A suppression that fits in all but one part hides nothing and is told as unused."""
    report = judged(LEAK, rule)

    assert ([one.rule for one in report.findings], report.suppressed) == (["U5"], ())
    assert uses(report) == [("unused", 0, 38)]


def test_an_expired_suppression_counts_again():
    """The day after `until` the finding is back, and the report says for how many."""
    report = judged(LEAK, replace(RULE, until=date(2026, 11, 22)))

    assert ([one.rule for one in report.findings], uses(report)) == (["U5"], [("expired", 1, -1)])


def test_the_last_day_still_counts():
    """`until` is the last day on which it hides."""
    report = judged(LEAK, replace(RULE, until=TODAY))

    assert (report.findings, uses(report)) == ((), [("used", 1, 0)])


def test_patterns_match_descriptions():
    """Description and peer are shell-style patterns, and case matters in them."""
    rows = [send(0x403, 2, 1, IOKIT, "IOHIDThing")]
    rule = replace(RULE, rule="U10")

    assert judged(rows, replace(rule, description="IOHID*")).findings == ()
    assert judged(rows, replace(rule, description="iohid*")).findings != ()


def test_every_row_of_a_finding_must_fit():
    """A finding with a row that nobody excused counts whole."""
    rows = [send(0x403 + 0x100 * n, 1, n + 1, IOKIT, "IOUserIterator") for n in range(2)]
    known = replace(rows[0], peer="known")
    rule = replace(RULE, rule="N6", peer="known")

    assert judged([known, rows[1]], rule).findings != ()
    assert judged([known, replace(rows[1], peer="known")], rule).findings == ()


def test_the_first_valid_suppression_is_the_one_that_is_used():
    """Of two that fit, an expired one steps back, and of two valid ones the first is used."""
    old, second = replace(RULE, until=date(2026, 1, 1)), replace(RULE, reason="again")
    report = judged(LEAK, old, RULE, second)

    assert [state for state, _, _ in uses(report)] == ["expired", "used", "unused"]
    assert [one.reason for one in report.suppressed] == ["XPC caches it"]
