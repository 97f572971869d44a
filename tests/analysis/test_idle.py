"""Idle noise is subtracted by class: never more than there was, never into the other direction."""

from hypothesis import given
from hypothesis import strategies as st

from portaudit.analysis.compare import compare
from portaudit.analysis.expectations import parse_expectation
from portaudit.analysis.idle import tell_idle
from portaudit.analysis.judge import judge
from portaudit.model.finding import IdleClass, Outcome
from portaudit.model.kobject import IOKIT_OBJECT, SEMAPHORE
from portaudit.model.rights import Right
from portaudit.model.terms import Terms
from tests.render.scenarios import EXTENSION_SPACE, HOST_SPACE, SEND, kept, snapshot, without
from tests.spaces import snapshots


def semaphores(count, first=0x2203, number=0x0D000000):
    """Give rows of so many new semaphores."""
    return tuple((first + n * 0x100, SEND, 1, number + n * 0x40, SEMAPHORE) for n in range(count))


def grown(*rows):
    """Build the difference of an extension that gained these rows."""
    return compare(snapshot(), snapshot(extension=(*EXTENSION_SPACE, *rows)))


def judged(difference, idle, *rules):
    """Judge a difference with an idle pair."""
    report = judge(difference, [parse_expectation(rule) for rule in rules], Terms(idle=idle))
    return tell_idle(report, idle)


def test_what_also_happens_idly_is_no_finding():
    """Two semaphores more, as in the idle pair: balanced, and the report says how much was subtracted."""
    report = judged(grown(*semaphores(2)), grown(*semaphores(2, 0x8203, 0x0E000000)))

    assert (report.outcome, report.findings) == (Outcome.BALANCED, ())
    assert [row.idle for row in report.changes] == [1, 1]
    assert report.idle == (IdleClass("extension", Right.SEND, "SEMAPHORE", None, 2, 2),)


def test_only_what_the_class_had_is_subtracted():
    """Of five new semaphores two are idle noise, and three are found."""
    report = judged(grown(*semaphores(5)), grown(*semaphores(2)))

    assert sum(row.residual for finding in report.findings for row in finding.rows) == 3
    assert report.idle == (IdleClass("extension", Right.SEND, "SEMAPHORE", None, 2, 2),)


def test_another_class_is_left_alone():
    """Another task, kobject type or description is another class; the report says that nothing was taken."""
    noise = (
        compare(snapshot(), snapshot((*HOST_SPACE, *semaphores(1)))),
        grown((0x2203, SEND, 1, 0x0D000000, IOKIT_OBJECT)),
        grown((0x2203, SEND, 1, 0x0D000000, SEMAPHORE, "described")),
    )
    for idle in noise:
        report = judged(grown(*semaphores(1)), idle)
        assert report.outcome is Outcome.FINDINGS
        assert [known.subtracted for known in report.idle] == [0]


def test_a_loss_is_not_made_good_by_idle_gains():
    """A semaphore that is released once too often stays found, whatever is gained idly."""
    less = (*EXTENSION_SPACE, (0x2203, SEND, 1, 0x0D000000, SEMAPHORE))
    more = (*EXTENSION_SPACE, (0x2203, SEND, 2, 0x0D000000, SEMAPHORE))
    report = judged(compare(snapshot(extension=more), snapshot(extension=less)), grown(*semaphores(3)))

    assert [row.residual for finding in report.findings for row in finding.rows] == [-1]


def test_gains_and_losses_of_one_class_are_told_apart():
    """A semaphore that is replaced by another is a gain and a loss, also in the idle pair."""
    before = snapshot(extension=(*EXTENSION_SPACE, *semaphores(1)))
    after = snapshot(extension=(*EXTENSION_SPACE, *semaphores(1, 0x8203, 0x0E000000)))
    report = judged(compare(before, after), compare(before, after))

    assert report.outcome is Outcome.BALANCED
    assert sorted(known.change for known in report.idle) == [-1, 1]


def test_what_was_expected_is_no_noise():
    """The expectation counts first: idle noise of its class does not turn it into a loss."""
    report = judged(grown(kept(1)), grown(kept(1)), "extension: task-control of host +1")

    assert (report.outcome, [row.idle for row in report.changes]) == (Outcome.BALANCED, [0])


def test_an_expectation_that_was_not_met_stays_found():
    """Idle noise does not stand in for a transfer that did not happen."""
    report = judged(grown(), grown(kept(1)), "extension: task-control of host +1")

    assert report.outcome is Outcome.FINDINGS


def test_a_task_that_was_not_read_idly_is_said():
    """Where the idle pair says nothing, the report says so."""
    idle = compare(snapshot(), snapshot(extension="no permission"))
    report = judged(grown(), idle)

    assert report.notes == (f"the idle pair says nothing of extension: {idle.unread[0].reason}",)


def test_an_idle_pair_leaves_the_host_alone():
    """What the host lost is compared with what the host lost idly."""
    less = compare(snapshot(), snapshot(without(HOST_SPACE, 0x207)))

    assert judged(less, less).outcome is Outcome.BALANCED


@given(snapshots(), snapshots(), snapshots(), st.booleans())
def test_noise_only_ever_makes_less_of_a_residual(before, after, other, backwards):
    """A residual keeps its direction and never grows, and a class gives no more than it had."""
    difference = compare(before, after)
    idle = compare(other, after) if backwards else compare(before, other)
    plain, report = judge(difference), judged(difference, idle)

    for row, quiet in zip(plain.changes, report.changes, strict=True):
        assert 0 <= quiet.residual * row.residual <= row.residual**2
        assert quiet.residual == row.residual - quiet.idle
    for known in report.idle:
        assert 0 <= known.subtracted <= abs(known.change)
    taken = sum(abs(row.idle) for row in report.changes)
    assert taken == sum(known.subtracted for known in report.idle)
