"""Which tasks of a snapshot are shown, and in which order their rows stand."""

import pytest

from portaudit.analysis.view import view
from portaudit.errors import UsageError
from portaudit.model.snapshot import Snapshot
from tests.spaces import EXTENSION_PORT, HOST_PORT, entries, pair, task

ROWS = [(0x203, "send", 1, 0x5000, 23), (0x303, "send", 9, 0x5004, None), (0x403, "send", 2, 0x5008, 23)]


def shown(roles=(), pids=(), order="name", snapshot=None):
    return view(snapshot or pair(extension_rows=ROWS), roles, pids, order)


@pytest.mark.parametrize(
    ("roles", "pids", "there"),
    [
        ((), (), ["host", "extension"]),
        (("extension",), (), ["extension"]),
        ((), (4242,), ["host"]),
        (("extension",), (4242,), ["host", "extension"]),
        ((), (1,), []),
    ],
)
def test_tasks_are_chosen_by_role_or_pid(roles, pids, there):
    """Without a wish all of them stand there."""
    assert [one.task.role for one in shown(roles, pids).tasks] == there


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("name", [0x103, 0x203, 0x303, 0x403]),
        ("urefs", [0x303, 0x103, 0x403, 0x203]),
        ("kobject", [0x203, 0x403, 0x103, 0x303]),
    ],
)
def test_rows_stand_in_their_order(order, names):
    """Most references first; by type, those without one last; else by name."""
    (only,) = shown(("extension",), order=order).tasks

    assert [entry.name for entry in only.entries] == names


def test_what_has_no_references_stands_behind_what_has_one():
    """A receive right has none, and so many has a row whose count was not read."""
    rows = [(0x203, "recv", 0, 1, None), (0x303, "send", None, 2, 23), (0x403, "send", 1, 3, 23)]
    (only,) = shown(("extension",), order="urefs", snapshot=pair(extension_rows=rows)).tasks

    assert [entry.name for entry in only.entries] == [0x103, 0x403, 0x203, 0x303]


@pytest.mark.parametrize(
    ("role", "snapshot", "said"),
    [
        ("server", pair(), "'server'; the roles there are: extension, host"),
        (
            "host",
            Snapshot((task("extension", entries()),)),
            "'host'; the roles there are: extension; --host NAME or PID gives it",
        ),
        ("server", Snapshot((task(None, entries()),)), "'server'; the roles there are: none"),
    ],
)
def test_a_role_that_nobody_has_is_wrong_usage(role, snapshot, said):
    """The message names those that are there, and the option that gives one."""
    with pytest.raises(UsageError) as raised:
        shown((role,), snapshot=snapshot)

    assert str(raised.value) == f"no task of the snapshot has the role {said}"


def test_a_port_is_told_by_the_task_whose_own_it_is():
    """Whose task port an object is stands beside the tasks."""
    assert shown().owners == {HOST_PORT: "host", EXTENSION_PORT: "extension"}


def test_what_nobody_counted_stands_as_nothing():
    """A row whose references were not read stands by its name among those that have none."""
    rows = [
        (0x203, "send", None, 0x5000, 23),
        (0x303, "recv", 0, 0x5004, None),
        (0x403, "send", 2, 0x5008, 23),
    ]
    (only,) = shown(("extension",), order="urefs", snapshot=pair(extension_rows=rows)).tasks

    assert [entry.name for entry in only.entries] == [0x103, 0x403, 0x203, 0x303]
