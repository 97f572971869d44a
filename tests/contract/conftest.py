"""The kernels on which every promise of Mach is tried."""

import itertools
from typing import Any

import pytest

from portaudit.mach.callbacks import Callbacks
from portaudit.mach.library import Mach
from tests.gnumach.conftest import gnumach_folder, gnumach_kernel
from tests.kernels import SimulatedKernel, remember

__all__ = ["gnumach_folder", "gnumach_kernel"]

PIDS = itertools.count(500_000)


class GnuMachKernel:
    """A live GNU Mach whose tasks are called through the C interface."""

    kind = "gnumach"

    def __init__(self, kernel):
        self.kernel = kernel
        self.pids = []
        self.callbacks = []

    def task(self, pid):
        """Make a task, and give it as its own process would see Mach."""
        calls = self.kernel.create_task(pid)
        self.pids.append(pid)
        callbacks = Callbacks(calls, calls.task_self_name)
        self.callbacks.append(callbacks)
        return remember(Mach(callbacks, self.kind), pid)

    def end(self, pid):
        """End a task."""
        self.kernel.terminate(pid)

    def lent(self):
        """How many pieces of kernel memory nobody has given back."""
        return sum(len(callbacks.lent) for callbacks in self.callbacks)


@pytest.fixture(params=["simulated", pytest.param("gnumach", marks=pytest.mark.gnumach)])
def kernel(request):
    """Each kernel that is available; what is not is skipped with what is missing."""
    kernel: Any
    if request.param == "simulated":
        kernel = SimulatedKernel()
    else:
        kernel = GnuMachKernel(request.getfixturevalue("gnumach_kernel"))
    yield kernel
    assert kernel.lent() == 0, "the test kept kernel memory"
    assert all(not callbacks.faults for callbacks in kernel.callbacks), "an exception was lost in a callback"
    for pid in getattr(kernel, "pids", ()):
        kernel.end(pid)


@pytest.fixture
def task(kernel):
    """A task on the kernel."""
    return kernel.task(next(PIDS))


@pytest.fixture
def other(kernel):
    """A second task on the same kernel."""
    return kernel.task(next(PIDS))
