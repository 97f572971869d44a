"""What one pair proves of rights that come and go."""

from dataclasses import replace

import pytest

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_pattern
from portaudit.analysis.judge import judge
from portaudit.errors import UsageError
from portaudit.model.declared import Place, Terms
from portaudit.model.severity import Severity
from portaudit.model.snapshot import Peer
from tests.spaces import EXTENSION_PORT, HOST_PORT, entries, pair, task


def judged(before, after, *, age=None):
    """Judge a pair of readings of the extension, which had run for so many seconds."""
    first, second = pair(extension_rows=before), pair(extension_rows=after)
    started = first.tasks[1].process.start_time
    return judge(compare((replace(first, taken=None if age is None else started + age), second)))


def semaphores(number):
    return [(0x2003 + 0x100 * place, "send", 1, 0x5000 + place, 23) for place in range(number)]


def references(number):
    return [(0x2003, "send", number, 0x5000, 0)]


@pytest.mark.parametrize("rows", [semaphores, references])
@pytest.mark.parametrize(
    ("age", "severity"),
    [
        (0.0, Severity.NOTE),
        (9.9, Severity.NOTE),
        (10.0, Severity.WARNING),
        (-1.0, Severity.WARNING),
        (None, Severity.WARNING),
    ],
)
def test_a_launch_is_not_out_of_proportion(rows, age, severity):
    """In its first ten seconds a process makes what it will have for good; twenty at once are a note then."""
    (finding,) = judged(rows(3), rows(23), age=age).findings

    assert finding.severity is severity
    assert ("a launch makes much that stays" in finding.evidence) == (severity is Severity.NOTE)


def test_nineteen_more_are_not_out_of_proportion():
    """A process does that now and then; twenty it does not."""
    (finding,) = judged(semaphores(3), semaphores(22)).findings

    assert finding.severity is Severity.NOTE


@pytest.mark.parametrize(("before", "severity"), [(20, Severity.WARNING), (21, Severity.NOTE)])
@pytest.mark.parametrize("rows", [semaphores, references])
def test_as_many_as_there_were_are_out_of_proportion(rows, before, severity):
    """Twenty more of twenty double a class; of twenty-one they do not."""
    (finding,) = judged(rows(before), rows(before + 20)).findings

    assert finding.severity is severity


@pytest.mark.parametrize(("there", "severity"), [("Other", Severity.WARNING), ("Same", Severity.NOTE)])
def test_what_was_there_before_is_of_the_same_class(there, severity):
    """Twenty new objects of an IOKit class are many beside thirty of another, not beside thirty of it."""

    def reading(*classes):
        rows = [(0x2003 + 0x100 * at, "send", 1, 0x5000 + at, 30) for at in range(len(classes))]
        space = entries((0x103, "send", 2, EXTENSION_PORT, 2), *rows)
        space.description.update(dict(enumerate(classes, 1)))
        return replace(pair(), tasks=(pair().tasks[0], task("extension", space)))

    before, after = [there] * 30, [there] * 30 + ["Same"] * 20
    (finding,) = judge(compare((reading(*before), reading(*after)))).findings

    assert finding.severity is severity


def receiving(name, number, *, made, senders, rights="recv", urefs=0):
    """Give a reading of one receive right: how many senders were made, and whether there are any."""
    snapshot = pair(extension_rows=[(name, rights, urefs, number, None)])
    told = snapshot.tasks[1].entries.receive
    told.make_send[:], told.has_senders[:], told.in_set[:] = [made], [senders], [False]
    return snapshot


def test_an_orphan_may_have_the_id_of_a_receive_right_that_went():
    """A receive right that is gone took its port with it: the port under another name is a new one."""
    reply = receiving(0x2003, 0x5000, made=0, senders=False)
    orphan = receiving(0x2107, 0x5000, made=1, senders=False)

    first, rest = judge(compare((reply, orphan))).findings
    assert (first.rule, first.severity, first.rows[0].name) == ("N3", Severity.WARNING, 0x2107)
    assert rest.severity is Severity.NOTE


def test_a_receive_right_that_another_replaced_is_nothing():
    """It came and it went: as many of its kind are there as before."""
    report = judge(compare([receiving(name, 0x5000, made=0, senders=False) for name in (0x2003, 0x2107)]))

    assert report.findings == ()


def test_what_went_of_one_class_pays_for_none_of_another():
    """Where all of an extension is a subject, a file that was closed excuses no task port or semaphore."""
    file, leaked = (0x1003, "send", 1, 0x6000, 34), (0x1103, "send", 1, HOST_PORT, 2)
    before = pair(extension_rows=[file, *semaphores(1)])
    after = pair(extension_rows=[leaked, *semaphores(2)])

    def told(*patterns):
        terms = Terms(subjects=tuple(map(parse_pattern, patterns)))
        found = judge(compare((before, after)), (), terms).findings
        return [(row.kobject, row.residual, str(one.severity)) for one in found for row in one.rows]

    assert sorted(told("extension: any")) == [(2, 1, "error"), (23, 1, "error"), (34, -1, "error")]
    assert sorted(told()) == [(2, 1, "error"), (23, 1, "note"), (34, -1, "note")]


