"""What the lines of one crash report say, and the event that follows: the termination code decides."""

import re
from dataclasses import dataclass, field, replace
from typing import ClassVar

from portaudit.model.guard import CODE_MASK, GUARD_TYPES, MACH_PORT, GuardEvent, event_of_code
from portaudit.model.guard_flavours import flavour_number, names_of
from portaudit.model.resource import (
    NAMES_MASK,
    PORT_SPACE_FULL,
    PORTS,
    RESOURCES,
    ResourceEvent,
    resource_of_code,
)

_TYPE_NUMBERS = {name: number for number, name in GUARD_TYPES.items()}
_RESOURCE_NUMBERS = {name: number for number, name in RESOURCES.items()}
_INVALID_OPTIONS = 3
_WORD = 0xFFFF_FFFF
_STUBS = ("_kernelrpc_", "mach_msg", "mach_port_", "_mach_", "_XMIG", "syscall")
"""How the names of the system's call stubs begin."""


@dataclass(slots=True)
class Facts:
    """The facts of one report, as they are found; None where a report is silent."""

    FRAMES_MAX: ClassVar[int] = 40
    REPORTS_MAX: ClassVar[int] = 10_000

    line: int | None = None
    process: str | None = None
    pid: int | None = None
    os: str | None = None
    type: str | None = None
    killed: bool | None = None
    subtype: str | None = None
    code: int | None = None
    """The 64-bit code: of the termination, a log line or a debugger."""
    codes: tuple[int, int] | None = None
    """The pair of Exception Codes: target and payload."""
    name: str | None = None
    port: int | None = None
    payload: int | None = None
    on_fd: bool = False
    flavour: int | None = None
    """The flavour's number, where the source prints it apart from a code."""
    message_id: int | None = None
    """The id of the message that was refused: it stands where other reports have the target."""
    port_space_full: bool = False
    """The namespace of the termination is PORT_SPACE."""
    limit: int | None = None
    """`Limit N ports`: the names in use at the kill."""
    frames: list[str] = field(default_factory=list)

    def take_process(self, name: bytes | None, pid: bytes | None) -> None:
        """Take note of who it is."""
        if name is not None:
            self.process = name.decode("utf-8", "replace").strip()
        if pid is not None:
            self.pid = int(pid)

    def take_type(self, exception: bytes, signal: bytes | None, line: int) -> None:
        """Take note of the exception's type, and of a killing signal."""
        self.type = exception.decode()
        self.killed = True if signal == b"SIGKILL" else None
        self.line = line if self.type in ("EXC_GUARD", "EXC_RESOURCE") else None

    def take_code(self, code: bytes, payload: bytes | None) -> None:
        """Take note of a whole code, in hex or decimal."""
        self.code = int(code, 0) if code.startswith(b"0x") else int(code)
        if payload is not None:
            self.payload = int(payload, 16)

    def take_namespace(self, space: bytes) -> None:
        """Take note of what the termination was for."""
        self.port_space_full = space == b"PORT_SPACE"
        self.killed = self.killed or self.port_space_full or None

    def take_flavour(self, found: re.Match[bytes]) -> None:
        """Take note of a flavour that is printed as a number, and what stands beside it."""
        self.flavour = int(found["hex"], 16) if found["hex"] else int(found["flavour"])
        self.subtype = found["subtype"].decode() if found["subtype"] else self.subtype
        self.port = int(found["port"]) if found["port"] else self.port
        self.payload = int(found["payload"], 16) if found["payload"] else self.payload

    def take_message(self, name: bytes, port: bytes | None, payload: bytes | None, *, on_fd: bool) -> None:
        """Take note of `NAME on mach port N (guarded with 0x...)`."""
        self.name, self.on_fd = name.decode(), on_fd
        self.port = int(port) if port is not None else None
        self.payload = int(payload, 16) if payload is not None else None


