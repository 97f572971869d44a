"""One task in two kernels at once: every call is made in both, and names are told from each other's."""

from collections.abc import Iterator

from portaudit.gnumach.c_api import TaskCalls as LiveCalls
from portaudit.gnumach.driver import Space as LiveSpace
from portaudit.mach.calls import Reply
from portaudit.mach.constants import (
    MACH_PORT_DEAD,
    MACH_PORT_NULL,
    KernReturn,
    PortFlavor,
    PortRight,
    PortType,
)
from portaudit.simulator.c_api import TaskCalls as SimulatedCalls

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


def agree(what: str, simulated: object, live: object) -> None:
    """Raise DisagreementError unless the two are equal."""
    if simulated != live:
        raise DisagreementError(f"{what}:\n  simulator {simulated}\n  GNU Mach  {live}")


def lists(reply: Reply) -> tuple[list[int], ...]:
    """Give the arrays of an answer."""
    assert reply.code == KernReturn.KERN_SUCCESS, reply
    return tuple(output for output in reply.outputs if isinstance(output, list))
