"""Who is meant by a pid or a name, in several snapshots at once."""

import pytest

from portaudit.analysis.roles import named, with_roles
from portaudit.errors import UsageError
from portaudit.model.snapshot import Entries, Process, Snapshot, Task


def snapshot(*processes, role=None):
    """Build a snapshot of empty spaces: pid and name of each process; the first may have a role."""
    tasks = [Task(Process(pid, name=name), entries=Entries()) for pid, name in processes]
    if role:
        tasks[0] = Task(tasks[0].process, role, entries=Entries())
    return Snapshot(tuple(tasks))


def pids(snapshots, whom):
    """Give the pids that are meant, in the order of the snapshots."""
    return [task.process.pid for task in named(snapshots, whom)]


def roles(snapshots):
    """Give role by pid of each snapshot."""
    return [{task.process.pid: task.role for task in one.tasks} for one in snapshots]


PAIR = (
    snapshot((501, "HostApp"), (502, "ShareExtension")),
    snapshot((501, "HostApp"), (502, "ShareExtension")),
)


@pytest.mark.parametrize("whom", ["502", "ShareExtension", "shareextension", "shareext"])
def test_a_pid_a_name_or_a_part_of_it_means_a_process(whom):
    """The name exactly, else ignoring case, else a part of it: as for processes that run."""
    assert pids(PAIR, whom) == [502, 502]


def test_the_exact_name_goes_before_a_part_of_another():
    """A helper whose name begins like the app's is not the app."""
    assert pids([snapshot((1, "App Helper"), (2, "App"))], "App") == [2]
    assert pids([snapshot((1, "App Helper"), (2, "App"), (3, None))], "app") == [2]


def test_a_pid_is_no_part_of_a_name():
    """Digits are a pid, whatever processes are called."""
    with pytest.raises(
        UsageError, match=r"^--pid 50: no snapshot has such a process; there are HostApp \(501\)"
    ):
        named(PAIR, "50")


def test_of_several_with_one_name_the_one_counts_that_every_snapshot_has():
    """A second instance that was started between two readings is not taken for the first."""
    later = snapshot((501, "HostApp"), (600, "HostApp"), (502, "ShareExtension"))

    assert pids([PAIR[0], later], "HostApp") == [501, 501]
    with pytest.raises(UsageError, match=r"2 processes are called so; .*: HostApp \(501\), HostApp \(600\)$"):
        named([later, later], "HostApp")


def test_a_process_that_was_started_again_is_meant_in_both():
    """One of that name stands in each snapshot: that it is another one is for the judge to say."""
    assert pids([PAIR[0], snapshot((600, "HostApp"))], "HostApp") == [501, 600]


def test_who_has_gone_is_missing_where_it_is_not():
    """A process that only one snapshot has is meant there: what that proves is for the judge to say."""
    assert pids([PAIR[0], snapshot((501, "HostApp"))], "ShareExtension") == [502]


def test_nobody_of_that_name_names_the_nearest():
    """A slip of the keyboard is answered with what was probably meant."""
    with pytest.raises(
        UsageError, match=r"^--extension SharExtension: .*; the nearest is ShareExtension \(502\)$"
    ):
        with_roles(PAIR, {"extension": "SharExtension"})


@pytest.mark.parametrize(("number", "end"), [(10, r"P10 \(10\)$"), (11, r"P10 \(10\) and 1 more$")])
def test_of_many_processes_the_first_ten_are_named(number, end):
    """A print of the whole system has hundreds."""
    many = snapshot(*((pid, f"P{pid}") for pid in range(1, number + 1)))

    with pytest.raises(UsageError, match=end):
        named([many], "999")


def test_roles_are_given_in_every_snapshot_and_taken_from_others():
    """Who has a role that somebody else gets loses it; other roles stay."""
    old = snapshot((7, "Other"), (501, "HostApp"), role="host")

    assert roles(with_roles([old, PAIR[0]], {"host": "HostApp"})) == [
        {7: None, 501: "host"},
        {501: "host", 502: None},
    ]
    assert roles(with_roles([old], {"extension": "HostApp"})) == [{7: "host", 501: "extension"}]


def test_one_process_is_not_both():
    """Host and extension are two processes."""
    with pytest.raises(
        UsageError, match=r"^HostApp \(501\) is named twice; host and extension are two processes$"
    ):
        with_roles(PAIR, {"host": "501", "extension": "HostApp"})


def test_one_snapshot_stays_one():
    """A reading that was given twice is still known to be one, with its roles."""
    one, other = with_roles([PAIR[0], PAIR[0]], {"host": "HostApp"})

    assert one is other
