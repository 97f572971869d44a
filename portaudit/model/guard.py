"""A guard exception (EXC_GUARD) as a value: what the kernel raised against whom, as far as a report tells.

The code is 64 bits: guard type [63:61], flavour [60:32], target [31:0]; the subcode is the payload
(XNU osfmk/kern/exc_guard.h). For Mach ports the target is the port's name, mostly.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from portaudit.model.resource import DecodedResource, ResourceEvent, ZonePanic
from portaudit.model.snapshot import Entry, Line, Task

MACH_PORT = 1

GUARD_TYPES: dict[int, str] = {
    0: "GUARD_TYPE_NONE",
    MACH_PORT: "GUARD_TYPE_MACH_PORT",
    2: "GUARD_TYPE_FD",
    3: "GUARD_TYPE_USER",
    4: "GUARD_TYPE_VN",
    5: "GUARD_TYPE_VIRT_MEMORY",
    6: "GUARD_TYPE_REJECTED_SC",
}
"""Guard types by number (osfmk/kern/exc_guard.h:66-155)."""

GUARDED_THINGS: dict[int, str] = {
    0: "nothing: no guard type",
    MACH_PORT: "a Mach port",
    2: "a guarded file descriptor",
    3: "an assertion of the program's own",
    4: "a guarded vnode (a file)",
    5: "virtual memory",
    6: "a system call that is not allowed",
}

_TYPE_SHIFT, _FLAVOUR_SHIFT = 61, 32
_FLAVOUR_MASK, _TARGET_MASK = 0x1FFF_FFFF, 0xFFFF_FFFF
CODE_MASK = 0xFFFF_FFFF_FFFF_FFFF

FATAL_MAX = 0x80
"""Up to this flavour the kernel kills the process, whatever its settings (osfmk/ipc/ipc_policy.c:843-862)."""

OPTIONAL_MAX = 0x80000
"""Up to this one the task's guard behaviour decides; beyond, nobody is killed."""


class Fatal(StrEnum):
    """Whether the kernel kills a process for a flavour."""

    ALWAYS = "always"
    BY_POLICY = "by policy"
    """Platform and hardened processes by default, third-party ones only if they asked for it."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class GuardEvent:
    """One guard exception; what the report does not tell is None."""

    guard: int | None
    """Guard type: see GUARD_TYPES."""
    flavour: int | None = None
    name: str | None = None
    """The flavour as the report spells it, where it does."""
    target: int | None = None
    """For Mach ports the port's name in the process (for a few flavours something else)."""
    payload: int | None = None
    process: str | None = None
    pid: int | None = None
    os: str | None = None
    killed: bool | None = None
    """Whether the report says that the process was killed for it."""
    call: str | None = None
    """The call that raised it: the innermost frame of the crashed thread."""
    caller: str | None = None
    """Who made that call: the innermost frame outside the system's call stubs."""
    line: int | None = None
    """Where in the source it was found, in lines from 1."""
    contradictions: tuple[str, ...] = ()
    """Where lines of one report disagree; the termination code decided."""

    @property
    def code(self) -> int | None:
        """The 64-bit exception code, if all of it is known."""
        if self.guard is None or self.flavour is None or self.target is None:
            return None
        return self.guard << _TYPE_SHIFT | self.flavour << _FLAVOUR_SHIFT | self.target

    @property
    def fatal(self) -> Fatal | None:
        """Whether the kernel kills for this flavour; None if it is no Mach port guard or not known."""
        if self.guard != MACH_PORT or self.flavour is None:
            return None
        if self.flavour <= FATAL_MAX:
            return Fatal.ALWAYS
        return Fatal.BY_POLICY if self.flavour <= OPTIONAL_MAX else Fatal.NEVER


@dataclass(frozen=True, slots=True)
class GuardReading:
    """What a number, a report or a log says of guard exceptions, and of resources that ran out."""

    events: tuple[GuardEvent, ...]
    not_understood: tuple[Line, ...] = ()
    declined: str | None = None
    """Why there is nothing of it here; None if there is."""
    resources: tuple[ResourceEvent | ZonePanic, ...] = ()


@dataclass(frozen=True, slots=True)
class GuardDescription:
    """A guard exception in sentences, ready to be shown."""

    title: str
    guard: str
    declined: str | None = None
    """Why this is not portaudit's: set for guards on other things than Mach ports."""
    flavour: str | None = None
    target: str | None = None
    """What it hit: the port's name in the process, mostly."""
    payload: str | None = None
    mistake: str | None = None
    call: str | None = None
    third_party: str | None = None
    platform: str | None = None
    hardened: str | None = None
    happened: str | None = None
    """What the report says became of the process."""
    cause: str | None = None
    fix: str | None = None
    contradictions: tuple[str, ...] = ()
    otherwise: str | None = None
    """What else a bare number could be."""


def event_of_code(code: int, payload: int | None = None) -> GuardEvent:
    """Take an exception code apart; a negative one is the same 64 bits printed as a signed number."""
    code &= CODE_MASK
    return GuardEvent(
        guard=code >> _TYPE_SHIFT,
        flavour=code >> _FLAVOUR_SHIFT & _FLAVOUR_MASK,
        target=code & _TARGET_MASK,
        payload=None if payload is None else payload & CODE_MASK,
    )


def event_of_upper_half(half: int) -> GuardEvent:
    """Take the upper 32 bits of a code apart, which is all that a minidump holds of it."""
    return replace(event_of_code(half << _FLAVOUR_SHIFT), target=None)


@dataclass(frozen=True, slots=True)
class Joined:
    """What a snapshot says of the name that a guard exception is about."""

    task: Task
    entry: Entry | None
    """None: the task has no such name, it was gone already."""


@dataclass(frozen=True, slots=True)
class DecodedEvent:
    """A guard exception, in words, joined to a snapshot if one was given."""

    event: GuardEvent
    description: GuardDescription
    joined: tuple[Joined, ...] = ()


@dataclass(frozen=True, slots=True)
class Decoded:
    """All guard and resource exceptions of one source, and what was not understood there."""

    events: tuple[DecodedEvent, ...]
    not_understood: tuple[Line, ...] = ()
    resources: tuple[DecodedResource, ...] = ()
