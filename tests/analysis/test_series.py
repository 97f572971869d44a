"""Judging series: what is a finding with a rate, what is a note, what stays open."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation, parse_pattern
from portaudit.analysis.judge import judge
from portaudit.model.declared import LEAST_PRIVILEGE, Terms
from portaudit.model.finding import Outcome
from portaudit.model.guard import MACH_PORT, GuardEvent
from portaudit.model.severity import Confidence, Severity
from portaudit.model.snapshot import Machine, NotRead, Process, Snapshot
from tests.series_play import FAULTS, RATES, played
from tests.spaces import HOST_PORT, pair, snapshots

HELD = 0x1103
DOUBLE_FREE = GuardEvent(guard=MACH_PORT, flavour=0x200, target=0x2703, pid=4243)


def test_what_moved_and_went_is_told_by_the_name_that_it_had_last():
    """A task port under one name, then under another, then gone: the reader looks for the last."""
    one, other = [(name, "send", 1, HOST_PORT, 2) for name in (0x2003, 0x1003)]
    readings = [pair(extension_rows=rows) for rows in ([one], [other], [])]

    (row,) = [row for row in compare(readings).changes if row.object == HOST_PORT]
    assert (row.name, row.series) == (0x1003, (1, 1, 0))


def held(urefs, *rows):
    """Give the pair with so many references to the host's port in the extension."""
    mine = [(HELD, "send", urefs, HOST_PORT, 2)] if urefs else []
    return pair(extension_rows=(*mine, *rows))


def found(report):
    return [(finding.rule, finding.rate, finding.series) for finding in report.findings]


def judged(*snapshots, expectations=(), **terms):
    return judge(compare(snapshots), expectations, Terms(**terms))


def test_speaks_when_each_round_keeps_one():
    """A leak of one a round is a finding with the rate 1, its numbers, and the day the counter is full."""
    report = judged(*map(held, [0, 1, 2, 3, 4]))

    (finding,) = report.findings
    assert (finding.rule, finding.rate, finding.series) == ("U5", 1, (0, 1, 2, 3, 4))
    assert finding.title.endswith("that it must give back: +1 a round")
    assert finding.evidence == (
        "0 -> 4 references; the name is new; "
        "at this rate the counter is full (65,535) in about 65,531 more rounds"
    )
    assert (finding.confidence, report.outcome) == (Confidence.CERTAIN, Outcome.FINDINGS)


def test_speaks_when_every_third_round_keeps_one():
    """An error path has a broken slope: a finding, only likely, with the rate of one in three."""
    report = judged(*map(held, [0, 0, 0, 1, 1, 1, 2]))

    (finding,) = report.findings
    assert (finding.rate, finding.confidence) == (pytest.approx(1 / 3), Confidence.LIKELY)
    assert finding.title.endswith(": +1 every 3 rounds (0.33 a round)")


def test_speaks_when_a_later_round_keeps_a_task_port_once():
    """The operation had run without it, so it is no first use: one early return among the rounds."""
    report = judged(*map(held, [0, 0, 1, 1, 1]))

    (finding,) = report.findings
    assert (finding.rate, finding.confidence) == (0.25, Confidence.LIKELY)
    assert finding.title.endswith(": +1 once, in round 2 of 4")


def test_speaks_of_the_first_round_when_the_operation_had_run_before():
    """After a warm-up nothing is a first use."""
    snapshots = [*map(held, [0, 1, 1, 1, 1])]

    assert found(judged(*snapshots, warmed=True)) == [("U5", 0.25, (0, 1, 1, 1, 1))]
    assert judged(*snapshots).findings[0].severity is Severity.NOTE


def test_stays_silent_because_a_cache_fills_once():
    """What the first round keeps and no later one is a note, and the verdict is balanced."""
    report = judged(*map(held, [0, 1, 1, 1, 1]))

    (note,) = report.findings
    assert (note.severity, report.outcome) == (Severity.NOTE, Outcome.BALANCED)
    assert note.title == (
        "the extension took 1 reference to the host's task port in the first round and kept it: "
        "a cache, or one leak"
    )


