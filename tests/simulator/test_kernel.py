"""The kernel itself: its tasks and what it remembers."""

import pytest

from portaudit.mach.constants import GuardFlavor
from portaudit.simulator.guard import GuardEvent
from portaudit.simulator.kernel import Kernel


@pytest.mark.parametrize("pid", [0, -4, 1 << 31, 1 << 64])
def test_a_task_needs_a_pid(pid):
    """A pid is a positive 31-bit number."""
    with pytest.raises(ValueError, match="no pid"):
        Kernel().create_task(pid)


def test_a_pid_is_taken_once(kernel, host):
    """Two tasks cannot have one pid."""
    with pytest.raises(ValueError, match="taken"):
        kernel.create_task(host.pid)


def test_an_unknown_parent_is_named(kernel):
    """A child of nobody is not made, and leaves no trace."""
    with pytest.raises(LookupError, match="no task has pid 999"):
        kernel.create_task(5, parent=999)

    assert kernel.tasks == {}


def test_guard_events_are_kept_in_order(kernel, host, extension):
    """The log says who broke which rule, on whose thread, whatever space the call was about."""
    control = host.task_port(extension.pid)
    extension.code("mach_port_deallocate", 0x903)
    host.code("mach_port_deallocate", 0x703, on=control)

    assert kernel.guard_events == [
        GuardEvent(extension.pid, GuardFlavor.INVALID_NAME, 0x903, 0, fatal=False, delivered=False),
        GuardEvent(host.pid, GuardFlavor.INVALID_NAME, 0x703, 0, fatal=False, delivered=False),
    ]


def test_object_ids_are_of_32_bits_and_never_zero(kernel):
    """Each port has an id of its own."""
    ids = [kernel.ipc.next_object_id() for _ in range(100_000)]

    assert len(set(ids)) == len(ids)
    assert min(ids) > 0
    assert max(ids) < 1 << 32
