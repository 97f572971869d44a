"""Kernels for tests: tasks as Mach objects, in this process."""

import ctypes
import os

import pytest

from portaudit.collect.names import read_names
from portaudit.mach import c_types as c
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.constants import KernReturn, MsgType, PortRight
from portaudit.mach.library import KernError, Mach
from portaudit.model.rights import RIGHTS_MASK
from portaudit.simulator.c_api import TaskCalls
from portaudit.simulator.kernel import Kernel


class SimulatedKernel:
    """A simulated kernel whose tasks are called through the C interface."""

    kind = "simulated"

    def __init__(self, seed=0, macos=15):
        self.kernel = Kernel(seed=seed, macos=macos)
        self.callbacks = []

    def task(self, pid, **options):
        """Make a task, and give it as its own process would see Mach."""
        calls = TaskCalls(self.kernel, self.kernel.create_task(pid, **options))
        callbacks = Callbacks(calls, calls.task_self_name)
        self.callbacks.append(callbacks)
        return remember(Mach(callbacks, self.kind), pid)

    def end(self, pid):
        """End a task."""
        self.kernel.exit(pid)

    def lent(self):
        """How many pieces of kernel memory nobody has given back."""
        return sum(len(callbacks.lent) for callbacks in self.callbacks)


PIDS: dict[int, int] = {}


def remember(mach, pid):
    """Note which process a Mach object speaks for."""
    PIDS[id(mach.library)] = pid
    return mach


def pid_of(mach):
    """Give the pid of the task that a Mach object speaks for."""
    return PIDS[id(mach.library)]


def out(mach, function, *inputs, result=c.natural_t):
    """Call a function whose last argument is one out-parameter, and give its value."""
    value = result()
    getattr(mach, function)(*inputs, ctypes.byref(value))
    return value.value


def new_port(mach, *, send=False):
    """Allocate a receive right, and a send right under the same name if wanted."""
    name = out(mach, "mach_port_allocate", mach.task_self, PortRight.RECEIVE)
    if send:
        mach.mach_port_insert_right(mach.task_self, name, name, MsgType.MAKE_SEND)
    return name


def own_task(kernel):
    """Make a task under this very process's pid: the auditor."""
    return kernel.task(os.getpid())


def space_of(mach):
    """Give a task's own space by the way `names`: name -> (type bits of rights, user references)."""
    entries = read_names(mach, mach.task_self)
    return {
        name: (bits & RIGHTS_MASK, urefs)
        for name, bits, urefs in zip(entries.name, entries.type, entries.urefs, strict=True)
    }


def refused(mach, function, *inputs):
    """Call a function that must fail, and give the code."""
    with pytest.raises(KernError) as error:
        getattr(mach, function)(*inputs)
    return KernReturn(error.value.code)