def test_stays_silent_because_unrelated_ports_come_and_go():
    """Ports that come, go, and now and then stay have no rate."""
    ports = [(0x2003 + 0x100 * number, "recv", 0, 0x5000 + number, 0) for number in range(5)]
    lives = [[], [0], [0, 1], [1], [1, 2, 3], [1, 3], [1, 3, 4]]

    report = judged(*(held(0, *(ports[number] for number in life)) for life in lives))

    assert (report.findings, report.outcome) == ((), Outcome.BALANCED)
    assert report.notes == ("without a rate, so coming and going: extension 3 receive rights +3",)


@pytest.mark.parametrize(
    ("right", "urefs", "kobject"),
    [("recv", 0, 0), ("send-once", 1, None), ("dead-name", 1, None), ("send", 1, 23)],
)
def test_new_names_each_round_are_one_row(right, urefs, kobject):
    """Receive and send-once rights, dead names and fresh semaphores do not merge; their leak is one row."""
    ports = [(0x2003 + 0x100 * number, right, urefs, 0x5000 + number, kobject) for number in range(6)]

    report = judged(*(held(0, *ports[:number]) for number in range(7)))

    (finding,) = report.findings
    assert (finding.rate, finding.series, len(finding.rows)) == (1, (0, 1, 2, 3, 4, 5, 6), 1)
    assert finding.evidence.startswith("names 0 1 2 3 4 5 6; names that stay from each round; ")


def test_connections_that_the_registry_numbers_are_one_row():
    """Each round opens one more: another entry with another id, of the same class."""
    rows = [(0x2003 + 0x100 * number, "send", 1, 0x5000 + number, 29) for number in range(6)]
    rounds = [held(0, *rows[:number]) for number in range(7)]
    for snapshot in rounds:
        space = snapshot.tasks[1].entries
        for row in range(1, len(space)):
            space.description[row] = f"RootDomainUserClient(0x10000010{row})"

    assert found(judged(*rounds)) == [("N7", 1, (0, 1, 2, 3, 4, 5, 6))]


def test_a_right_that_dies_keeps_its_count():
    """A leaked right whose port dies is no loss: the numbers of the send right stand still from then on."""
    dead = [(HELD, "dead-name", 3, 0, None)]
    report = judged(*map(held, [0, 1, 2, 3]), *([pair(extension_rows=dead)] * 2))

    assert [(row.change.right, row.change.series) for row in report.series] == [
        ("send", (0, 1, 2, 3, 3, 3)),
        ("dead-name", (0, 0, 0, 0, 3, 3)),
    ]
    assert ("U5", 0.6, (0, 1, 2, 3, 3, 3)) in found(report)


def test_a_right_that_moves_to_another_name_does_not_change():
    """Released and received again under another name, a right has the same count in each round."""
    rounds = [pair(extension_rows=[(0x1103 + 4 * number, "send", 1, HOST_PORT, 2)]) for number in range(5)]

    assert judged(*rounds).series == ()


def test_an_expectation_speaks_of_one_round():
    """What a rule allows for one round is no finding; more than that is, and what does not come is unmet."""
    rule = (parse_expectation("extension: task-control of host +1"),)
    at_most = (parse_expectation("extension: task-control of host 0..1"),)

    assert found(judged(*map(held, [0, 1, 2, 3]), expectations=rule)) == []
    assert found(judged(*map(held, [0, 0, 1, 1]), expectations=at_most)) == []
    assert found(judged(*map(held, [0, 0, 1, 1]), expectations=rule)) == [("E1", None, ())]
    assert found(judged(*map(held, [0, 2, 4, 6]), expectations=rule)) == [("U5", 1, (0, 2, 4, 6))]


def test_rates_are_told_for_one_operation():
    """Five references a round of five operations are one for each."""
    (finding,) = judged(*map(held, [0, 5, 10, 15]), operations=5).findings

    assert (finding.rate, finding.rows[0].rate) == (1, 1)


