"""Processes on a simulated kernel, as the tests call them."""

import pytest

from portaudit.mach.constants import KernReturn, MsgOption, MsgType, PortRight
from portaudit.mach.messages import Message, PortDescriptor, pack, unpack
from portaudit.simulator.c_api import TaskCalls
from portaudit.simulator.kernel import Kernel

SUCCESS = KernReturn.KERN_SUCCESS


class Process:
    """One process: calls by their C names without the task, which is its own (or `on`)."""

    def __init__(self, kernel, pid, **kind):
        self.calls = TaskCalls(kernel, kernel.create_task(pid, **kind))
        self.kernel = kernel
        self.task = self.calls.task
        self.pid = pid

    def code(self, function, *inputs, on=None):
        """Make a call on a task and give its return code alone."""
        return self.calls.call(function, (self.task.task_self_name if on is None else on, *inputs)).code

    def ask(self, function, *inputs, on=None):
        """Make a call on a task that must succeed and give its one output, or all of several."""
        reply = self.calls.call(function, (self.task.task_self_name if on is None else on, *inputs))
        assert reply.code == SUCCESS
        return reply.outputs[0] if len(reply.outputs) == 1 else reply.outputs

    def receive_right(self, *, send=False):
        """Make a receive right, with a send right under the same name if wanted."""
        name = self.ask("mach_port_allocate", PortRight.RECEIVE)
        if send:
            self.ask("mach_port_insert_right", name, name, MsgType.MAKE_SEND)
        return name

    def task_port(self, pid, flavor="task_for_pid"):
        """Get another process's task port."""
        return self.ask(flavor, pid)

    def give(self, other, name, as_name, disposition=MsgType.MAKE_SEND):
        """Insert a right of this process into another one's space under a chosen name."""
        control = self.task_port(other.pid)
        self.ask("mach_port_insert_right", as_name, name, disposition, on=control)
        self.ask("mach_port_deallocate", control)

    def refs(self, name, right=PortRight.SEND):
        """Count the references of a name."""
        return self.ask("mach_port_get_refs", name, right)

    def type(self, name):
        """Give a name's type bits."""
        return self.ask("mach_port_type", name)

    def send(self, dest, *descriptors, disposition=MsgType.COPY_SEND, local=(0, 0), identity=100, option=0):
        """Send a message with port descriptors (name, disposition) without waiting; give the code."""
        rights = tuple(PortDescriptor(*descriptor) for descriptor in descriptors)
        data = pack(Message(dest, disposition, local[0], local[1], identity, rights))
        options = option | MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
        return self.calls.call("mach_msg", (data, options, len(data), 0, 0, 0, 0)).code

    def receive(self, name, size=4096):
        """Receive a message that must be there."""
        option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
        reply = self.calls.call("mach_msg", (None, option, 0, size, name, 0, 0))
        assert reply.code == SUCCESS
        (data,) = reply.outputs
        assert isinstance(data, bytes)
        return unpack(data)

    def guards(self):
        """List the guard exceptions of this process: flavour and target."""
        return [(event.flavor, event.target) for event in self.kernel.guard_events if event.pid == self.pid]

    def port(self, name):
        """Look behind a name."""
        return self.task.space.lookup(name).named_port


@pytest.fixture
def kernel():
    """A kernel without tasks."""
    return Kernel()


@pytest.fixture
def host(kernel):
    """A third-party process."""
    return Process(kernel, 4242)


@pytest.fixture
def extension(kernel, host):
    """Another third-party process, the host's child."""
    return Process(kernel, 4243, parent=host.pid)


@pytest.fixture
def platform(kernel):
    """A process of Apple's own."""
    return Process(kernel, 77, platform=True)


@pytest.fixture
def host_port(host):
    """The host's name for the host port."""
    return host.calls.call("mach_host_self", ()).outputs[0]
