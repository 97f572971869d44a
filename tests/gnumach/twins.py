"""One task in two kernels at once: every call is made in both, and names are told from each other's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from portaudit.gnumach.calls import TaskCalls as LiveCalls
from portaudit.gnumach.space import Space as LiveSpace
from portaudit.mach.calls import Reply
from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    KernReturn,
    PortFlavor,
    PortRight,
    PortType,
)
from portaudit.mach.messages import Message, PortDescriptor, PortsDescriptor, pack, unpack
from portaudit.simulator.calls import TaskCalls as SimulatedCalls

SAME_IN_BOTH = (MACH_PORT_NULL, MACH_PORT_DEAD)
STATUS = (
    *("pset", "seqno", "mscount", "qlimit", "msgcount", "sorights", "srights", "pdrequest", "nsrequest"),
    "flags",
)
NOWHERE = 0x7FFFFF
COUNTED = {PortType.SEND: PortRight.SEND, PortType.DEAD_NAME: PortRight.DEAD_NAME}

Space = dict[int, tuple[PortType, int]]
"""A name's type, and the user references of its send right or dead name."""


class DisagreementError(AssertionError):
    """The two kernels are not in the same state, or did not answer alike."""


class Twin:
    """A task in both kernels. Its names are those of the simulator; `live_name` translates."""

    def __init__(self, pid: int, live: LiveCalls, simulated: SimulatedCalls) -> None:
        self.pid = pid
        self.live = live
        self.simulated = simulated
        self.task_ports = {pid: simulated.task_self_name}
        self.space: Space = {}
        self._live_space: Space = {}
        self._names = {simulated.task_self_name: live.task_self_name}
        # Where the kernel's answers arrive: XNU's C library changes its own after an error, ours does not
        (self._live_reply,) = (name for name in live.space() if name != live.task_self_name)

    def live_name(self, name: int) -> int:
        """Say under which name GNU Mach has what the simulator has under `name`.

        A name that means nothing stays as it is, unless it would mean something there.
        """
        known = self._names.get(name)
        return known or (NOWHERE if name in self._live_space else name)

    def pair(self, simulated: int, live: int) -> None:
        """Learn that two names mean the same; raises DisagreementError if one of them is no name."""
        if simulated in SAME_IN_BOTH or live in SAME_IN_BOTH:
            agree(f"a name in {self.pid}", simulated, live)
        else:
            self._names[simulated] = live

    def describe(self, name: int) -> str:
        """Say what a name is, for whoever reads a disagreement."""
        bits, references = self.space.get(name, (PortType.NONE, 0))
        return f"{name:#x}/{self.live_name(name):#x}[{bits.name} {references}]"

    def is_free(self, name: int) -> bool:
        """Whether a name may be chosen in both: on XNU that takes its index (osfmk/ipc/ipc_entry.c:331)."""
        return name not in self._live_space and all(name >> 8 != used >> 8 for used in self.space)

    def is_kernel_object(self, name: int) -> bool:
        """Whether the kernel itself receives from the port: a task, a thread, the host."""
        reply = self.simulated.call("mach_port_kobject", (self.simulated.task_self_name, name))
        return reply.code == KernReturn.KERN_SUCCESS and reply.outputs[0] != 0

    def status(self, name: int) -> dict[str, int]:
        """Give the fields of a receive right's status (mach_port_status_t), by their names."""
        inputs = (self.live.task_self_name, self.live_name(name), PortFlavor.RECEIVE_STATUS, len(STATUS))
        reply = self.live.call("mach_port_get_attributes", inputs)
        success = reply.code == KernReturn.KERN_SUCCESS
        return dict(zip(STATUS, lists(reply)[0] if success else [0] * len(STATUS), strict=True))

    def leads_to_a_full_queue(self, name: int) -> bool:
        """Whether an ordinary message sent there has to wait."""
        entry = self.simulated.task.space.find(name)
        return entry is not None and entry.port is not None and entry.port.full

    def members(self, name: int) -> int:
        """How many receive rights are in a port set."""
        reply = self.simulated.call("mach_port_get_set_status", (self.simulated.task_self_name, name))
        return len(lists(reply)[0]) if reply.code == KernReturn.KERN_SUCCESS else 0

    def look(self, live_space: LiveSpace) -> None:
        """Read the simulator's space and take GNU Mach's; names gone in either mean nothing any more."""
        self.space = dict(self._simulated_space())
        self._live_space = dict(self._counted(live_space))
        self._names = {
            simulated: live
            for simulated, live in self._names.items()
            if simulated in self.space and live in self._live_space
        }

    def compare(self) -> None:
        """Raise DisagreementError, with what differs, unless both spaces hold the same."""
        translated = {self._names.get(name, f"{name:#x}?"): entry for name, entry in self.space.items()}
        if translated != self._live_space:
            one, other = set(translated.items()), set(self._live_space.items())
            agree(f"the space of {self.pid}", dict(one - other), dict(other - one))

    def _simulated_space(self) -> Iterator[tuple[int, tuple[PortType, int]]]:
        own = self.simulated.task_self_name
        names, types = lists(self.simulated.call("mach_port_names", (own,)))
        for name, bits in zip(names, types, strict=True):
            if name != self.simulated.task.mig_reply_name:
                yield name, (PortType(bits), self._references(own, name, PortType(bits)))

    def _references(self, own: int, name: int, bits: PortType) -> int:
        for bit, right in COUNTED.items():
            if bit in bits:
                (references,) = self.simulated.call("mach_port_get_refs", (own, name, right)).outputs
                assert isinstance(references, int)
                return references
        return 0

    def _counted(self, space: LiveSpace) -> Iterator[tuple[int, tuple[PortType, int]]]:
        for name, (bits, references) in space.items():
            if name != self._live_reply:
                counted = [references[right] for right in COUNTED.values() if right in references]
                yield name, (bits, counted[0] if counted else 0)


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


def agree(what: str, simulated: object, live: object) -> None:
    """Raise DisagreementError unless the two are equal."""
    if simulated != live:
        raise DisagreementError(f"{what}:\n  simulator {simulated}\n  GNU Mach  {live}")


def lists(reply: Reply) -> tuple[list[int], ...]:
    """Give the arrays of an answer."""
    assert reply.code == KernReturn.KERN_SUCCESS, reply
    return tuple(output for output in reply.outputs if isinstance(output, list))


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