def test_a_process_that_is_lost_is_judged_by_what_was_read():
    """Findings of the snapshots before it was lost stand, and the process is undecided, with the place."""
    rounds = [*map(held, [0, 1, 2, 3])]
    host = rounds[0].tasks[0]
    gone = replace(host, entries=None, not_read=NotRead("it exited"))
    lost = Snapshot((gone, replace(held(4).tasks[1], process=Process(99, 5.0, "Ext"))), settled=True)

    report = judged(*rounds, lost)

    assert found(report) == [("U5", 1, (0, 1, 2, 3))]
    assert [finding.reason for finding in report.undecided] == [
        "snapshot 5 of 5: host was not read after: it exited",
        "snapshot 5 of 5: extension was process 4243 and is 99 now: it restarted",
    ]


def test_what_cannot_be_read_is_never_balanced():
    """A clean series with one unread process is undecided."""
    rounds = [*map(held, [0, 0, 0])]
    lost = replace(rounds[2], tasks=rounds[2].tasks[:1])

    assert judged(*rounds[:2], lost).outcome is Outcome.UNDECIDED


def test_counts_at_their_maximum_are_undecided():
    """A count that stands at 65535 says nothing, at whatever place of the series."""
    report = judged(*map(held, [65533, 65534, 65535, 65535]))

    assert found(report) == []
    assert [(finding.rule, finding.rows[0].series) for finding in report.undecided] == [
        ("U11", (65533, 65534, 65535, 65535))
    ]


def test_losses_while_messages_queue_up_are_undecided():
    """A right that may be on its way in a queued message is no over-release."""
    rounds = []
    for number in range(5):
        snapshot = held(9 - number, (0x2003, "recv", 0, 0x5000, 0))
        columns = snapshot.tasks[1].entries.receive
        columns.queued[0] = number
        rounds.append(snapshot)

    report = judged(*rounds)

    assert (found(report), [finding.rule for finding in report.undecided]) == ([], ["F1"])


def test_snapshots_that_never_settled_are_undecided():
    """Each unsettled snapshot is named by its place."""
    rounds = [*map(held, [0, 0, 0])]

    report = judged(rounds[0], replace(rounds[1], settled=False), rounds[2])

    assert [finding.title for finding in report.undecided] == ["the snapshot 2 of 3 never settled"]


def test_different_boots_cannot_be_a_series():
    """Names and objects of another boot mean other things: undecided."""
    rounds = [replace(held(0), machine=Machine(boot=boot)) for boot in "aab"]

    assert judged(*rounds).outcome is Outcome.UNDECIDED


def test_the_end_of_a_rate_is_told_in_rounds_and_never_in_time():
    """However long the rounds took, the same leak is told in the same words: what CI compares stays."""
    rounds = [replace(held(number), taken=1000.0 + 60 * number) for number in range(4)]

    (finding,) = judged(*rounds).findings
    assert finding.evidence.endswith("the counter is full (65,535) in about 65,532 more rounds")


def test_speaks_when_a_guard_exception_was_raised_in_the_series():
    """A double free that no table shows is a finding of its own, beside the leak with its rate."""
    report = judged(*map(held, [0, 1, 2, 3]), guards=(DOUBLE_FREE,))

    assert found(report) == [("U5", 1, (0, 1, 2, 3)), ("O5", None, ())]
    assert [(row.role, row.name) for row in report.findings[1].rows] == [("extension", 0x2703)]


def test_a_guard_exception_of_a_stranger_is_a_remark():
    """What was raised in no task of the series is told, and finds nothing."""
    report = judged(*[held(0)] * 3, guards=(replace(DOUBLE_FREE, pid=77, process="Other"),))

    assert (report.findings, report.outcome) == ((), Outcome.BALANCED)
    assert report.notes == (
        "guard exception INVALID_NAME on name 0x2703 in Other: not raised in a task of these snapshots",
    )


