"""What to do next: operations that mean something, mostly, and some that do not."""

import random
from collections.abc import Callable, Iterable

from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    MsgOption,
    MsgType,
    Notification,
    PortRight,
    PortType,
)
from portaudit.mach.messages import Descriptor, Message, PortDescriptor, PortsDescriptor, pack
from tests.gnumach.differences import MOST_REFERENCES
from tests.gnumach.operations import Name, Operation
from tests.gnumach.twins import Twin

UNKNOWN_NAME = 0x7FFF03
CHOSEN_NAMES = range(0x40003, 0x48003, 0x100)  # as XNU makes names: the low two bits are set
DELTAS = (-3, -2, -1, -1, -1, 0, 1, 2, 5, 1000)
ROOM = 4096
COUNTS = (0, 1, 1, 1, 2, 3)
RIGHTS = tuple(right for right in PortRight if right <= PortRight.DEAD_NAME)

DISPOSITIONS = {
    PortType.SEND: (MsgType.COPY_SEND, MsgType.MOVE_SEND),
    PortType.DEAD_NAME: (MsgType.COPY_SEND, MsgType.MOVE_SEND, MsgType.MOVE_SEND_ONCE),
    PortType.SEND_ONCE: (MsgType.MOVE_SEND_ONCE,),
    PortType.RECEIVE: (MsgType.MAKE_SEND, MsgType.MAKE_SEND, MsgType.MAKE_SEND_ONCE, MsgType.MOVE_RECEIVE),
}
ALL_DISPOSITIONS = tuple(sorted({disposition for some in DISPOSITIONS.values() for disposition in some}))


