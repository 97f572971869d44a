"""Lines that say all in one place: of kernel logs, debuggers, crash collectors and panics."""

import re

from portaudit.collect.crash_facts import Facts
from portaudit.model.guard import GUARD_TYPES
from portaudit.model.resource import (
    PORT_SPACE_FULL,
    PORTS,
    RESOURCE_FLAVOURS,
    RESOURCES,
    ResourceEvent,
    ZonePanic,
)

_WHO = rb"(?:\[(?P<process>[^\[\]\n]{1,100}):(?P<pid>\d{1,10})\][ \t]*+)?"
_AST = re.compile(
    _WHO
    + rb"EXC_GUARD AST:[ \t]++type=(?P<type>0x[0-9a-fA-F]{1,2})[ \t]++flavor=(?P<flavour>0x[0-9a-fA-F]{1,8})"
    rb"[ \t]++target=(?P<target>0x[0-9a-fA-F]{1,8})"
    rb"(?:[ \t]++code=(?P<code>0x[0-9a-fA-F]{1,16}))?(?:[ \t]++subcode=(?P<payload>0x[0-9a-fA-F]{1,16}))?"
)
_FATAL = re.compile(
    _WHO + rb"FATAL exception:[ \t]++type=(?P<type>0x[0-9a-fA-F]{1,4})[^\n]{0,80}?"
    rb"\bcode=(?P<code>0x[0-9a-fA-F]{1,16})(?:[ \t]++subcode=(?P<payload>0x[0-9a-fA-F]{1,16}))?"
)
_EXC_RESOURCE, _EXC_GUARD = 11, 12
_EXCEPTIONS = {
    1: "EXC_BAD_ACCESS",
    2: "EXC_BAD_INSTRUCTION",
    3: "EXC_ARITHMETIC",
    5: "EXC_SOFTWARE",
    6: "EXC_BREAKPOINT",
    10: "EXC_CRASH",
    _EXC_RESOURCE: "EXC_RESOURCE",
    _EXC_GUARD: "EXC_GUARD",
    13: "EXC_CORPSE_NOTIFY",
}
"""Exception types by number (mach/exception_types.h)."""

_STOPPED = re.compile(
    rb"EXC_(?P<what>GUARD|RESOURCE) \((?:EXC_\w+, )?code=(?P<code>0x[0-9a-fA-F]{1,16}|-?\d{1,20})"
    rb"(?:,[ \t]*+subcode=(?P<payload>0x[0-9a-fA-F]{1,16}))?"
)
_SLASHED_GUARD = re.compile(
    rb"EXC_GUARD[ \t]*+/[ \t]*+(?:(?P<subtype>GUARD_TYPE_\w{1,40})|(?P<code>0x[0-9a-fA-F]{1,16}))"
    rb"(?:[ \t]*+/[ \t]*+(?:(?P<payload>0x[0-9a-fA-F]{1,16})|(?P<name>[A-Z][A-Z0-9_]{2,60}))\b)?"
    rb"(?: on mach port(?:[ \t]++(?P<port>\d{1,10})\b)?)?"
)
_NAMED_RESOURCE = re.compile(
    rb"EXC_RESOURCE\b[ \t(/]*+RESOURCE_TYPE_(?P<type>[A-Z]{2,20})\b"
    rb"(?:[ \t]*+/[ \t]*+(?P<flavour>FLAVOR_\w{1,40}))?"
)
_UNNAMED_RESOURCE = re.compile(rb"EXC_RESOURCE \(limit=")
_TOO_MANY = re.compile(
    rb"process (?P<process>[^\[\n]{1,200})\[(?P<pid>\d{1,10})\] caught allocating too many mach ports"
)
_ALLOCATED = re.compile(rb"Num of ports allocated (?P<names>\d{1,10})\b")
_PANIC = re.compile(
    rb"zone(?:_map| map) exhausted while allocating from zone \[?(?P<zone>[\w. -]{1,60}?)\]?(?:,|\Z)"
    rb"(?:[^\n]{0,200}?\b(?P<elements>\d{1,12}) elements allocated)?"
)
_PANICKED_TASK = re.compile(rb"Panicked task [^\n]{0,120}?pid (?P<pid>\d{1,10}): (?P<process>\S[^\n]{0,100})")
_NUMBERS = {name: number for number, name in RESOURCES.items()}