def test_speaks_when_the_policy_forbids_what_is_held_after_the_last_round():
    """The host's control port in the extension is an error at whatever rate; once given back it is none."""
    kept = judged(*map(held, [0, 1, 1, 1, 1]), policy=LEAST_PRIVILEGE)
    given_back = judged(*map(held, [0, 1, 1, 0, 0]), policy=LEAST_PRIVILEGE)

    assert (found(kept)[0], kept.outcome) == (("P1", None, ()), Outcome.FINDINGS)
    assert (found(given_back), given_back.outcome) == ([], Outcome.BALANCED)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("coming", [0, 0.5])
def test_a_planted_fault_is_found_whatever_goes_on_beside_it(fault, coming):
    """In 25 series played by chance each gives its planted rate, and nothing else is found."""
    wrong = []
    for seed in range(25):
        report = judged(*played(fault, seed, coming))
        rates = [
            ((row.role, row.kobject_label or row.right.value), round(finding.rate, 2))
            for finding in report.findings
            for row in finding.rows
            if finding.severity is not Severity.NOTE
        ]
        if rates != ([RATES[fault]] if fault in RATES else []) or report.undecided:
            wrong.append((seed, rates))

    assert wrong == []


@given(st.lists(snapshots(), min_size=3, max_size=5))
def test_any_snapshots_can_be_judged_as_a_series(rounds):
    """Whatever was read: each row of a finding stands once, and what is open has its reason."""
    report = judge(compare(rounds))

    rows = [id(row) for finding in report.findings for row in finding.rows if row.rate is not None]
    assert len(rows) == len(set(rows))
    assert all(finding.reason for finding in report.undecided)


@given(snapshots(), st.integers(3, 6))
def test_what_never_changes_has_no_finding(snapshot, times):
    """The same snapshot again and again is balanced, or undecided where it was not read or is one reading."""
    report = judge(compare([snapshot] * times))

    assert (report.findings, report.series) == ((), ())
    unread = any(task.not_read for task in snapshot.tasks) or snapshot.settled is False
    unread |= snapshot.taken is not None or bool(snapshot.gaps)
    assert (report.outcome is Outcome.BALANCED) == (not unread)


def semaphores(*numbers):
    """Give semaphores with these object ids; an id with a suffix stands under another name."""
    return [
        (0x2003 + 0x100 * place, "send", 1, 0x5000 + number, 23)
        for place, number in enumerate(numbers)
        if number is not None
    ]


def test_a_leaked_object_may_have_the_id_of_one_that_went():
    """The id of a semaphore that went is given to the leaked one of the same round: it was born then."""
    leaked = [semaphores(99, *range(count)) for count in range(4)]
    leaked += [semaphores(None, 0, 1, 2, 99, *range(3, 3 + count)) for count in range(7)]

    (finding,) = judged(*(held(0, *rows) for rows in leaked)).findings
    assert (finding.rule, finding.rate) == ("N8", pytest.approx(1, abs=0.15))


def test_what_is_handed_over_anew_each_round_is_one_leak():
    """Semaphores that --subject names are other objects each time: their sum leaks; a rotation does not."""
    subject = (parse_pattern("extension: semaphore"),)
    (finding,) = judged(*(held(0, *semaphores(*range(n))) for n in range(7)), subjects=subject).findings
    rotated = judged(*(held(0, *semaphores(*[None] * n, n)) for n in range(7)), subjects=subject)

    assert finding.title == "semaphores are made and never released: +1 a round"
    assert (finding.rate, finding.series) == (1, (0, 1, 2, 3, 4, 5, 6))
    assert (rotated.findings, rotated.outcome) == ((), Outcome.BALANCED)


def test_references_in_use_climb_beside_what_comes_and_goes():
    """A service that is in use, and one more reference kept each round: they rest at times, and climb."""
    used = [2, 4, 4, 6, 7, 7, 8, 10, 10, 12, 12]
    report = judged(*(held(0, (0x2003, "send", urefs, 0x5000, 0)) for urefs in used))

    (finding,) = report.findings
    assert (str(finding.severity), finding.rate) == ("error", pytest.approx(1, abs=0.15))


