"""Baselines: what is new, what is known, what is gone."""

from dataclasses import replace

import pytest
from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.analysis.known import baseline_of, growth, with_reasons
from portaudit.model.check import Accepted, Baseline
from portaudit.model.declared import Terms
from tests.analysis.causes.rows import CONTROL, HOST, HOST_TASK, READ, VOUCHER, send, snapshot
from tests.spaces import pair

LEAK = send(0x403, 2, HOST_TASK, CONTROL)
READ_PORTS = [send(0x1403 + 0x100 * n, 1, n + 1, READ) for n in range(3)]


def judged(rows, baseline=None):
    return judge(compare((snapshot([]), snapshot(rows))), (), Terms(baseline=baseline))


def test_todays_findings_become_a_baseline():
    """Findings of one fingerprint are one entry with a count, and the reason is left to a person."""
    made = baseline_of(judged([LEAK, *READ_PORTS[:2]]).findings)

    assert sorted(
        (one.rule, one.role, one.kobject, one.peer or "", one.count, one.reason) for one in made.accepted
    ) == [
        ("U5", "extension", "TASK-CONTROL", "host", 1, ""),
        ("U5", "extension", "TASK-READ", "", 2, ""),
    ]


def test_of_several_findings_of_a_fingerprint_the_fastest_counts():
    """One that has no rate takes none away."""
    (leak,) = judged([LEAK]).findings
    rates = [None, 0.25, 0.5, None, 0.25]

    (entry,) = baseline_of([structs.replace(leak, rate=rate) for rate in rates]).accepted

    assert (entry.count, entry.rate) == (5, 0.5)


def test_notes_need_no_acceptance():
    """What never fails a check is not recorded."""
    assert baseline_of(judged([send(0x403, 1, 1, VOUCHER)]).findings) == Baseline()


def test_what_is_known_does_not_count():
    """The same leak under another name, of no more references, is accepted, with its reason."""
    made = baseline_of(judged([LEAK]).findings)
    known = replace(made, accepted=(replace(made.accepted[0], reason="fixed in 2.0"),))
    report = judged([replace(LEAK, name=0x9903)], known)

    assert (str(report.outcome), report.findings, report.gone) == ("known", (), ())
    assert [(one.rule, one.reason) for one in report.accepted] == [("U5", "fixed in 2.0")]


def test_what_has_grown_is_found():
    """A baseline accepts an amount: more of the same is a finding, and says how much was accepted."""
    made = baseline_of(judged([LEAK]).findings)
    (finding,) = judged([replace(LEAK, urefs=500)], made).findings

    assert finding.evidence == "grew: accepted 2, now 500; 0 -> 500 references; the name is new"


@pytest.mark.parametrize(
    ("accepted", "now", "grew"),
    [
        (1.0, 1.25, False),
        (1.0, 1.3, True),
        (-1.0, -1.3, True),
        (4.0, 4.9, False),
        (4.0, 5.1, True),
        (0.33, 0.47, False),
        (0.33, 0.5, True),
        (1.0, 0.5, False),
    ],
)
def test_a_rate_has_grown_where_no_measurement_explains_it(accepted, now, grew):
    """By more than a quarter, and by more than 0.15 a round."""
    (leak,) = judged([LEAK]).findings
    entry = replace(baseline_of([leak]).accepted[0], rate=accepted)

    assert (growth(structs.replace(leak, rate=now), entry) is not None) == grew


def test_what_is_new_is_found():
    """A second finding beside the known one counts."""
    report = judged([LEAK, send(0x203, 2, 1, HOST)], baseline_of(judged([LEAK]).findings))

    assert ([one.rule for one in report.findings], len(report.accepted)) == (["U1"], 1)


def test_one_more_of_a_kind_is_new():
    """A baseline accepts as many of one fingerprint as it saw."""
    report = judged(READ_PORTS, baseline_of(judged(READ_PORTS[:2]).findings))

    assert (len(report.findings), len(report.accepted)) == (1, 2)


def test_what_is_gone_is_told():
    """An entry that nothing matches any more can be taken out, and says how many."""
    report = judged(READ_PORTS[:1], baseline_of(judged([LEAK, *READ_PORTS]).findings))

    assert sorted((one.rule, one.count) for one in report.gone) == [("U5", 1), ("U5", 2)]


def test_reasons_that_are_missing_are_told():
    """An entry without a reason is a remark until a person fills it in."""
    assert judged([LEAK], baseline_of(judged([LEAK]).findings)).notes == (
        "1 of 1 entries of the baseline have no reason yet",
    )


def test_nothing_is_gone_while_anything_is_open():
    """What could not be decided may be the known finding: then nothing is said to be gone."""
    made = baseline_of(judged([LEAK]).findings)
    before, after = pair(), replace(pair(), settled=False)
    report = judge(compare((before, after)), (), Terms(baseline=made))

    assert (str(report.outcome), report.gone) == ("undecided", ())


def test_older_reasons_are_kept():
    """Recording anew keeps what a person wrote, for the fingerprints that are still there."""
    made = baseline_of(judged([LEAK, *READ_PORTS]).findings)
    first = replace(made.accepted[0], reason="fixed in 2.0", count=9)
    older = Baseline((first, Accepted("0123", "N8", "gone", reason="old")))

    assert with_reasons(made, older) == Baseline(
        (replace(made.accepted[0], reason="fixed in 2.0"), *made.accepted[1:])
    )