def guard_in(line: bytes) -> Facts | None:
    """Read a line that tells of a whole guard exception; None if it does not."""
    found = _AST.search(line)
    if found:
        return _of_ast(found)
    found = _FATAL.search(line)
    if found:
        number = int(found["type"], 16)
        facts = Facts(type=_EXCEPTIONS.get(number, f"exception type {number}"))
        facts.take_process(found["process"], found["pid"])
        facts.take_code(found["code"], found["payload"])
        return facts
    found = _STOPPED.search(line)
    if found:
        facts = Facts(type=f"EXC_{found['what'].decode()}")
        facts.take_code(found["code"], found["payload"])
        return facts
    found = _SLASHED_GUARD.search(line)
    return _of_slashed(found, line) if found else None


def _of_ast(found: re.Match[bytes]) -> Facts:
    facts = Facts(type="EXC_GUARD", subtype=GUARD_TYPES.get(int(found["type"], 16)))
    facts.take_process(found["process"], found["pid"])
    facts.flavour, facts.port = int(found["flavour"], 16), int(found["target"], 16)
    if found["code"]:
        facts.take_code(found["code"], found["payload"])
    return facts


def _of_slashed(found: re.Match[bytes], line: bytes) -> Facts:
    facts = Facts(type="EXC_GUARD", killed=True if b"SIGKILL" in line else None)
    if found["code"]:
        facts.take_code(found["code"], found["payload"])
        return facts
    facts.subtype = found["subtype"].decode()
    facts.name = found["name"].decode() if found["name"] else None
    facts.port = int(found["port"]) if found["port"] else None
    if found["payload"]:
        facts.flavour = int(found["payload"], 16)
    return facts


def resource_in(line: bytes) -> ResourceEvent | None:
    """Read a line that tells of a whole resource exception without a code; None if it does not."""
    if found := _TOO_MANY.search(line):
        counted = _ALLOCATED.search(line)
        return ResourceEvent(
            PORTS,
            PORT_SPACE_FULL,
            int(counted["names"]) if counted else None,
            found["process"].decode("utf-8", "replace"),
            int(found["pid"]),
            killed=True,
        )
    if found := _NAMED_RESOURCE.search(line):
        number = _NUMBERS.get(found["type"].decode())
        return ResourceEvent(number, _flavour_number(number, found["flavour"]))
    return ResourceEvent(None) if _UNNAMED_RESOURCE.search(line) else None


def names_allocated(line: bytes) -> int | None:
    """Read the second line of the kernel's message, which tells the number of names."""
    found = _ALLOCATED.search(line)
    return int(found["names"]) if found else None


def _flavour_number(resource: int | None, name: bytes | None) -> int | None:
    flavours = RESOURCE_FLAVOURS.get(resource or 0, {})
    return next((number for number, known in flavours.items() if name and known == name.decode()), None)


def panic_in(line: bytes) -> ZonePanic | None:
    """Read a line in which the kernel panics for want of memory in a zone; None if it does not."""
    found = _PANIC.search(line)
    if found is None:
        return None
    elements = found["elements"]
    return ZonePanic(found["zone"].decode("utf-8", "replace"), int(elements) if elements else None)


def panicked_task(line: bytes) -> tuple[int, str] | None:
    """Read who was running when the kernel panicked: pid and name."""
    found = _PANICKED_TASK.search(line)
    return (int(found["pid"]), found["process"].decode("utf-8", "replace").strip()) if found else None