def test_speaks_of_a_voucher_that_rises_by_one_each_round():
    """Six rounds are enough where nothing else moves its references."""
    (finding,) = judged(*(held(0, (0x2003, "send", 4 + number, 0x5000, 37)) for number in range(7))).findings

    assert (finding.rule, finding.rate) == ("U9", 1)


@pytest.mark.parametrize(
    "used",
    [(2, 3, 4, 4, 5, 7, 7, 7, 8, 9, 9), (2, 2, 3, 3, 4, 6, 7, 8, 7, 10, 10)],
    ids=["drifts", "is used more and more"],
)
def test_stays_silent_because_references_in_use_drift(used):
    """Ten rounds in which a voucher happens to be used more prove no leak."""
    assert judged(*(held(0, (0x2003, "send", urefs, 0x5000, 37)) for urefs in used)).findings == ()


def test_stays_silent_because_a_cache_fills_slowly():
    """A class that grows evenly, but by less than one a round, fills: no ten rounds prove a leak."""
    there = [2, 2, 3, 3, 4, 4, 4, 5, 6, 6, 7]

    assert judged(*(held(0, *semaphores(*range(count))) for count in there)).findings == ()


def test_references_that_fall_each_round_are_a_finding_unless_a_voucher_is_used_up():
    """A service is released too often; a voucher's references fall in every healthy process."""

    def falling(kobject):
        rounds = (held(0, (0x2003, "send", 40 - number, 0x5000, kobject)) for number in range(11))
        return [one.rate for one in judged(*rounds).findings]

    assert (falling(0), falling(37)) == ([-1], [])


def test_rounds_a_second_apart_are_spaced():
    """Closer ones are judged as a pair where rights come and go."""

    def found(seconds):
        rounds = [held(0, *semaphores(*range(number))) for number in range(7)]
        timed = (replace(one, taken=1e9 + seconds * place) for place, one in enumerate(rounds))
        return [one.severity for one in judged(*timed).findings]

    assert (found(1.0), found(0.99)) == ([Severity.ERROR], [Severity.NOTE])


def test_ports_in_a_set_are_judged_apart_from_reply_ports():
    """Reply ports come and go by the dozen; one port a round that stays in a set is a leak beside them."""
    rounds = []
    for number in range(11):
        kept = [(0x2003 + 0x100 * one, "recv", 0, 0x5000 + one, 0) for one in range(number)]
        passing = [
            (0x9003 + 0x100 * one, "recv", 0, 0x9000 + 100 * number + one, 0) for one in range(7 + number % 3)
        ]
        snapshot = held(0, *kept, *passing)
        told = snapshot.tasks[1].entries.receive
        told.in_set[:] = [place < len(kept) for place in range(len(kept) + len(passing))]
        rounds.append(snapshot)

    (finding,) = (one for one in judged(*rounds).findings if one.severity is Severity.ERROR)
    assert finding.title == "the extension: 10 receive rights in a port set are kept: +1 a round"


def test_a_leak_of_what_comes_and_goes_says_where_no_times_are_told():
    """Whether the rounds were spaced decides it: where no file tells, the report says so."""
    rounds = [held(0, *semaphores(*range(number))) for number in range(7)]
    timed = [replace(snapshot, taken=1e9 + 2 * place) for place, snapshot in enumerate(rounds)]
    note = "when the snapshots were taken is not told, so the rounds are taken as spaced"

    def said(report):
        return [bool(report.findings), any(one.startswith(note) for one in report.notes)]

    assert said(judged(*rounds)) == [True, True]
    assert said(judged(*timed)) == [True, False]
    assert said(judged(rounds[0], *timed[1:])) == [True, True]
    assert said(judged(*rounds[:1] * 7)) == [False, False]
