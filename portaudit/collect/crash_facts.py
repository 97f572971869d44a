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
_ALL_FATAL_SINCE = 26
"""macOS; see flavour_number."""
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
    on: int | None = None
    """The type of guard that the words `on mach port` or `on file descriptor` tell of."""
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
            self.payload = int(payload, 16 if payload.startswith(b"0x") else 10)

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

    def complete(self, mention: "Facts") -> None:
        """Put to it what a text mentions beside it."""
        self.code = mention.code if self.code is None else self.code
        self.payload = mention.payload if self.payload is None else self.payload
        self.name, self.flavour = self.name or mention.name, self.flavour or mention.flavour
        self.subtype, self.port = self.subtype or mention.subtype, self.port or mention.port

    def take_message(self, name: bytes, port: bytes | None, payload: bytes | None, on: int) -> None:
        """Take note of `NAME on mach port N (guarded with 0x...)`."""
        self.name, self.on = name.decode(), on
        self.port = int(port, 0) if port is not None else None
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
    full = facts.port_space_full or facts.subtype == "PORTS"
    if facts.type not in (None, "EXC_RESOURCE") or not (facts.type or full):
        return None
    low = facts.codes[0] if facts.codes else None
    code = facts.code if facts.code is not None else low if low and low > _WORD else None
    if code is not None and not (full and resource_of_code(code).type != PORTS):
        event = resource_of_code(code)
    elif full:
        event = ResourceEvent(PORTS, PORT_SPACE_FULL)
    else:
        number = _RESOURCE_NUMBERS.get((facts.subtype or "").partition("_")[0])
        event = ResourceEvent(number, named=None if number else facts.subtype)
    if event.type == PORTS or (event.type is None and event.named is None):
        event = replace(event, names=event.names or facts.limit or (low and low & NAMES_MASK))
    return replace(
        event, process=facts.process, pid=facts.pid, os=facts.os, killed=facts.killed, line=facts.line
    )


def _code_of(facts: Facts) -> int | None:
    """Give the whole code: older systems print it where later ones print the target, or an address."""
    if facts.code is not None or not facts.codes or facts.codes[0] <= _WORD:
        return facts.code
    guard = event_of_code(facts.codes[0]).guard
    said = _TYPE_NUMBERS.get(facts.subtype or "", guard)
    return facts.codes[0] if guard and guard == said else None


def _guard_of(facts: Facts) -> int | None:
    if facts.port_space_full or facts.type not in (None, "EXC_GUARD"):
        return None
    code = _code_of(facts)
    if code is not None:
        return event_of_code(code).guard
    if facts.subtype is not None and facts.subtype.startswith("GUARD_TYPE_"):
        return _TYPE_NUMBERS.get(facts.subtype, 0)
    of_name = _of_a_name(facts.name) if facts.name else None
    if facts.type is None:  # a sentence like those of guards, maybe in a text of something else
        return facts.on if facts.payload is not None or of_name == facts.on == MACH_PORT else None
    return facts.on or of_name or (MACH_PORT if facts.message_id is not None else 0)


def _of_a_name(name: str) -> int | None:
    """Tell which type of guard has a flavour of this name."""
    return next((guard for guard in _TYPE_NUMBERS.values() if flavour_number(guard, name)), None)


def _without_code(facts: Facts, guard: int) -> GuardEvent:
    flavour = flavour_number(guard, facts.name, fatal=_is_fatal(facts)) if facts.name else None
    if facts.message_id is not None:
        return GuardEvent(guard, _INVALID_OPTIONS, target=facts.message_id & _WORD)
    flavour = facts.flavour if flavour is None else flavour
    target = facts.port if facts.port is not None else facts.codes[0] if facts.codes else None
    fits = target is not None and 0 <= target <= _WORD
    return GuardEvent(guard if guard or facts.subtype else None, flavour, target=target if fits else None)


def _is_fatal(facts: Facts) -> bool:
    """Whether the process was killed, or runs on a system where all that it may be kills."""
    system = re.search(r"macOS (\d{1,4})\b", facts.os or "")
    return bool(facts.killed) or (system is not None and int(system[1]) >= _ALL_FATAL_SINCE)


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
