"""What must hold in a simulated kernel at any time: every reference is somewhere, and only once."""

from collections import Counter

from portaudit.mach.constants import (
    MACH_MSG_TYPE_PORT_RECEIVE,
    MACH_MSG_TYPE_PORT_SEND,
    MACH_MSG_TYPE_PORT_SEND_ONCE,
    MACH_PORT_UREFS_MAX,
    PortType,
)
from portaudit.simulator.port import Port
from portaudit.simulator.registry import Notification

KEPT_BY_THE_KERNEL = 2
UREFS = {
    PortType.RECEIVE: range(1),
    PortType.PORT_SET: range(1),
    PortType.SEND_ONCE: range(1, 2),
    PortType.SEND: range(1, MACH_PORT_UREFS_MAX + 1),
    PortType.SEND_RECEIVE: range(1, MACH_PORT_UREFS_MAX + 1),
    PortType.DEAD_NAME: range(1, MACH_PORT_UREFS_MAX + 1),
}


class Census:
    """All rights of a kernel, counted where they are: in spaces, messages, requests, and with the kernel."""

    def __init__(self, kernel):
        self.kernel = kernel
        self.send: Counter[Port] = Counter()
        self.once: Counter[Port] = Counter()
        self.receive: Counter[Port] = Counter()
        self.ports: set[Port] = set()
        self.send[kernel.host.port] += KEPT_BY_THE_KERNEL
        if kernel.host.main_device is not None:
            self.send[kernel.host.main_device] += 1
        for task in kernel.tasks.values():
            self._count_kept(task)
            for entry in task.space.names():
                self._count_entry(entry)

    def _see(self, port):
        if port in self.ports:
            return
        self.ports.add(port)
        if port.active and isinstance(port.kobject, Notification):
            self._count(port.kobject.wake, MACH_MSG_TYPE_PORT_SEND)
        notified = [port.no_senders_request, port.port_destroyed_request]
        notified += [request.notify for request in port.requests.outstanding()] if port.active else []
        for notify in notified:
            if notify is not None:
                self._count(notify, MACH_MSG_TYPE_PORT_SEND_ONCE)
        for message in port.queue:
            self._count(message.remote, message.remote_type)
            self._count(message.local, message.local_type)
            for descriptor in message.descriptors:
                for right in descriptor:
                    self._count(right, descriptor.type)

    def _count(self, right, kind):
        if isinstance(right, Port):
            counts = {
                MACH_MSG_TYPE_PORT_SEND: self.send,
                MACH_MSG_TYPE_PORT_SEND_ONCE: self.once,
                MACH_MSG_TYPE_PORT_RECEIVE: self.receive,
            }
            counts[kind][right] += 1
            self._see(right)

    def _count_kept(self, task):
        kept = [task.host, task.bootstrap, *task.registered, task.settable_self, task.thread.settable_self]
        for port in kept:
            if port is not None:
                self._count(port, MACH_MSG_TYPE_PORT_SEND)
        for port in [*task.all_ports(), *task.thread.all_ports()]:
            self._see(port)

    def _count_entry(self, entry):
        if entry.port is None:
            return
        for bit, kind in (
            (PortType.SEND, MACH_MSG_TYPE_PORT_SEND),
            (PortType.SEND_ONCE, MACH_MSG_TYPE_PORT_SEND_ONCE),
            (PortType.RECEIVE, MACH_MSG_TYPE_PORT_RECEIVE),
        ):
            if entry.type & bit:
                self._count(entry.port, kind)

    def check(self):
        """Every live port's counts are those of the rights that exist."""
        for port in self.ports:
            if port.active:
                assert port.srights == self.send[port]
                assert port.sorights == self.once[port]
                assert self.receive[port] == (0 if port.is_kobject else 1)


def check_space(space):
    """A space is whole: slots are used or free, entries are possible, and both ways of looking agree."""
    used = {entry.index for entry in space.names()}
    assert sorted(space.free) == sorted(set(range(1, len(space.table))) - used)
    senders = {}
    for entry in space.names():
        assert entry.urefs in UREFS[entry.type]
        assert (entry.port is None) == (entry.type in {PortType.DEAD_NAME, PortType.PORT_SET})
        assert entry.name & 3 == 3
        if entry.type == PortType.SEND:
            assert entry.port not in senders
            senders[entry.port] = entry
        if entry.type & PortType.RECEIVE:
            assert (entry.port.receiver, entry.port.receiver_name) == (space, entry.name)
            assert entry.port.active
    assert space._senders == senders
