"""Suppressions: what is hidden, what is not, and what became of each."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.analysis.known import baseline_of
from portaudit.model.check import Suppression, SuppressionState
from portaudit.model.declared import Place, Terms
from tests.analysis.causes.rows import CONTROL, HOST_TASK, IOKIT, send, snapshot
from tests.spaces import snapshots

TODAY = date(2026, 11, 23)
LEAK = [send(0x403, 2, HOST_TASK, CONTROL)]
RULE = Suppression("U5", "XPC caches it", date(2026, 12, 31), place=Place("portaudit.toml", 3))


def judged(rows, *rules):
    return judge(compare((snapshot([]), snapshot(rows))), (), Terms(suppressions=rules, today=TODAY))


def uses(report):
    return [(str(use.state), use.findings, use.days_left) for use in report.suppressions]


def test_a_suppressed_finding_does_not_count():
    """The outcome is known, and the finding is told with the reason and the place of its suppression."""
    report = judged(LEAK, replace(RULE, role="extension", kobject="task-control", peer="host"))

    (only,) = report.suppressed
    assert (str(report.outcome), report.findings, uses(report)) == ("known", (), [("used", 1, 38)])
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


@pytest.mark.parametrize(
    ("days", "notes"),
    [
        (15, ()),
        (14, ("ends on 2026-12-07, in 14 days: fix it or renew it",)),
        (1, ("ends on 2026-11-24, in 1 day: fix it or renew it",)),
        (0, ("ends on 2026-11-23, after today: fix it or renew it",)),
        (-1, ()),
    ],
)
def test_the_end_is_told_fourteen_days_before(days, notes):
    """A note quotes a used suppression with its line from the fourteenth day before its end."""
    report = judged(LEAK, replace(RULE, role="extension", until=TODAY + timedelta(days=days)))

    told = (f"the suppression 'U5 extension' (portaudit.toml:3) {note}" for note in notes)
    allowed = ("portaudit.toml allows a part of this: line 3",) if days >= 0 else ()
    assert report.notes == (*told, *allowed)


def test_the_end_of_an_unused_suppression_is_not_told():
    """What hides nothing needs no renewal."""
    assert judged(LEAK, replace(RULE, role="host", until=TODAY)).notes == ()


some = st.builds(
    Suppression,
    st.sampled_from(["U5", "U7", "U8", "L1", "L2", "O1", "O3", "X1", "N8"]),
    st.just("known"),
    st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3)),
    st.sampled_from([None, "host", "extension"]),
    st.sampled_from([None, "TASK-CONTROL", "message-queue", "recv", "dead-name"]),
    st.sampled_from([None, "*"]),
)


def told(report):
    """Count findings by what they are, wherever they stand."""
    every = (*report.findings, *report.suppressed, *report.accepted)
    return Counter((one.rule, one.title, tuple(map(repr, one.rows))) for one in every)


@given(snapshots(), snapshots(), st.lists(some, max_size=4), st.booleans())
def test_no_finding_is_ever_lost(before, after, rules, with_baseline):
    """Found, suppressed and accepted together are what was found; what is undecided stays so."""
    difference = compare((before, after))
    report = judge(difference)
    baseline = baseline_of(report.findings[::2]) if with_baseline else None
    held = judge(difference, (), Terms(suppressions=tuple(rules), baseline=baseline, today=TODAY))

    assert told(held) == told(report)
    assert held.undecided == report.undecided
    used = [use.findings for use in held.suppressions if use.state is SuppressionState.USED]
    assert sum(used) >= len(held.suppressed)
