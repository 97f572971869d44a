"""R1: a task that could not be compared. R2: a snapshot that was taken while things moved."""

from dataclasses import replace

from msgspec import structs

from portaudit.analysis.compare import compare
from portaudit.analysis.judge import judge
from portaudit.model.snapshot import NotRead
from tests.analysis.causes.rows import HOST, rules, send, snapshot


def open_of(before, after):
    report = judge(compare((before, after)))
    return str(report.outcome), [(one.rule, one.reason) for one in report.undecided]


def test_stays_silent_because_both_tasks_were_read_and_quiet():
    """What was read twice while it was quiet is decided."""
    assert rules([], []) == []


def test_speaks_of_a_task_that_was_not_read():
    """A task without a table is undecided, with the reason why it was not read."""
    whole = snapshot([])
    host, extension = whole.tasks
    blind = replace(whole, tasks=(host, replace(extension, entries=None, not_read=NotRead("no permission"))))

    assert open_of(whole, blind) == ("undecided", [("R1", "extension was not read after: no permission")])


def test_speaks_of_a_task_that_has_gone():
    """A task that stands on one side only is undecided, whatever the other has."""
    whole = snapshot([])
    less = replace(whole, tasks=whole.tasks[:1])

    assert open_of(whole, less) == (
        "undecided",
        [("R1", "extension stands in the first snapshot only: it has exited, or was left out")],
    )


def started_again(whole, pid):
    first, *others = [replace(task, role=None) for task in whole.tasks]
    return replace(whole, tasks=(replace(first, process=structs.replace(first.process, pid=pid)), *others))


def test_speaks_of_a_process_without_a_role_that_was_started_again():
    """The one that has gone and the one that came have one name; a third of that name leaves it open."""
    before, after = started_again(snapshot([]), 10), started_again(snapshot([]), 11)
    name = before.tasks[0].process.name
    third = replace(before.tasks[0], process=structs.replace(before.tasks[0].process, pid=12))

    assert open_of(before, after) == (
        "undecided",
        [("R1", f"{before.tasks[0].title} was process 10 and is 11 now: it restarted")],
    )
    assert open_of(before, replace(after, tasks=(*after.tasks, third)))[1][0] == (
        "R1",
        f"{before.tasks[0].title} stands in the first snapshot only: it has exited, or was left out",
    ), name


def test_speaks_of_a_snapshot_that_never_settled():
    """Readings that never agreed decide nothing, even if the two snapshots are equal."""
    restless = snapshot([], settled=False)

    assert open_of(snapshot([]), restless) == (
        "undecided",
        [("R2", "the snapshot after was still changing when it was taken")],
    )


def test_speaks_beside_findings():
    """A finding in what was read is told all the same."""
    before, after = snapshot([]), snapshot([send(0x203, 2, 1, HOST)], settled=False)

    assert open_of(before, after)[0] == "findings"
