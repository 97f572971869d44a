"""Findings and ledgers, joined: where references were acquired, and both places of a double free."""

from dataclasses import replace

import pytest

from portaudit.ledger.joining import Window, join
from portaudit.ledger.layout import State
from portaudit.model.difference import Change, Difference
from portaudit.model.finding import Finding, Outcome, Report, Verdict
from portaudit.model.rights import Right
from portaudit.model.severity import Confidence, Severity
from portaudit.model.snapshot import Process, Snapshot
from tests.ledger.written import EventBytes, parse_ledger, unresolved, written

FUNCTIONS = {1: "mach_host_self", 2: "mach_port_deallocate", 3: "task_for_pid", 4: "mach_port_destroy"}
IMAGES = [(0, 0x1000, 0x1000, "/app/App")]
LEAK, USER, OTHER = (0x1111, 0x1911), (0x1211, 0x1911), (0x1311, 0x1922)
"""Stacks: two places that the same caller calls, and one of another caller."""
ALL = Window((1000.0, 2000.0))


def take(stack=LEAK, name=0x103, function=1, **more):
    return EventBytes(name=name, change=1, function=function, stack=stack, **more)


def give(stack=USER, name=0x103, **more):
    return EventBytes(name=name, change=-1, function=2, stack=stack, right=255, **more)


def report_of(before, after, *, name=0x103, right=Right.SEND, rule="U1", pid=4242):
    """A report of one finding: the references of one name, before and after."""
    row = Change("host", Process(pid, None, "App"), name, 1, 3, right, before, after)
    first, last = (Snapshot(tasks=(), taken=moment) for moment in (1000.0, 2000.0))
    finding = Finding(
        rule,
        Severity.ERROR,
        Verdict.LEAKED,
        "t",
        rows=(row,),
        cause="mach_host_self() adds one at every call",
    )
    return Report(Outcome.FINDINGS, Difference(first, last), (finding,), changes=(row,))


def joined(report, events, window=ALL, **more):
    """Join with a ledger of these events, a millisecond apart from 1000 seconds on."""
    ledger = parse_ledger(written(events, functions=FUNCTIONS, images=IMAGES, **more), "l")
    return join(report, [ledger], window, unresolved).findings


def where(report, events, **more):
    """Give what the ledger tells of the first finding."""
    return joined(report, events, **more)[0].where


def offsets(stack):
    return tuple(frame.offset for frame in stack)


def test_what_was_kept_is_told_from_what_came_and_went():
    """Ten of one place were given back, three of another were not."""
    (told,) = where(report_of(1, 4), [take(USER), give(USER)] * 10 + [take()] * 3)

    assert (told.references, told.known, told.unknown, told.incomplete) == (3, 3, 0, None)
    assert [(o.function, offsets(o.stack), o.kept, o.acquired) for o in told.origins] == [
        ("mach_host_self", (0x111, 0x911), 3, 3)
    ]


def test_an_origin_is_certain_only_if_no_release_could_be_its():
    """Alone with its name it is; among releases that could be anybody's it is a choice."""
    (alone,) = where(report_of(0, 2), [take()] * 2)
    (among,) = where(report_of(0, 2), [take(), take(USER), give(USER), take()])

    assert [origin.certain for origin in alone.origins] == [True]
    assert [(offsets(o.stack)[0], o.kept, o.certain) for o in among.origins] == [(0x111, 2, False)]


def test_what_the_ledger_did_not_see_is_counted_and_not_guessed():
    """Five came and two of them are known; another one went unseen."""
    (five,) = where(report_of(0, 5), [take()] * 2)
    (fewer,) = where(report_of(0, 1), [take()] * 2)

    assert (five.known, five.unknown) == (2, 3)
    assert (fewer.known, fewer.unknown) == (1, -1)


def test_only_the_time_between_the_snapshots_counts():
    """What was acquired before the first and after the last is nobody's fault here."""
    events = [take(OTHER), *[take()] * 2, take(OTHER)]
    (told,) = where(report_of(0, 2), events, window=Window((1000.0005, 1000.0025)))

    assert [(offsets(o.stack)[0], o.kept) for o in told.origins] == [(0x111, 2)]


def test_a_series_tells_the_origins_by_round():
    """One was kept from the first round and two from the third."""
    events = [take(), take(USER), give(USER), take(), take()]
    moments = Window((1000.0, 1000.0005, 1000.0025, 2000.0))

    (told,) = where(report_of(0, 3), events, window=moments)

    assert [origin.rounds for origin in told.origins] == [(1, 0, 2)]


def test_a_ledger_of_another_process_tells_nothing():
    """Names are numbers of one process."""
    assert where(report_of(0, 2, pid=99), [take()] * 2) == ()


def test_the_latest_ledger_of_a_process_is_meant():
    """Exec keeps the pid: what the first program wrote is not the second one's."""
    old = parse_ledger(written([take(OTHER)], functions=FUNCTIONS, images=IMAGES), "old")
    new = replace(parse_ledger(written([take()], functions=FUNCTIONS, images=IMAGES), "new"), started=1000.0)

    (told,) = join(report_of(0, 1), [replace(old, started=900.0), new], ALL, unresolved).findings[0].where

    assert told.ledger == "new"


def test_a_full_ledger_says_so():
    """Some acquisitions may be missing: how many events are."""
    (told,) = where(report_of(0, 2), [take()] * 2, head=9, capacity=2)

    assert told.incomplete == "the ledger was full: 7 events are missing"


