"""What the lines of one crash report say, and the event that follows: the termination code decides."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from portaudit.model.guard import CODE_MASK, GUARD_TYPES, MACH_PORT, GuardEvent, event_of_code
from portaudit.model.guard_flavours import flavour_number, names_of

_TYPE_NUMBERS = {name: number for number, name in GUARD_TYPES.items()}
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
        self.line = line if self.type == "EXC_GUARD" else None

    def take_code(self, code: bytes, payload: bytes | None) -> None:
        """Take note of a whole code, in hex or decimal."""
        self.code = int(code, 0) if code.startswith(b"0x") else int(code)
        if payload is not None:
            self.payload = int(payload, 16)

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
    event = event_of_code(facts.code) if facts.code is not None else _without_code(facts, guard)
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


def _guard_of(facts: Facts) -> int | None:
    if facts.type is not None and facts.type != "EXC_GUARD":
        return None
    if facts.code is not None:
        return event_of_code(facts.code).guard
    if facts.subtype is not None:
        return _TYPE_NUMBERS.get(facts.subtype, 0)
    if facts.name is not None:
        return 2 if facts.on_fd else MACH_PORT
    return 0 if facts.type == "EXC_GUARD" else None


def _without_code(facts: Facts, guard: int) -> GuardEvent:
    flavour = flavour_number(guard, facts.name) if facts.name else None
    target = facts.port if facts.port is not None else facts.codes[0] if facts.codes else None
    fits = target is not None and 0 <= target <= _WORD
    return GuardEvent(guard if guard or facts.subtype else None, flavour, target=target if fits else None)


def _payload_of(facts: Facts) -> int | None:
    payload = facts.payload if facts.payload is not None else facts.codes[1] if facts.codes else None
    return None if payload is None else payload & CODE_MASK


def _contradictions(facts: Facts, event: GuardEvent) -> list[str]:
    if facts.code is None or event.guard is None or event.flavour is None or event.target is None:
        return []
    said: list[str] = []
    names = names_of(event.guard, event.flavour)
    if facts.name and names and facts.name not in names:
        said.append(f"the message says {facts.name}, the termination code says {names[0]}: the code decides")
    places = (("message", facts.port), ("line Exception Codes", facts.codes[0] if facts.codes else None))
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