class Choice:
    """Chooses by its random numbers, so a seed repeats it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.weighted: list[tuple[int, Callable[[Twin, Twin], Operation | None]]] = [
            (9, self.allocate),
            (2, self.allocate_name),
            (8, self.deallocate),
            (8, self.mod_refs),
            (2, self.destroy),
            (4, self.get_refs),
            (12, self.insert),
            (12, self.extract),
            (28, self.send),
            (22, self.receive),
            (5, self.request),
            (3, self.move_member),
            (2, self.set_mscount),
            (2, self.trap),
        ]

    def ends_a_task(self) -> bool:
        """Whether a task ends now."""
        return self.rng.random() < 0.002

    def victim(self, twins: list[Twin]) -> Twin:
        """Choose a task to end."""
        return self.rng.choice(twins)

    def operation(self, twins: list[Twin]) -> Operation:
        """Choose an operation that both systems play."""
        weights = [weight for weight, _ in self.weighted]
        while True:
            caller = self.rng.choice(twins)
            target = caller if self.rng.random() < 0.7 else self.rng.choice(twins)
            ((_, make),) = self.rng.choices(self.weighted, weights)
            operation = make(caller, target)
            if operation is not None:
                return operation

    def allocate(self, caller: Twin, target: Twin) -> Operation:
        right = self.rng.choice(
            (PortRight.RECEIVE,) * 4 + (PortRight.PORT_SET, PortRight.DEAD_NAME, PortRight.SEND)
        )
        return self._on(caller, target, "mach_port_allocate", right)

    def allocate_name(self, caller: Twin, target: Twin) -> Operation:
        # XNU puts a dead name elsewhere (osfmk/ipc/mach_port.c:665)
        right = self.rng.choice((PortRight.RECEIVE, PortRight.PORT_SET))
        return self._on(caller, target, "mach_port_allocate_name", right, self._new_name(target))

    def deallocate(self, caller: Twin, target: Twin) -> Operation | None:
        name = self._name(target)
        if name.name in target.task_ports.values() or name.kind & PortType.PORT_SET:
            return None
        return self._on(caller, target, "mach_port_deallocate", name)

    def destroy(self, caller: Twin, target: Twin) -> Operation | None:
        name = self._name(target)
        if name.name in target.task_ports.values():
            return None
        return self._on(caller, target, "mach_port_destroy", name)

    def mod_refs(self, caller: Twin, target: Twin) -> Operation | None:
        name, delta = self._name(target), self.rng.choice(DELTAS)
        _, references = target.space.get(name.name, (0, 0))
        if name.name in target.task_ports.values() and references + delta <= 0:
            return None
        if references + delta > MOST_REFERENCES:
            return None
        # What a port-destroyed request saves: the old receiver's send right dies in GNU Mach, not in XNU
        if PortType.SEND_RECEIVE in name.kind and target.status(name.name)["pdrequest"]:
            return None
        return self._on(caller, target, "mach_port_mod_refs", name, self._right(name), delta)

    def get_refs(self, caller: Twin, target: Twin) -> Operation:
        name = self._name(target)
        return self._on(caller, target, "mach_port_get_refs", name, self.rng.choice(RIGHTS))

    def insert(self, caller: Twin, target: Twin) -> Operation | None:
        right = self._name(caller)
        disposition = self._disposition(right)
        if not self._may_carry(caller, right, disposition):
            return None
        at = right if caller is target and self.rng.random() < 0.5 else self._new_name(target)
        if self.rng.random() < 0.2:
            at = self._name(target)
        # A name that has gone but whose index is in use: XNU refuses the generation, GNU Mach has none
        if at.name not in target.space and not target.is_free(at.name):
            return None
        return self._on(caller, target, "mach_port_insert_right", at, right, disposition)

    def extract(self, caller: Twin, target: Twin) -> Operation | None:
        name = self._name(target)
        disposition = self._disposition(name)
        if not self._may_carry(target, name, disposition):
            return None
        return self._on(caller, target, "mach_port_extract_right", name, disposition)

    def send(self, caller: Twin, _target: Twin) -> Operation | None:
        to = self._name(caller, PortType.SEND_RIGHTS)
        how = self._disposition(to)
        if caller.is_kernel_object(to.name) or not self._may_carry(caller, to, how):
            return None
        # A message with two faults is refused for the one in GNU Mach and for the other in XNU
        if not self._fits(to, how):
            return self._message(caller, Message(to.name, how))
        local, local_how = self._reply_right(caller)
        carried = (self._descriptor(caller) for _ in range(self.rng.choice(COUNTS)))
        descriptors = tuple(descriptor for descriptor in carried if descriptor is not None)
        # A port that would hold itself is destroyed with its message; GNU Mach looks for room first
        moves = any(descriptor.disposition == MsgType.MOVE_RECEIVE for descriptor in descriptors)
        if moves and caller.leads_to_a_full_queue(to.name):
            return None
        message = Message(to.name, how, local, local_how, self.rng.randrange(200, 300), descriptors)
        return self._message(caller, message)

    def _message(self, caller: Twin, message: Message) -> Operation:
        option = MsgOption.SEND_MSG | MsgOption.SEND_TIMEOUT
        return Operation(caller, caller, "mach_msg", (message, option, len(pack(message)), 0, 0, 0, 0))

    def receive(self, caller: Twin, _target: Twin) -> Operation | None:
        name = self._name(caller, PortType.RECEIVE | PortType.PORT_SET)
        # GNU Mach receives from the set only, XNU from the member too; among members each has its own order
        if caller.status(name.name)["pset"] or caller.members(name.name) > 1:
            return None
        option = MsgOption.RCV_MSG | MsgOption.RCV_TIMEOUT
        return Operation(caller, caller, "mach_msg", (None, option, 0, ROOM, name, 0, 0))

    def request(self, caller: Twin, target: Twin) -> Operation | None:
        kind = self.rng.choice((Notification.DEAD_NAME, Notification.NO_SENDERS, Notification.PORT_DESTROYED))
        notify = self._name(caller, PortType.RECEIVE)
        how = MsgType.MAKE_SEND_ONCE
        name, sync = self._name(target), self.rng.choice((0, 0, 1, 2))
        # XNU refuses a request for what has died already; GNU Mach notifies at once
        if name.is_dead and kind == Notification.DEAD_NAME:
            return None
        # XNU refuses a second one; GNU Mach gives the first one back
        if kind == Notification.PORT_DESTROYED and target.status(name.name)["pdrequest"]:
            return None
        return self._on(caller, target, "mach_port_request_notification", name, kind, sync, notify, how)

    def move_member(self, caller: Twin, target: Twin) -> Operation:
        member = self._name(target, PortType.RECEIVE)
        after = self._name(target, PortType.PORT_SET)
        return self._on(caller, target, "mach_port_move_member", member, after)

    def set_mscount(self, caller: Twin, target: Twin) -> Operation:
        name = self._name(target, PortType.RECEIVE)
        return self._on(caller, target, "mach_port_set_mscount", name, self.rng.randrange(5))

    def trap(self, caller: Twin, _target: Twin) -> Operation:
        traps = ("mach_task_self", "mach_thread_self", "mach_host_self", "mach_reply_port")
        return Operation(caller, caller, self.rng.choice(traps), ())

    def _on(self, caller: Twin, target: Twin, function: str, *inputs: Name | int) -> Operation:
        task = Name(caller, caller.task_ports[target.pid])
        return Operation(caller, target, function, (task, *inputs))

    def _name(self, twin: Twin, kind: PortType = PortType.ALL_RIGHTS) -> Name:
        """Choose a name: mostly one of that kind, sometimes any, or none at all."""
        fit = [name for name, (bits, _) in twin.space.items() if bits & kind]
        if fit and self.rng.random() < 0.93:
            return Name(twin, self.rng.choice(fit))
        others = [*twin.space, UNKNOWN_NAME, MACH_PORT_NULL, MACH_PORT_DEAD]
        return Name(twin, self.rng.choice(others))

    def _new_name(self, twin: Twin) -> Name:
        return Name(twin, self.rng.choice(list(filter(twin.is_free, CHOSEN_NAMES))))

    def _right(self, name: Name) -> PortRight:
        fit = [right for right in RIGHTS if name.kind & 1 << right + 16]
        return self.rng.choice(fit if fit and self.rng.random() < 0.85 else RIGHTS)

    def _disposition(self, name: Name) -> MsgType:
        fit = [how for kind, some in DISPOSITIONS.items() if name.kind & kind for how in some]
        return self.rng.choice(fit if fit and self.rng.random() < 0.85 else ALL_DISPOSITIONS)

    def _fits(self, name: Name, how: MsgType) -> bool:
        return any(name.kind & kind and how in some for kind, some in DISPOSITIONS.items())

    def _may_carry(self, twin: Twin, name: Name, how: MsgType) -> bool:
        """The task ports that the play itself needs stay where they are."""
        return not (name.name in twin.task_ports.values() and how != MsgType.COPY_SEND)

    def _descriptor(self, twin: Twin) -> Descriptor | None:
        name = self._name(twin)
        how = self._disposition(name)
        if not self._may_carry(twin, name, how):
            return None
        if self.rng.random() < 0.8:
            return PortDescriptor(name.name, how)
        return PortsDescriptor(tuple(self._carried(twin, name, how)), how)

    def _carried(self, twin: Twin, name: Name, how: MsgType) -> Iterable[int]:
        for _ in range(self.rng.randrange(4)):
            other = self._name(twin)
            yield other.name if self._may_carry(twin, other, how) else name.name

    def _reply_right(self, twin: Twin) -> tuple[int, int]:
        if self.rng.random() < 0.7:
            return MACH_PORT_NULL, 0
        name = self._name(twin, PortType.PORT_RIGHTS)
        how = self._disposition(name)
        # XNU refuses a dead name as a reply right, GNU Mach sends MACH_PORT_DEAD
        plays = self._fits(name, how) and not name.is_dead and self._may_carry(twin, name, how)
        return (name.name, how) if plays else (MACH_PORT_NULL, 0)
