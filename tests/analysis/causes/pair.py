"""A host and an extension that play on the simulated kernel, through the C interface."""

from portaudit.collect.space_info import read_space
from portaudit.mach import c_types as c
from portaudit.mach.constants import MsgType, PortRight
from portaudit.mach.library import out_of_line
from portaudit.model.snapshot import Process, Snapshot, Task
from tests.contract.iokit import IOKit
from tests.contract.post import post
from tests.kernels import SimulatedKernel

HOST, EXTENSION = 4242, 4243


class Pair:
    """A host and an extension on one simulated kernel."""

    def __init__(self):
        self.kernel = SimulatedKernel()
        self.host, self.extension = self.kernel.task(HOST), self.kernel.task(EXTENSION)
        self.names: dict[str, int] = {}
        self.iokit = IOKit(self.extension)

    def read(self):
        """Read both spaces; a task that has ended is not there."""
        tasks = []
        for mach, role, pid in ((self.host, "host", HOST), (self.extension, "extension", EXTENSION)):
            if mach is not None:
                tasks.append(
                    Task(Process(pid, 1.0, role), role, "probe", entries=read_space(mach, mach.task_self))
                )
        return Snapshot(tuple(tasks), settled=True)

    def give(self, disposition=MsgType.COPY_SEND):
        """Let the host send its own task port."""
        return post(self.host, self.extension, self.host.task_self, disposition)

    def refs(self, mach, name, delta):
        mach.mach_port_mod_refs(mach.task_self, name, PortRight.SEND, delta)

    def threads(self, task):
        """Let the extension ask for all threads of a task, and give back the memory alone."""
        with out_of_line(self.extension, c.mach_port_t) as (array,):
            self.extension.task_threads(task, array.pointer, array.count)


def nothing(_pair):
    """Prepare nothing."""
