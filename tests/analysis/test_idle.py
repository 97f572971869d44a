"""What changes while nothing is transferred is taken off."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation, parse_pattern
from portaudit.analysis.idle import no_idle_pair
from portaudit.analysis.judge import judge
from portaudit.model.declared import Terms
from portaudit.model.snapshot import Entries, Process, Snapshot, Task
from tests.analysis.causes.rows import CONNECT, IOKIT, SEMAPHORE, recv, send, snapshot
from tests.spaces import pair, snapshots


def judged(before, after, idle, *expected):
    terms = Terms(idle=compare(tuple(map(snapshot, idle))))
    rules = [parse_expectation(text) for text in expected]
    return judge(compare((snapshot(before), snapshot(after))), rules, terms)


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


def test_another_entry_of_the_registry_is_the_same_class():
    """A connection that idling opens has another id than the one before, and is the same churn."""
    first, second = (send(0x403, 1, n, CONNECT, f"RootDomainUserClient(0x10000010{n})") for n in (1, 2))

    assert residuals(judged([], [second], ([], [first]))) == []


def test_another_kind_of_right_is_another_class():
    """Receive rights are not taken off send rights."""
    assert residuals(judged([], sems(1), ([], [recv(0x403, 9)]))) == [("N8", [1])]


def test_what_is_expected_counts_first():
    """An expectation takes its part, the idle pair what is left."""
    report = judged([], sems(1), ([], sems(7)), "extension: semaphore +1")

    assert residuals(report) == []
    assert classes(report) == [("extension", "send", "SEMAPHORE", 1, 0)]


def test_what_is_replaced_is_a_gain_and_a_loss():
    """Churn that replaces one object by another is taken off in both directions."""
    report = judged(sems(1), sems(2), (sems(7), sems(8)))

    assert residuals(report) == []
    assert sorted(classes(report)) == [
        ("extension", "send", "SEMAPHORE", -1, 1),
        ("extension", "send", "SEMAPHORE", 1, 1),
    ]


def test_what_was_expected_and_did_not_happen_stays():
    """A loss in the idle pair does not stand in for a transfer that did not happen."""
    report = judged([], [], (sems(7), []), "extension: semaphore +1")

    assert [rows for _, rows in residuals(report)] == [[-1]]


def test_a_task_that_was_not_read_idly_is_told():
    """Where the idle pair says nothing, the report says so."""
    restarted = replace(pair().tasks[0], process=structs.replace(pair().tasks[0].process, start_time=9.0))
    idle = compare((pair(), replace(pair(), tasks=(restarted, pair().tasks[1]))))
    report = judge(compare((pair(), pair())), (), Terms(idle=idle))

    assert report.notes == (f"the idle pair says nothing of host: {idle.unread[0].reason}",)


@given(snapshots(), snapshots(), snapshots(), st.booleans())
def test_noise_only_ever_makes_less_of_a_residual(before, after, other, backwards):
    """A residual keeps its direction and never grows, and a class gives no more than it had."""
    difference = compare((before, after))
    idle = compare((other, after)) if backwards else compare((before, other))
    plain, report = judge(difference), judge(difference, (), Terms(idle=idle))

    for row, quiet in zip(plain.changes, report.changes, strict=True):
        assert 0 <= quiet.residual * row.residual <= row.residual**2
        assert quiet.residual == row.residual - quiet.idle
    assert all(0 <= known.subtracted <= abs(known.change) for known in report.idle)
    taken = sum(abs(row.idle) for row in report.changes)
    assert taken == sum(known.subtracted for known in report.idle)


def test_a_report_says_what_it_was_judged_by():
    """One operation beside an idle pair is a pair; so are many without one."""
    shots = (snapshot([]), snapshot(sems(1)))
    idle = compare((snapshot([]), snapshot([])))

    def basis(**terms):
        return judge(compare(shots), (), Terms(**terms)).basis

    assert basis(idle=idle) == basis(operations=50) == basis() == "a pair"
    assert basis(idle=idle, operations=2) == "a pair of 2 operations beside an idle pair"


def test_one_operation_beside_an_idle_pair_proves_no_more_than_a_pair():
    """Thirty more of a hundred are a note, unless so many operations are declared that each left its part."""
    before, after = sems(*range(100)), sems(*range(130))

    def found(operations):
        terms = Terms(idle=compare((snapshot([]), snapshot([]))), operations=operations)
        report = judge(compare((snapshot(before), snapshot(after))), (), terms)
        return [str(one.severity) for one in report.findings]

    assert (found(1), found(2), found(30)) == (["note"], ["error"], ["error"])


def test_what_chance_explains_is_left_to_chance():
    """Nine names of ten operations may be chance; ten of eleven are not."""

    def found(number, operations):
        terms = Terms(idle=compare((snapshot([]), snapshot([]))), operations=operations)
        findings = judge(compare((snapshot([]), snapshot(sems(*range(number))))), (), terms).findings
        return [str(one.severity) for one in findings]

    assert (found(9, 10), found(10, 11)) == (["note"], ["error"])


def test_what_comes_and_goes_without_the_trigger_is_noise():
    """Ten names of twenty operations stand out where nothing moves, not where sixteen do by themselves."""
    coming, going = sems(*range(100, 108)), sems(*range(200, 208))

    def found(idle):
        terms = Terms(idle=compare(idle), operations=20)
        findings = judge(compare((snapshot([]), snapshot(sems(*range(10))))), (), terms).findings
        return [str(one.severity) for one in findings]

    assert found((snapshot([]), snapshot([]))) == ["error"]
    assert found((snapshot(going), snapshot(coming))) == ["note"]


@pytest.mark.parametrize(("kept", "severity"), [(14, "note"), (15, "error")])
def test_references_that_move_without_the_trigger_are_noise(kept, severity):
    """Of twenty operations fifteen references stay beside two that come anyway: fourteen are chance."""

    def service(references):
        return snapshot([send(0x403, references, 1)])

    terms = Terms(idle=compare((service(1), service(3))), operations=20)
    (finding,) = judge(compare((service(1), service(1 + kept))), (), terms).findings

    assert str(finding.severity) == severity


def test_what_an_idle_pair_shows_is_no_subject():
    """Three semaphores came of which one comes by itself: of what --subject names two are too many."""
    idle = compare((snapshot([]), snapshot(sems(100))))
    terms = Terms(idle=idle, subjects=(parse_pattern("extension: semaphore"),))
    report = judge(compare((snapshot([]), snapshot(sems(1, 2, 3)))), (), terms)

    assert sum(row.residual for one in report.findings for row in one.rows) == 2
    assert {str(one.severity) for one in report.findings} == {"error"}


def test_an_idle_pair_may_be_of_processes_that_were_started_before():
    """Roles say who is who: many operations are held against the classes of another host and extension."""

    def of_others(one):
        tasks = (
            replace(task, process=structs.replace(task.process, pid=pid))
            for pid, task in enumerate(one.tasks, 7)
        )
        return replace(one, tasks=tuple(tasks))

    idle = compare((of_others(snapshot([])), of_others(snapshot(sems(*range(30))))))
    before, after = snapshot(sems(*range(100))), snapshot(sems(*range(130)))
    report = judge(compare((before, after)), (), Terms(idle=idle, operations=40))

    assert [str(one.severity) for one in report.findings] == ["note"]


def of_extension(**changed):
    """Give a reading in which nothing moved, with this of the extension as it is said here."""
    host, extension = snapshot([]).tasks
    return replace(snapshot([]), tasks=(host, replace(extension, **changed)))


@pytest.mark.parametrize(
    ("before", "after", "unsaid"),
    [
        (
            snapshot([]),
            of_extension(process=Process(7, 1.0, "Extension")),
            "nothing of extension: extension was process 4243 and is 7 now: it restarted",
        ),
        (
            *[replace(snapshot([]), tasks=snapshot([]).tasks[:1])] * 2,
            "nothing of extension: it is not in it",
        ),
        (*[of_extension(gaps=("cut off", "no totals"))] * 2, "not all of extension: cut off; no totals"),
        (snapshot([]), of_extension(gaps=("cut off",)), "not all of extension: cut off"),
    ],
)
def test_operations_are_not_held_against_what_an_idle_pair_does_not_say(before, after, unsaid):
    """Nothing read is not nothing that moved: what thirty operations left stays a note, and we say why."""
    full = compare((snapshot(sems(*range(100))), snapshot(sems(*range(130)))))

    def told(idle):
        report = judge(full, (), Terms(idle=compare(idle), operations=30))
        return [str(one.severity) for one in report.findings], report.notes

    assert told((snapshot([]), snapshot([]))) == (["error"], ())
    assert told((before, after)) == (["warning"], (f"the idle pair says {unsaid}",))


def test_references_are_not_held_against_what_an_idle_pair_does_not_say():
    """Fifty more of a hundred and fifty references stay a note, where nobody read the extension for it."""
    full = compare((snapshot([send(0x403, 150, 1)]), snapshot([send(0x403, 200, 1)])))

    def told(idle):
        findings = judge(full, (), Terms(idle=compare(idle), operations=50)).findings
        return [str(one.severity) for one in findings]

    assert told((snapshot([]), snapshot([]))) == ["error"]
    assert told([replace(snapshot([]), tasks=snapshot([]).tasks[:1])] * 2) == ["note"]


SHORT = "the pair took 21 seconds, and the idle pair 10: one as long would show more of what comes by itself"


@pytest.mark.parametrize(
    ("idle", "pair", "said"),
    [(10.0, 20.0, ()), (10.0, 21.0, (SHORT,)), (None, 21.0, ()), (10.0, None, ())],
)
def test_an_idle_pair_much_shorter_than_the_pair_is_told(idle, pair, said):
    """Twice as long is let pass; where a reading does not tell its time, nobody knows."""

    def lasting(seconds):
        after = None if seconds is None else 1000.0 + seconds
        return compare((replace(snapshot([]), taken=1000.0), replace(snapshot([]), taken=after)))

    assert judge(lasting(pair), (), Terms(idle=lasting(idle))).notes == said


def taken_at(moment, *processes):
    """Give a reading of these processes at a moment."""
    tasks = tuple(Task(process, None, "space-info", entries=Entries()) for process in processes)
    return Snapshot(tasks, taken=moment)


HOST, LATE = Process(1, 1.0, "Host"), Process(2, 5.0, "Late")
AROUND = "what is audited happened during it, so it would take off what was transferred"


@pytest.mark.parametrize(
    ("idle", "audited", "why"),
    [
        ((10.0, 20.0), (10.0, 20.0), AROUND),
        ((9.0, 21.0), (10.0, 20.0), AROUND),
        ((11.0, 21.0), (10.0, 20.0), None),
        ((9.0, 19.0), (10.0, 20.0), None),
        ((0.0, 10.0), (10.0, 20.0), None),
        ((20.0, 30.0), (10.0, 20.0), None),
        ((None, 20.0), (10.0, 20.0), None),
        ((10.0, None), (10.0, 20.0), None),
        ((10.0, 20.0), (None, 20.0), None),
        ((10.0, 20.0), (10.0, None), None),
    ],
)
def test_an_idle_pair_does_not_hold_the_audited_time(idle, audited, why):
    """What is transferred during it would be taken off itself; it may begin or end beside, or be in it."""
    pair = compare([taken_at(moment, HOST) for moment in idle])

    assert no_idle_pair(pair, [taken_at(moment, HOST) for moment in audited]) == why


def test_an_idle_pair_may_be_of_any_time_if_it_is_of_others():
    """Another host was idle all the while; one that is in both was not, whoever has come beside it."""
    audited = [taken_at(10.0, HOST), taken_at(20.0, LATE)]

    def told(*processes):
        return no_idle_pair(compare([taken_at(10.0, *processes), taken_at(20.0, *processes)]), audited)

    assert (told(LATE), told(HOST), told(LATE, HOST)) == (None, AROUND, AROUND)


@pytest.mark.parametrize("times", [(10.0, 10.0), (20.0, 10.0)])
def test_an_idle_pair_is_a_before_and_an_after(times):
    """A reading given twice shows nothing, and a pair backwards shows what came as what went."""
    pair = compare([taken_at(moment, HOST) for moment in times])

    assert no_idle_pair(pair, [taken_at(30.0, HOST), taken_at(40.0, HOST)]) == pair.disorder
    assert pair.disorder is not None
