"""Kernels for tests: tasks as Mach objects, in this process."""

import ctypes
import os

from portaudit.mach import c_types as c
from portaudit.mach.callbacks import Callbacks
from portaudit.mach.constants import MsgType, PortRight
from portaudit.mach.library import Mach
from portaudit.simulator.calls import TaskCalls
from portaudit.simulator.kernel import Kernel


class SimulatedKernel:
    """A simulated kernel whose tasks are called through the C interface."""

    kind = "simulated"

    def __init__(self, seed=0):
        self.kernel = Kernel(seed=seed)
        self.callbacks = []

    def task(self, pid, **options):
        """Make a task, and give it as its own process would see Mach."""
        calls = TaskCalls(self.kernel, self.kernel.create_task(pid, **options))
        callbacks = Callbacks(calls, calls.task_self_name)
        self.callbacks.append(callbacks)
        return Mach(callbacks, self.kind)

    def lent(self):
        """How many pieces of kernel memory nobody has given back."""
        return sum(len(callbacks.lent) for callbacks in self.callbacks)


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
