"""A suppression hides what it matches until its day, says what became of it, and loses nothing."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis.accepting import accept, record
from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.analysis.suppressing import suppress
from portaudit.model.finding import Outcome
from portaudit.model.place import Place
from portaudit.model.suppression import Suppression, SuppressionState, SuppressionUse
from tests.render.scenarios import SCENARIOS, leak, many, swapped
from tests.spaces import snapshots

TODAY = date(2026, 11, 23)
FAR = TODAY + timedelta(days=200)
KNOWN = Suppression("U5", "XPC caches it", FAR, "extension", "TASK-CONTROL", place=Place("portaudit.toml", 7))


def suppressed_by(report, *rules, today=TODAY):
    """Say how many findings are left and hidden."""
    held = suppress(report, rules, today)
    return len(held.findings), len(held.suppressed)


def test_a_matched_finding_is_hidden_with_its_reason():
    """The finding moves with the reason and the line of the suppression, and no longer counts."""
    report = leak()
    held = suppress(report, (KNOWN,), TODAY)

    assert held == replace(
        report,
        outcome=Outcome.BALANCED,
        findings=(),
        suppressed=(replace(report.findings[0], reason="XPC caches it", place=KNOWN.place),),
        suppressions=(SuppressionUse(KNOWN, SuppressionState.USED, 1, 200),),
    )


@pytest.mark.parametrize(
    "change",
    [{"rule": "U1"}, {"role": "host"}, {"kobject": "TASK-READ"}, {"description": "*"}, {"peer": "*"}],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_the_match_must_fit(change):
    """One part that does not fit and nothing is hidden; what is not known fits no pattern."""
    report = leak()
    other = replace(KNOWN, **change)
    held = suppress(report, (other,), TODAY)

    assert held == replace(report, suppressions=(SuppressionUse(other, SuppressionState.UNUSED, 0, 200),))


def test_description_and_peer_are_patterns():
    """`AppleThing*` matches what the kernel says of the object."""
    report = many()
    rule = Suppression(report.findings[-1].rule, "known", FAR, description="AppleThing[01]")
    named = [
        finding
        for finding in report.findings
        if finding.rule == rule.rule
        and any((row.description or "") in ("AppleThing0", "AppleThing1") for row in finding.rows)
    ]

    assert suppressed_by(report, rule) == (len(report.findings) - len(named), len(named))
    assert named


def test_one_suppression_covers_all_that_a_finding_explains():
    """A finding with rows in host and extension goes as a whole when one of its rows fits."""
    report = swapped()
    assert len(report.findings[0].rows) == 2

    for role in ("host", "extension"):
        rule = Suppression(report.findings[0].rule, "known", FAR, role)
        assert suppressed_by(report, rule) == (len(report.findings) - 1, 1)


def test_an_expired_suppression_counts_again():
    """On its last day it hides; a day later the finding is back, and the suppression says what it hid."""
    report, last = leak(), replace(KNOWN, until=TODAY)
    assert suppressed_by(report, last) == (0, 1)

    held = suppress(report, (last,), TODAY + timedelta(days=1))

    assert held == replace(report, suppressions=(SuppressionUse(last, SuppressionState.EXPIRED, 1, -1),))


@pytest.mark.parametrize(
    ("days", "notes"),
    [
        (15, ()),
        (14, ("ends on 2026-12-07, in 14 days: fix it or renew it",)),
        (1, ("ends on 2026-11-24, in 1 day: fix it or renew it",)),
        (0, ("ends on 2026-11-23, today is its last day: fix it or renew it",)),
    ],
)
def test_the_end_is_told_fourteen_days_before(days, notes):
    """A note quotes the suppression with its line from the fourteenth day before its end."""
    rule = replace(KNOWN, until=TODAY + timedelta(days=days))
    said = tuple(f"the suppression 'U5 extension TASK-CONTROL' (portaudit.toml:7) {note}" for note in notes)

    assert suppress(leak(), (rule,), TODAY).notes == said


def test_the_first_of_two_hides():
    """Of two suppressions that match, the second hides nothing, and can be taken out."""
    states = [use.state for use in suppress(leak(), (KNOWN, replace(KNOWN, role=None)), TODAY).suppressions]

    assert states == [SuppressionState.USED, SuppressionState.UNUSED]


suppressions = st.builds(
    Suppression,
    st.sampled_from(["U5", "U7", "L1", "L2", "O1", "O3", "X1", "N8"]),
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


@given(snapshots(), snapshots(), st.lists(suppressions, max_size=4), st.booleans())
def test_no_finding_is_ever_lost(before, after, rules, with_baseline):
    """Found, suppressed and accepted together are what was found; what is undecided stays so."""
    report = judge(compare(before, after))
    baseline = record(replace(report, findings=report.findings[::2]))
    held = suppress(report, rules, TODAY)
    held = accept(held, baseline) if with_baseline else held

    assert told(held) == told(report)
    assert held.undecided == report.undecided
    assert sum(use.findings for use in held.suppressions if use.state is SuppressionState.USED) == len(
        held.suppressed
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_given_changes_nothing(name):
    """Without suppressions a report stays what it was, but for the verdict that its findings demand."""
    report = SCENARIOS[name]()

    assert replace(suppress(report, (), TODAY), outcome=report.outcome) == report
