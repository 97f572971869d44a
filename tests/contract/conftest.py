"""The kernels on which every promise of Mach is tried."""

import itertools
import sys
from typing import Any

import pytest

from portaudit.mach.callbacks import Callbacks
from portaudit.mach.library import Mach, load_libsystem
from tests.gnumach.conftest import booted, gnumach_folder, gnumach_kernel
from tests.kernels import SimulatedKernel, remember

__all__ = ["booted", "gnumach_folder", "gnumach_kernel"]

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


class Xnu:
    """This Mac's own kernel. Its one task is this very process: what needs two is tried by the demo there."""

    kind = "xnu"
    callbacks = ()

    def __init__(self):
        self.made = 0

    def task(self, pid):
        """Give this process; a second task there cannot be."""
        self.made += 1
        if self.made > 1:
            pytest.skip("one process is one task: the demo tries what needs two")
        return remember(load_libsystem(), pid)

    def end(self, _pid):
        """Nothing ends: the process goes on."""

    def lent(self):
        """The kernel does not tell."""
        return 0


KERNELS = ["simulated", pytest.param("gnumach", marks=pytest.mark.gnumach)]
if sys.platform == "darwin":
    KERNELS.append(pytest.param("xnu", marks=pytest.mark.xnu))


@pytest.fixture(params=KERNELS)
def kernel(request):
    """Each kernel that is available; what is not is skipped with what is missing."""
    kernel: Any
    if request.param == "simulated":
        kernel = SimulatedKernel()
    elif request.param == "xnu":
        kernel = Xnu()
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