def test_a_ledger_that_began_late_says_so_where_something_is_missing():
    """Where the sums agree nothing happened before it began."""
    ledger = replace(parse_ledger(written([take()], functions=FUNCTIONS, images=IMAGES)), started=1000.5)

    told = [join(report_of(0, n), [ledger], ALL, unresolved).findings[0].where[0] for n in (1, 2)]

    assert [one.incomplete for one in told] == [None, "the ledger began after the first snapshot"]


def test_a_receive_right_and_the_references_at_its_name_are_told_apart():
    """Three send rights to a port that the task itself owns: the receive right is no fourth."""
    events = [take(OTHER, right=1), *[take()] * 3]

    (sent,) = where(report_of(0, 3), events)
    (received,) = where(report_of(0, 1, right=Right.RECEIVE), events)

    assert [(offsets(o.stack)[0], o.kept) for o in sent.origins] == [(0x111, 3)]
    assert [(offsets(o.stack)[0], o.kept) for o in received.origins] == [(0x311, 1)]


def test_a_deallocate_of_a_port_set_takes_the_set():
    """It is no reference that is given back; the call does not say what the name is."""
    events = [take(LEAK, right=3), give(), take(right=3), give()]

    (told,) = where(report_of(0, 0, right=Right.PORT_SET), events)

    assert (told.unknown, told.origins) == (0, ())


def test_a_call_that_takes_everything_leaves_nothing_open():
    """What came after it is what is kept, and the sum says nothing of what was before."""
    everything = EventBytes(name=0x103, change=-(1 << 31), function=4, stack=USER, right=255)
    (told,) = where(report_of(5, 1), [take(OTHER), everything, take()])

    assert told.unknown == 0
    (told,) = where(report_of(0, 1), [take(OTHER), everything, take()])
    assert [(offsets(o.stack)[0], o.kept) for o in told.origins] == [(0x111, 1)]


def test_a_theft_names_both_releases():
    """The reference was not acquired in this time: here it was given back, and before that there."""
    (told,) = where(report_of(2, 1), [take(USER), give(USER), give(OTHER)])

    ((release,)) = told.releases
    assert (release.function, offsets(release.stack), release.count) == (
        "mach_port_deallocate",
        (0x311, 0x922),
        1,
    )
    assert release.earlier is not None
    assert offsets(release.earlier.stack) == (0x211, 0x911)


def test_a_release_that_was_refused_is_a_finding_though_no_table_shows_it():
    """The silent double free: both places, whatever the tables say."""
    gone = give(LEAK, name=0x203, state=State.REFUSED, code=15)
    report = replace(report_of(0, 0), findings=(), outcome=Outcome.BALANCED)
    events = [take(USER, name=0x203), give(USER, name=0x203), gone, gone]

    ledger = parse_ledger(written(events, functions=FUNCTIONS, images=IMAGES), "l")
    found = join(report, [ledger], ALL, unresolved)
    (finding,) = found.findings
    ((release,)) = finding.where[0].releases

    assert found.outcome is Outcome.FINDINGS
    assert (finding.rule, finding.verdict, finding.confidence) == (
        "O5",
        Verdict.OVER_RELEASED,
        Confidence.CERTAIN,
    )
    assert finding.title == "host gives back a right that it does not have"
    assert (
        finding.evidence
        == "mach_port_deallocate of 0x203, 2 times: the kernel answered 15; no table shows it"
    )
    assert (release.code, release.count, offsets(release.stack)[0]) == (15, 2, 0x111)
    assert release.earlier is not None
    assert offsets(release.earlier.stack)[0] == 0x211


def test_a_release_that_the_process_died_in_is_a_finding_if_nothing_was_left():
    """EXC_GUARD kills in the call: the ledger's last word. A kill by chance is none."""
    last = give(LEAK, state=State.BEGUN)
    report = replace(report_of(0, 0), findings=())

    guilty = joined(report, [take(USER), give(USER), last])
    by_chance = joined(report, [take(USER), last])

    assert [finding.evidence for finding in guilty] == [
        "mach_port_deallocate of 0x103: the process did not come back from it; no table shows it"
    ]
    assert by_chance == ()


def test_a_cause_that_the_stacks_contradict_is_corrected():
    """U1 says mach_host_self; every reference is from task_for_pid."""
    (finding,) = joined(report_of(0, 2), [take(function=3)] * 2)
    (confirmed,) = joined(report_of(0, 2), [take()] * 2)

    assert finding.cause == "task_for_pid gave one reference each time, and nothing gave it back"
    assert finding.confidence is Confidence.CERTAIN
    assert confirmed.cause == "mach_host_self() adds one at every call"


def test_the_advice_for_a_receive_right_stays():
    """Who made it is told; what ends it is the rule's to say, and no deallocate."""
    report = report_of(0, 1, right=Right.RECEIVE, rule="N3")
    (finding,) = joined(report, [take(function=3, right=1)])

    assert finding.where[0].known == 1
    assert (finding.cause, finding.fix) == ("mach_host_self() adds one at every call", "")


@pytest.mark.parametrize("count", [2000, 20_000])
def test_the_time_grows_with_the_events_alone(count):
    """Many open references of one place, and many names: no list is searched."""
    events = [take(name=0x103 + 256 * (at % 7)) for at in range(count)]
    events += [give(name=0x103 + 256 * (at % 7)) for at in range(count - 3)]

    (finding,) = joined(report_of(0, 1), events)

    assert finding.where[0].known <= 1