def test_the_cause_is_of_what_more_or_less_of_there_is():
    """Four names came and three went: what came is explained, though those that went had more references."""
    registry = [(0x2003 + 0x100 * at, "send", 3, 0x5000 + at, 30) for at in range(3)]
    iterators = [(0x9003 + 0x100 * at, "send", 1, 0x6000 + at, 30) for at in range(4)]

    def rules(before, after):
        pairs = compare((pair(extension_rows=before), pair(extension_rows=after)))
        return [one.rule for one in judge(pairs, (), Terms(every_gain=True)).findings]

    assert (rules(registry, iterators), rules(iterators, registry)) == (["N6"], ["L2"])


def test_what_went_here_and_came_there_is_no_gain_of_a_block():
    """A process that audits itself has no churn; of its services it holds as many references as before."""
    before, after = (
        pair(extension_rows=[(0x2003, "send", mine, 0x5000, 0), (0x2103, "send", yours, 0x5001, 0)])
        for mine, yours in ((1, 2), (2, 1))
    )

    found = judge(compare((before, after)), (), Terms(every_gain=True)).findings

    assert [str(each.severity) for each in found] == ["note"]


def test_who_drops_his_own_last_sender_and_keeps_the_port_leaks_it():
    """The send right went, and the receive right behind it has no sender any more: it was forgotten."""
    both = receiving(0x2003, 0x5000, made=1, senders=True, rights="recv,send", urefs=1)
    orphan = receiving(0x2003, 0x5000, made=1, senders=False)
    used = receiving(0x2003, 0x5000, made=1, senders=True)

    def severities(after):
        return [one.severity for one in judge(compare((both, after))).findings]

    assert (severities(orphan), severities(used)) == ([Severity.WARNING], [])


def sending_to(peer, *, alive=True):
    """Give a reading in which the extension has one right to a queue of a process, or what is left of it."""
    snapshot = pair(
        extension_rows=[(0x2003, "send" if alive else "dead-name", 1, 0x5000, 0 if alive else None)]
    )
    if alive:
        snapshot.tasks[1].entries.peer[1] = Peer(peer, "Peer", None)
    return snapshot


@pytest.mark.parametrize(
    ("peer", "severity"), [(4242, Severity.WARNING), (77, Severity.NOTE), (None, Severity.NOTE)]
)
def test_a_dead_name_of_an_audited_process_that_has_ended_is_kept(peer, severity):
    """The host has ended, and the extension still has its port's name; of a stranger nobody knows."""
    after = sending_to(peer, alive=False)
    after = replace(after, tasks=after.tasks[1:])
    report = judge(compare((sending_to(peer), after)))

    (only,) = [one for one in report.findings if one.rule == "N2"]
    assert only.severity is severity
    assert ("the process that received has ended" in only.evidence) == (severity is Severity.WARNING)


def test_references_beside_an_idle_pair_must_be_of_half_the_operations():
    """Twenty of fifty are sure to have come, and too few to be one for each operation that failed."""

    def found(rise, *, quiet=0):
        there = [[(0x2003, "send", 100 + more, 0x5000, 0)] for more in (0, quiet, rise)]
        before, idle, after = (pair(extension_rows=rows) for rows in there)
        terms = Terms(idle=compare((before, idle)), operations=50)
        return [one.severity for one in judge(compare((before, after)), (), terms).findings]

    assert (found(24), found(25)) == ([Severity.NOTE], [Severity.ERROR])
    assert (found(25, quiet=8), found(25, quiet=7)) == ([Severity.NOTE], [Severity.ERROR])


def test_references_that_nobody_read_are_none_that_there_were():
    """Twenty more of one service are as many as the class had, whatever the others have."""
    unread = [(0x3003 + 0x100 * at, "send", None, 0x6000 + at, 0) for at in range(5)]
    before, after = ([(0x2003, "send", number, 0x5000, 0), *unread] for number in (19, 39))

    (finding,) = judged(before, after).findings
    assert finding.severity is Severity.WARNING


def test_a_subject_that_a_project_declares_may_be_missing():
    """What stands in a file is for other audits, too; on the command line it is a mistake."""
    declared = replace(parse_pattern("helper: semaphore"), place=Place("portaudit.toml", 3))
    pairs = compare((pair(), pair()))

    assert judge(pairs, (), Terms(subjects=(declared,))).findings == ()
    with pytest.raises(UsageError, match="no task of the snapshots is called 'helper'"):
        judge(pairs, (), Terms(subjects=(replace(declared, place=None),)))


def test_what_went_explains_nothing_of_a_class_that_grew():
    """Three services came and two went: two that went together are not why there is one more."""
    went = [(0x2003 + 0x100 * at, "send", 1, 0x5000 + at, 0) for at in range(2)]
    came = [(0x9003 + 0x100 * at, "send", 1, 0x6000 + at, 0) for at in range(3)]
    pairs = compare((pair(extension_rows=went), pair(extension_rows=came)))

    assert [one.rule for one in judge(pairs, (), Terms(every_gain=True)).findings] == ["U8"]
