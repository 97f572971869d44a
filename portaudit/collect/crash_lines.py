"""Lines that say all in one place: of kernel logs, debuggers, crash collectors and panics."""

import re
from dataclasses import replace

from portaudit.collect.crash_facts import Facts
from portaudit.model.guard import GUARD_TYPES, MACH_PORT, event_of_upper_half
from portaudit.model.resource import (
    PORT_SPACE_FULL,
    PORTS,
    RESOURCE_FLAVOURS,
    RESOURCES,
    ResourceEvent,
    ZonePanic,
    resource_of_code,
)

_NUMBER = rb"(?:0x[0-9a-fA-F]{1,16}|(?:0|[1-9]\d{0,19}))"
_WHO = rb"(?:\[(?P<process>[^\[\]\n]{1,100}):(?P<pid>\d{1,10})\][ \t]*+)?"
_AST = re.compile(
    _WHO + rb"EXC_GUARD AST:[ \t]++type=(?P<type>%(n)s)[ \t]++flavor=(?P<flavour>%(n)s)"
    rb"[ \t]++target=(?P<target>%(n)s)(?:[ \t]++code=(?P<code>%(n)s))?(?:[ \t]++subcode=(?P<payload>%(n)s))?"
    % {b"n": _NUMBER}
)
_FATAL = re.compile(
    _WHO + rb"FATAL exception:[ \t]++type=(?P<type>%(n)s)[^\n]{0,80}?"
    rb"\bcode=(?P<code>%(n)s)(?:[ \t]++subcode=(?P<payload>%(n)s))?" % {b"n": _NUMBER}
)
_EXIT_REASON = re.compile(
    rb"(?:exit reason \(namespace: (?P<space>\w{1,20}) code: |"
    rb"termination reported by launchd \((?P<number>\d{1,3}), ?)(?P<code>0x[0-9a-fA-F]{1,16}|\d{1,20})"
)
_EXITED_PID = re.compile(rb"[:\[](?P<pid>\d{1,10})\]\)?:? (?:exited|termination)")
_OF_NAMESPACE = {
    b"23": "EXC_GUARD",
    b"GUARD": "EXC_GUARD",
    b"30": "EXC_RESOURCE",
    b"PORT_SPACE": "EXC_RESOURCE",
}
"""Namespaces of exit reasons, which launchd and RunningBoard log (bsd/sys/reason.h: OS_REASON_*)."""

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
    rb"(?:,[ \t]*+subcode=(?P<payload>0x[0-9a-fA-F]{1,16}|\d{1,20}))?"
)
_UPPER_HALF = 0xFFFF_FFFF
_SLASHED_GUARD = re.compile(
    rb"EXC_GUARD[ \t]*+/[ \t]*+"
    rb"(?:(?:(?P<subtype>GUARD_TYPE_\w{1,40})|(?P<code>0x[0-9a-fA-F]{1,16}))(?:[ \t]*+/[ \t]*+)?|)"
    rb"(?:(?:(?P<payload>0x[0-9a-fA-F]{1,16}|[1-9][0-9]{0,9})|(?P<name>k?[A-Z][A-Z0-9_]{2,60}))\b)?"
    rb"(?P<on> on mach port(?:[ \t]++(?P<port>\d{1,10})\b)?)?"
)
_NAMED_RESOURCE = re.compile(
    rb"EXC_RESOURCE\b[ \t(/:]*+RESOURCE_TYPE_(?P<type>[A-Z]{2,20})\b"
    rb"(?:[ \t]*+/[ \t]*+(?P<flavour>FLAVOR_\w{1,40}))?(?:[^\n]{0,120}?\blimit=(?P<names>\d{1,10}) ports)?"
)
_RESOURCE_HALF = re.compile(rb"EXC_RESOURCE[ \t]*+/[ \t]*+(?P<code>0x[0-9a-fA-F]{1,16})\b")
_PLAIN_RESOURCE = re.compile(rb"\bEXC_RESOURCE[ \t:/(-]{1,4}(?P<type>CPU|WAKEUPS|MEMORY|IO|THREADS|PORTS)\b")
_OF_LIMIT = {
    b"caught burning CPU": 1,
    b"caught waking the CPU": 2,
    b"crossed memory high watermark": 3,
    b"exceeded mem limit": 3,
    b"caught causing excessive I/O": 4,
    b"crossed thread high watermark": 5,
}
"""What the kernel logs of other limits, and which resource it is (osfmk/kern/task.c, thread.c)."""

