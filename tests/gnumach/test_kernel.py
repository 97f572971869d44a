"""Tasks live under pids that the caller chooses, and end when told to."""

import pytest

from portaudit.errors import KernelUnavailable
from portaudit.gnumach.kernel import Kernel

pytestmark = pytest.mark.gnumach


def test_a_pid_is_free_again_once_its_task_has_ended(gnumach_kernel):
    """Two tasks cannot have one pid at a time; ending one that is not there is no error."""
    first = gnumach_kernel.create_task(77)
    with pytest.raises(ValueError, match=r"^there is a task of pid 77 already$"):
        gnumach_kernel.create_task(77)
    gnumach_kernel.terminate(77)
    gnumach_kernel.terminate(77)
    second = gnumach_kernel.create_task(77)
    assert len(second.space()) == 2
    with pytest.raises(KernelUnavailable, match="has ended"):
        first.space()
    gnumach_kernel.terminate(77)


def test_a_parent_must_be_there(gnumach_kernel):
    """A child of nobody is a mistake, and makes no task."""
    with pytest.raises(ValueError, match=r"^there is no task of pid 5 to be the parent$"):
        gnumach_kernel.create_task(78, parent=5)
    assert gnumach_kernel.with_pid(78) is None


def test_many_tasks_come_and_go(gnumach_kernel):
    """Nothing runs out: each task's slot, port and thread are given back."""
    for _ in range(3):
        for pid in range(2000, 2100):
            gnumach_kernel.create_task(pid)
        for pid in range(2000, 2100):
            gnumach_kernel.terminate(pid)


def test_a_closed_kernel_answers_no_more(gnumach_folder):
    """After close its tasks are gone with the machine."""
    assert gnumach_folder.is_dir()
    with Kernel() as kernel:
        task = kernel.create_task(1)
    with pytest.raises(KernelUnavailable, match=r"^the machine that ran GNU Mach has ended$"):
        task.space()


def test_a_large_space_is_read_whole(gnumach_kernel):
    """A thousand names come in one answer, each of them once."""
    task = gnumach_kernel.create_task(79)
    made = {task.call("mach_port_allocate", (task.task_self_name, 1)).outputs[0] for _ in range(1000)}
    names, types = task.call("mach_port_names", (task.task_self_name,)).outputs
    assert len(names) == len(types) == 1002
    assert made < set(names) == set(task.space())
    gnumach_kernel.terminate(79)


def test_all_spaces_come_in_one_wait(gnumach_kernel):
    """Every task's space under its pid, as each of them tells it; one that has ended has none."""
    tasks = {pid: gnumach_kernel.create_task(pid) for pid in (80, 81, 82)}
    tasks[81].call("mach_port_allocate", (tasks[81].task_self_name, 1))
    told = {pid: task.space() for pid, task in tasks.items()}
    assert {pid: space for pid, space in gnumach_kernel.spaces().items() if pid in tasks} == told
    gnumach_kernel.terminate(82)
    assert 82 not in gnumach_kernel.spaces()
    gnumach_kernel.terminate(80)
    gnumach_kernel.terminate(81)
