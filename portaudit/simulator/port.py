"""Ports and port sets: queues of messages with one receiver, and the counts of the rights that name them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from portaudit.mach.constants import MACH_PORT_QLIMIT_DEFAULT, KernReturn, KobjectType
from portaudit.simulator.guard import RefusalError
from portaudit.simulator.notification import RequestTable

if TYPE_CHECKING:
    from collections.abc import Callable

    from portaudit.simulator.message import KernelMessage
    from portaudit.simulator.space import Space

QLIMIT_KERNEL = 65534  # MACH_PORT_QLIMIT_KERNEL: full even for replies and notifications


@dataclass(eq=False, slots=True, repr=False)
class Ipc:
    """What all ports of one kernel share: their ids, and the messages that die because their queue died."""

    dying: deque[KernelMessage] = field(default_factory=deque)
    reaping: bool = False
    ports_made: int = 0
    macos: int = 15
    """Which macOS the kernel answers as, where they differ: 26, or an older one."""

    def next_object_id(self) -> int:
        """Make the 32-bit id that mach_port_space_info shows: XNU hashes an address, this one a counter."""
        self.ports_made += 1
        return (self.ports_made * 0x9E3779B1 & 0xFFFFFFFF) or 1


@dataclass(eq=False, slots=True, repr=False)
class Port:
    """A port, as struct ipc_port has it.

    `srights` counts the send rights: one for each space that has any (not its user references), one for each
    in a message, one for each that the kernel keeps. `sorights` counts the send-once rights, `mscount` how
    many send rights were made from the receive right. A port without a receiver is on its way in a message,
    to `destination`. Behind a kernel object's port stands `kobject`, its receiver is the kernel.
    """

    ipc: Ipc
    receiver: Space | None = None
    receiver_name: int = 0
    destination: Port | None = None
    active: bool = True
    object_id: int = 0

    srights: int = 0
    sorights: int = 0
    mscount: int = 0

    queue: deque[KernelMessage] = field(default_factory=deque)
    qlimit: int = MACH_PORT_QLIMIT_DEFAULT
    seqno: int = 0
    sets: list[PortSet] = field(default_factory=list)

    requests: RequestTable = field(default_factory=RequestTable)
    no_senders_request: Port | None = None
    port_destroyed_request: Port | None = None
    on_no_senders: Callable[[Port], None] | None = None  # a kernel object's own no-senders request

    context: int = 0
    guarded: bool = False
    strict_guard: bool = False
    immovable_receive: bool = False
    immovable_send: bool = False
    pinned: bool = False
    reply_port: bool = False
    special_reply: bool = False

    kotype: KobjectType = KobjectType.NONE
    kobject: object | None = None
    labelled: bool = False
    substitute: Port | None = None  # what the task itself gets in place of this port of its own

    def __post_init__(self) -> None:
        self.object_id = self.ipc.next_object_id()

    @property
    def is_kobject(self) -> bool:
        """Whether the kernel is the receiver; it still is one after the object's death."""
        return self.kotype is not KobjectType.NONE

    @property
    def full(self) -> bool:
        """Whether a sender of an ordinary message has to wait."""
        return len(self.queue) >= self.qlimit

    def in_space(self, space: Space) -> bool:
        """Whether the space has the receive right."""
        return self.receiver is space

    def make_send(self) -> Port:
        """Make a send right from the receive right."""
        self.mscount += 1
        self.srights += 1
        return self

    def copy_send(self) -> Port:
        """Make a send right from a send right: the make-send count does not change."""
        self.srights += 1
        return self

    def make_send_once(self) -> Port:
        """Make a send-once right from the receive right."""
        self.sorights += 1
        return self

    def post(self, message: KernelMessage) -> None:
        """Append a message to the queue, and tell the sets that the port is in."""
        self.queue.append(message)
        for port_set in self.sets:
            port_set.prepost(self)

    def leave_sets(self, keep: PortSet | None = None) -> None:
        """Leave all port sets, but for `keep`."""
        for port_set in [member_of for member_of in self.sets if member_of is not keep]:
            port_set.remove(self)

    def clear_receiver(self) -> None:
        """Forget everything that belonged to the old receiver (osfmk/ipc/ipc_port.c:707)."""
        self.leave_sets()
        self.receiver, self.receiver_name, self.destination = None, 0, None
        self.mscount = self.seqno = self.context = 0
        self.guarded = self.strict_guard = False


Carried: TypeAlias = Port | int
"""What travels where a port right could: the port, or MACH_PORT_NULL or MACH_PORT_DEAD as such."""


@dataclass(eq=False, slots=True, repr=False)
class PortSet:
    """A set of ports; `_ready` holds those that had messages, in the order in which they are served."""

    object_id: int
    members: list[Port] = field(default_factory=list)
    _ready: deque[Port] = field(default_factory=deque)

    def add(self, port: Port) -> None:
        """Add a port, or refuse with KERN_ALREADY_IN_SET. A port can be in several sets."""
        if port in self.members:
            raise RefusalError(KernReturn.KERN_ALREADY_IN_SET)
        self.members.append(port)
        port.sets.append(self)
        if port.queue:
            self.prepost(port)

    def remove(self, port: Port) -> None:
        """Take a port out, or refuse with KERN_NOT_IN_SET."""
        if port not in self.members:
            raise RefusalError(KernReturn.KERN_NOT_IN_SET)
        self.members.remove(port)
        port.sets.remove(self)
        if port in self._ready:
            self._ready.remove(port)

    def prepost(self, port: Port) -> None:
        """Note that a member has messages."""
        if port not in self._ready:
            self._ready.append(port)

    def next_ready(self) -> Port | None:
        """Choose the member to receive from: each in turn (waitq_set_first_prepost, osfmk/kern/waitq.c)."""
        while self._ready:
            port = self._ready.popleft()
            if port.queue:
                self._ready.append(port)
                return port
        return None

    def destroy(self) -> None:
        """Let all members go. They keep their messages."""
        for port in list(self.members):
            self.remove(port)