_OTHER_LIMIT = re.compile(
    rb"(?:process |-> )(?P<process>[^\[\n]{1,200}?) ?\[(?P<pid>\d{1,10})\] (?:thread \d{1,20} )?"
    rb"(?P<words>%s)" % b"|".join(_OF_LIMIT)
)

_UNNAMED_RESOURCE = re.compile(rb"EXC_RESOURCE \(limit=")
_TOO_MANY = re.compile(
    rb"process (?P<process>[^\[\n]{1,200})\[(?P<pid>\d{1,10})\] caught allocating too many mach ports"
)
_ALLOCATED = re.compile(rb"Num of ports allocated (?P<names>\d{1,10})\b")
_PANIC = re.compile(
    rb"zone(?:_map| map) exhausted while allocating from zone \[?(?P<asked>[\w. -]{1,60}?)\]?(?:,|\Z)"
    rb"(?:[^\n]{0,80}? leak in zone \[?(?P<zone>[\w. -]{1,60}?)\]? \()?"
    rb"(?:[^\n]{0,200}?\b(?P<elements>\d{1,12}) elements allocated)?|"
    rb"zalloc: zone \\?\"(?P<empty>[\w. -]{1,60})\\?\" empty"
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
        number = int(found["type"], 0)
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
    return _of_slashed(found, line) if found else _of_exit(line)


def _of_exit(line: bytes) -> Facts | None:
    found = _EXIT_REASON.search(line)
    kind = _OF_NAMESPACE.get(found["space"] or found["number"]) if found else None
    if found is None or kind is None:
        return None
    facts = Facts(type=kind, killed=True)
    pid = _EXITED_PID.search(line)
    facts.take_process(None, pid["pid"] if pid else None)
    facts.take_code(found["code"], None)
    return facts


def _of_ast(found: re.Match[bytes]) -> Facts:
    facts = Facts(type="EXC_GUARD", subtype=GUARD_TYPES.get(int(found["type"], 0)))
    facts.take_process(found["process"], found["pid"])
    facts.flavour, facts.port = int(found["flavour"], 0), int(found["target"], 0)
    if found["code"]:
        facts.take_code(found["code"], found["payload"])
    return facts


def _of_slashed(found: re.Match[bytes], line: bytes) -> Facts:
    facts = Facts(type="EXC_GUARD", killed=True if b"SIGKILL" in line else None)
    if found["code"]:
        facts.take_code(found["code"], found["payload"])
        if facts.code is not None and facts.code <= _UPPER_HALF:
            facts.code, facts.payload = None, None
            half = event_of_upper_half(int(found["code"], 16))
            facts.subtype, facts.flavour = GUARD_TYPES.get(half.guard or 0), half.flavour
        return facts
    facts.subtype = found["subtype"].decode() if found["subtype"] else None
    facts.name = found["name"].decode() if found["name"] else None
    facts.port = int(found["port"]) if found["port"] else None
    facts.on = MACH_PORT if found["on"] else None
    if found["payload"]:
        facts.flavour = int(found["payload"], 0)
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
        names = int(found["names"]) if found["names"] else None
        named = None if number else found["type"].decode()
        return ResourceEvent(number, _flavour_number(number, found["flavour"]), names, named=named)
    if found := _PLAIN_RESOURCE.search(line):
        return ResourceEvent(_NUMBERS[found["type"].decode()])
    if found := _OTHER_LIMIT.search(line):
        process = found["process"].decode("utf-8", "replace")
        return ResourceEvent(_OF_LIMIT[found["words"]], process=process, pid=int(found["pid"]))
    if found := _RESOURCE_HALF.search(line):
        code = int(found["code"], 16)
        event = resource_of_code(code if code > _UPPER_HALF else code << 32)
        return event if code > _UPPER_HALF else replace(event, names=None)
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
    asked, elements = found["asked"] or found["empty"], found["elements"]
    zone = found["zone"] or asked
    return ZonePanic(
        zone.decode(),
        int(elements) if elements else None,
        asked=asked.decode() if asked != zone else None,
    )


def panicked_task(line: bytes) -> tuple[int, str] | None:
    """Read who was running when the kernel panicked: pid and name."""
    found = _PANICKED_TASK.search(line)
    return (int(found["pid"]), found["process"].decode("utf-8", "replace").strip()) if found else None
