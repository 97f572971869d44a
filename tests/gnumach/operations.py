"""A call to be made in two kernels: names and messages are translated, and the answers paired."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portaudit.mach.calls import Reply
from portaudit.mach.constants import KernReturn, PortType
from portaudit.mach.messages import Message, PortDescriptor, PortsDescriptor, pack, unpack
from tests.gnumach.twins import Twin, agree


@dataclass(frozen=True)
class Name:
    """An input that is a name in a task's space."""

    twin: Twin
    name: int

    @property
    def kind(self) -> PortType:
        """The rights that stand under the name."""
        return self.twin.space.get(self.name, (PortType.NONE, 0))[0]

    @property
    def is_dead(self) -> bool:
        """Whether it is a dead name."""
        return bool(self.kind & PortType.DEAD_NAME)

    def __str__(self) -> str:
        return self.twin.describe(self.name)


Input = Name | Message | int | None


@dataclass(frozen=True)
class Operation:
    """One call by `caller`, on the space of `target` (the caller's own, as a rule)."""

    caller: Twin
    target: Twin
    function: str
    inputs: tuple[Input, ...]

    def __str__(self) -> str:
        inputs = (self._told(value) if isinstance(value, Message) else str(value) for value in self.inputs)
        return f"{self.caller.pid}: {self.function}({', '.join(inputs)})"

    def _told(self, message: Message) -> str:
        tell = self.caller.describe
        rights = (f"{one.disposition}:{','.join(map(tell, _names(one)))}" for one in message.descriptors)
        to = f"to {message.remote_disposition}:{tell(message.remote)}"
        return f"{to} reply {message.local_disposition}:{tell(message.local)} carrying {' '.join(rights)}"

    def play(self) -> tuple[Reply, Reply]:
        """Make the call in both kernels: the simulator's answer, and GNU Mach's."""
        simulated = self.caller.simulated.call(self.function, tuple(_simulated(self.inputs)))
        live = self.caller.live.call(self.function, tuple(self._live(self.inputs)))
        return simulated, live

    def pairs(self, simulated: Reply, live: Reply) -> Iterator[tuple[Twin, int, int]]:
        """Give the names that the two answers tell, and whose they are."""
        if self.function in AT_A_CHOSEN_NAME and simulated.code == KernReturn.KERN_SUCCESS:
            chosen = next(value for value in self.inputs[1:] if isinstance(value, Name))
            yield self.target, chosen.name, self.target.live_name(chosen.name)
        if not simulated.outputs or not live.outputs:
            return
        first, other = simulated.outputs[0], live.outputs[0]
        if isinstance(first, bytes) and isinstance(other, bytes):
            for one, two in message_names(unpack(first), unpack(other)):
                yield self.caller, one, two
        elif self.function in GIVES_A_NAME and isinstance(first, int) and isinstance(other, int):
            yield (self.target if self.function == "mach_port_allocate" else self.caller), first, other

    def _live(self, inputs: Iterable[Input]) -> Iterator[Any]:
        for value in inputs:
            if isinstance(value, Name):
                yield value.twin.live_name(value.name)
            elif isinstance(value, Message):
                yield pack(renamed(value, self.caller))
            else:
                yield value


AT_A_CHOSEN_NAME = frozenset({"mach_port_allocate_name", "mach_port_insert_right"})
GIVES_A_NAME = frozenset(
    {
        "mach_port_allocate",
        "mach_port_extract_right",
        "mach_port_request_notification",
        "mach_host_self",
        "mach_reply_port",
        "mach_task_self",
        "mach_thread_self",
        "task_for_pid",
    }
)


def _simulated(inputs: Iterable[Input]) -> Iterator[Any]:
    for value in inputs:
        if isinstance(value, Name):
            yield value.name
        elif isinstance(value, Message):
            yield pack(value)
        else:
            yield value


def renamed(message: Message, twin: Twin) -> Message:
    """Translate the names in a message."""
    return Message(
        remote=twin.live_name(message.remote),
        remote_disposition=message.remote_disposition,
        local=twin.live_name(message.local),
        local_disposition=message.local_disposition,
        id=message.id,
        descriptors=tuple(
            PortDescriptor(twin.live_name(carried.name), carried.disposition)
            if isinstance(carried, PortDescriptor)
            else PortsDescriptor(tuple(map(twin.live_name, carried.names)), carried.disposition)
            for carried in message.descriptors
        ),
        body=message.body,
    )


def message_names(simulated: Message, live: Message) -> Iterator[tuple[int, int]]:
    """Give the names in two messages that must be the same but for them; raises DisagreementError if not."""
    agree("a message", _without_names(simulated), _without_names(live))
    yield simulated.remote, live.remote
    yield simulated.local, live.local
    for one, other in zip(simulated.descriptors, live.descriptors, strict=True):
        yield from zip(_names(one), _names(other), strict=True)


def _without_names(message: Message) -> tuple[object, ...]:
    carried = [(type(one), one.disposition, len(_names(one))) for one in message.descriptors]
    return message.remote_disposition, message.local_disposition, message.id, carried


def _names(descriptor: PortDescriptor | PortsDescriptor) -> tuple[int, ...]:
    return (descriptor.name,) if isinstance(descriptor, PortDescriptor) else descriptor.names
