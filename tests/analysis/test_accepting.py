"""A baseline tells known findings from new ones, and says which are gone."""

from dataclasses import replace

import pytest

from portaudit.analysis.accepting import accept, record
from portaudit.analysis.lasting import fingerprint
from portaudit.model.baseline import Accepted, Baseline
from portaudit.model.finding import Outcome
from portaudit.model.kobject import SEMAPHORE
from tests.render.scenarios import (
    EXTENSION_SPACE,
    SCENARIOS,
    SEND,
    clean,
    in_flight,
    judged,
    kept,
    leak,
    many,
    snapshot,
)

REASON = "known since 1.0"


def explained(baseline):
    """Fill in the reasons."""
    return replace(baseline, accepted=tuple(replace(one, reason=REASON) for one in baseline.accepted))


def test_a_finding_is_recorded_by_what_lasts():
    """An entry holds the rule and the class of its first row, and a reason to fill in."""
    found = leak().findings[0]

    assert record(leak()) == Baseline(
        (Accepted(fingerprint(found), "U5", found.title, "extension", "TASK-CONTROL", count=1),)
    )


def test_an_older_reason_is_kept():
    """Recording again keeps what a person wrote, for the fingerprints that are still there."""
    known = replace(explained(record(leak())), file="b.json")
    gone = Accepted("0123", "N8", "gone", reason="old")

    assert record(leak(), replace(known, accepted=(*known.accepted, gone))) == known


def test_a_known_finding_is_accepted():
    """What the baseline knows no longer counts, and has the reason of the baseline."""
    report = leak()
    held = accept(report, explained(record(report)))

    assert held == replace(
        report,
        outcome=Outcome.BALANCED,
        findings=(),
        accepted=(replace(report.findings[0], reason=REASON),),
    )


@pytest.mark.parametrize("name", SCENARIOS)
def test_todays_findings_are_all_known_to_todays_baseline(name):
    """A baseline accepts exactly the report that it was made of: nothing new, nothing gone."""
    report = SCENARIOS[name]()
    held = accept(report, explained(record(report)))

    assert (held.findings, held.gone, len(held.accepted)) == (
        (),
        (),
        len(report.findings) + len(report.accepted),
    )


def test_one_more_of_a_kind_is_new():
    """Of three findings of one fingerprint the baseline accepts the two that it counts."""
    more = [kept(1, SEMAPHORE, 0x2203 + n * 0x100, 0x0D0000 + n * 0x40) for n in range(3)]
    two = judged(snapshot(), snapshot(extension=(*EXTENSION_SPACE, *more[:2])))
    three = judged(snapshot(), snapshot(extension=(*EXTENSION_SPACE, *more)))
    counts = {one.fingerprint: one.count for one in record(two).accepted}
    assert sum(counts.values()) == len(two.findings)

    held = accept(three, explained(record(two)))

    assert len(held.findings) == len(three.findings) - len(two.findings)
    assert held.gone == ()
    assert held.outcome is (Outcome.FINDINGS if held.findings else Outcome.BALANCED)


def test_what_nobody_found_is_gone():
    """A known finding that is not there is told with how often it is missing."""
    baseline = explained(record(many()))

    assert accept(clean(), baseline).gone == baseline.accepted


def test_nothing_is_gone_while_anything_is_open():
    """What could not be decided may be the known finding: then nothing is said to be gone."""
    held = accept(in_flight(), explained(record(many())))

    assert (held.gone, held.outcome) == ((), Outcome.UNDECIDED)


def test_an_entry_without_a_reason_is_accepted_and_said():
    """A reason that nobody filled in is a note, not a refusal."""
    baseline = replace(record(leak()), file="b.json")
    held = accept(leak(), baseline)

    assert held.findings == ()
    assert held.notes == ("the baseline b.json says of 1 entry not why: fill in the reason",)


def test_a_fingerprint_is_the_same_in_every_run():
    """Names, pids, object ids and counts do not show in it."""
    one = judged(snapshot(), snapshot(extension=(*EXTENSION_SPACE, (0x1103, SEND, 3, 0xA0, SEMAPHORE))))
    other = judged(snapshot(), snapshot(extension=(*EXTENSION_SPACE, (0x2207, SEND, 9, 0xB0, SEMAPHORE))))

    assert [*map(fingerprint, one.findings)] == [*map(fingerprint, other.findings)]


def test_a_fingerprint_is_the_same_in_every_version():
    """Baselines outlive releases: this value never changes."""
    assert fingerprint(leak().findings[0]) == "09454bf12391f38d"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("port of 4242", "port of 77", True),
        ("at 0xffffff80deadbeef", "at 0x1", True),
        ("AppleThing1", "AppleThing2", False),
    ],
)
def test_numbers_that_stand_alone_do_not_last(first, second, same):
    """A pid or an address in a description is not in the fingerprint; a digit of a class name is."""
    marks = []
    for text in (first, second):
        row = (0x1103, SEND, 1, 0xA0, SEMAPHORE, text)
        report = judged(snapshot(), snapshot(extension=(*EXTENSION_SPACE, row)))
        marks.append([fingerprint(finding) for finding in report.findings])

    assert (marks[0] == marks[1]) is same


def test_role_kind_and_rule_are_in_the_fingerprint():
    """Findings that differ in any of them differ in their fingerprint."""
    report = many()
    marks = {
        fingerprint(replace(finding, rule=rule))
        for finding in (leak().findings[0], *report.findings[:1])
        for rule in ("U1", "U5")
    }

    assert len(marks) == 4