def event_of(facts: Facts) -> list[GuardEvent]:
    """Make the event that the facts tell of; none if they tell of no guard exception."""
    guard = _guard_of(facts)
    if guard is None:
        return []
    code = _code_of(facts)
    event = event_of_code(code) if code is not None else _without_code(facts, guard)
    call, caller = _calls(facts.frames)
    event = replace(
        event,
        name=facts.name,
        payload=_payload_of(facts),
        process=facts.process,
        pid=facts.pid,
        os=facts.os,
        killed=facts.killed,
        call=call,
        caller=caller,
        line=facts.line,
    )
    return [replace(event, contradictions=tuple(_contradictions(facts, event)))]


def resource_of(facts: Facts) -> ResourceEvent | None:
    """Make the resource exception that the facts tell of; None if they tell of none."""
    if facts.type not in (None, "EXC_RESOURCE") or not (facts.type or facts.port_space_full):
        return None
    low = facts.codes[0] if facts.codes else None
    code = facts.code if facts.code is not None else low if low and low > _WORD else None
    if code is not None:
        event = resource_of_code(code)
    elif facts.port_space_full or facts.subtype == "PORTS":
        event = ResourceEvent(PORTS, PORT_SPACE_FULL)
    else:
        event = ResourceEvent(_RESOURCE_NUMBERS.get((facts.subtype or "").partition("_")[0]))
    if event.type == PORTS:
        event = replace(event, names=event.names or facts.limit or (low and low & NAMES_MASK))
    return replace(
        event, process=facts.process, pid=facts.pid, os=facts.os, killed=facts.killed, line=facts.line
    )


def _code_of(facts: Facts) -> int | None:
    """Give the whole code: older systems print it where later ones print the target."""
    if facts.code is None and facts.codes and facts.codes[0] > _WORD:
        return facts.codes[0]
    return facts.code


def _guard_of(facts: Facts) -> int | None:
    if facts.port_space_full or facts.type not in (None, "EXC_GUARD"):
        return None
    code = _code_of(facts)
    if code is not None:
        return event_of_code(code).guard
    if facts.subtype is not None:
        return _TYPE_NUMBERS.get(facts.subtype, 0)
    if facts.message_id is not None:
        return MACH_PORT
    if facts.name is not None:
        return 2 if facts.on_fd else MACH_PORT
    return 0 if facts.type == "EXC_GUARD" else None


def _without_code(facts: Facts, guard: int) -> GuardEvent:
    flavour = flavour_number(guard, facts.name) if facts.name else None
    if facts.message_id is not None:
        return GuardEvent(guard, _INVALID_OPTIONS, target=facts.message_id & _WORD)
    flavour = facts.flavour if flavour is None else flavour
    target = facts.port if facts.port is not None else facts.codes[0] if facts.codes else None
    fits = target is not None and 0 <= target <= _WORD
    return GuardEvent(guard if guard or facts.subtype else None, flavour, target=target if fits else None)


def _payload_of(facts: Facts) -> int | None:
    second = facts.codes[1] if facts.codes and facts.message_id is None else None
    payload = facts.payload if facts.payload is not None else second
    return None if payload is None else payload & CODE_MASK


def _contradictions(facts: Facts, event: GuardEvent) -> list[str]:
    if facts.code is None or event.guard is None or event.flavour is None or event.target is None:
        return []
    said: list[str] = []
    names = names_of(event.guard, event.flavour)
    if facts.name and names and facts.name not in names:
        said.append(f"the message says {facts.name}, the termination code says {names[0]}: the code decides")
    first = facts.codes[0] if facts.codes and facts.codes[0] <= _WORD and facts.message_id is None else None
    places = (("message", facts.port), ("line Exception Codes", first))
    said += [
        f"the {place} says 0x{target:x}, the termination code says 0x{event.target:x}: the code decides"
        for place, target in places
        if target is not None and target != event.target
    ]
    return said


def _calls(frames: list[str]) -> tuple[str | None, str | None]:
    """Name the call that raised it and who made it, from the innermost frames."""
    symbols = [frame.partition(" + ")[0].strip() for frame in frames]
    if not symbols or not symbols[0].startswith(_STUBS):
        return None, None
    call = symbols[0].removeprefix("_kernelrpc_").removesuffix("_trap")
    caller = next((symbol for symbol in symbols if not symbol.startswith(_STUBS)), None)
    return call, caller
