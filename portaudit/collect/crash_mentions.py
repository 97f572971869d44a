"""What a text says of an exception in passing: a crash collector's document, or a sentence of a bug report.

Read last, where neither the members of an .ips nor the lines of a report tell which exception it was. A
number counts as a code only where EXC_GUARD or EXC_RESOURCE is named beside it, and if its bits can be that.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from portaudit.collect.crash_facts import Facts
from portaudit.collect.crash_ips import take_identity
from portaudit.collect.crash_lines import panic_in
from portaudit.model.guard import CODE_MASK, GUARD_TYPES, event_of_code
from portaudit.model.guard_flavours import ALL_NAMES
from portaudit.model.resource import ZonePanic, resource_of_code

_BEFORE, _AFTER = 200, 400
"""Bytes around the type in which its code stands."""

_MENTIONED_TYPE = re.compile(
    rb"""\bEXC_(?P<name>GUARD|RESOURCE)\b|"""
    rb"""\b(?:mach_?)?(?:exception(?:_?type)?|exc_type|kind)["']?[ \t]{0,4}[:=]?[ \t]{0,4}"""
    rb"""(?P<number>1[12])\b(?!%)""",
    re.IGNORECASE,
)
_NAMES = {b"11": "EXC_RESOURCE", b"12": "EXC_GUARD"}
_CODE = re.compile(rb"(?<![\w.-])(?:0x[0-9a-fA-F]{16}|-?\d{18,20})\b")
_SUBCODE = re.compile(
    rb"""\bsubcode["']?\s{0,9}[:=]?\s{0,9}["']?(?:Some\()?(0x[0-9a-fA-F]{1,16}|-?\d{1,20})\b""",
    re.IGNORECASE,
)
_GUARD_TYPE = re.compile(rb"\bGUARD_TYPE_\w{1,40}")
_EXHAUSTED = re.compile(rb"zone[ _]map\s{1,9}exhausted")
_KILLED = re.compile(rb"""\bSIGKILL\b|"signal"\s{0,9}:\s{0,9}9\b""")
_FLAVOUR = re.compile(
    rb"\bflavou?r(?: number| of)?[ =:]{1,3}(?P<flavour>0x[0-9a-fA-F]{1,8}|\d{1,8})\b", re.IGNORECASE
)
_WORD = re.compile(rb"\b(?:k?GUARD_EXC_)?([A-Z][A-Z_0-9]{2,40})\b")
_MACH_PORT = re.compile(rb"\bmach[ _-]?port", re.IGNORECASE)
_ON_PORT = re.compile(
    rb"\b(?:mach port|port name|on name)[ =:]{1,3}(0x[0-9a-fA-F]{1,8}|\d{1,10})\b(?!%)", re.IGNORECASE
)
_PORT_SPACE = re.compile(rb"\bport[ -]space\b|\bmach[ -]ports\b", re.IGNORECASE)
_PORTS = re.compile(
    rb"\bPORT_SPACE\b|(?:Exceeded|Crossed) system-wide per-process Port Limit|\(Limit [\d,]{1,12} ports\)"
)
_LIMIT = re.compile(rb"\(Limit (?P<names>[\d,]{1,12}) ports\)")


def mentioned(data: bytes) -> Iterator[Facts]:
    """Give each exception that the text tells of, with its code, its flavour, or its kind of resource."""
    end = 0
    for found in _MENTIONED_TYPE.finditer(data):
        if found.start() < end:
            continue
        facts = _beside(data, found)
        if facts is not None:
            end = found.end() + _AFTER
            yield facts
    if not end:
        yield from _port_space(data)


def take_surroundings(facts: Facts, data: bytes) -> None:
    """Take from a document (JSON) who it was, and whether a signal killed it."""
    if data.lstrip()[:1] in (b"{", b"["):
        take_identity(facts, data)
        facts.killed = facts.killed or (True if _KILLED.search(data) else None)


def wrapped_panic(data: bytes) -> list[ZonePanic]:
    """Read a panic for want of kernel memory whose words a page or a mail broke into lines."""
    found = _EXHAUSTED.search(data)
    if found is None:
        return []
    panic = panic_in(b" ".join(data[found.start() : found.end() + _AFTER].split()))
    line = data.count(b"\n", 0, found.start()) + 1
    return [replace(panic, line=line)] if panic else []


def _beside(data: bytes, found: re.Match[bytes]) -> Facts | None:
    kind = f"EXC_{found['name'].decode().upper()}" if found["name"] else _NAMES[found["number"]]
    facts = Facts(type=kind, line=data.count(b"\n", 0, found.start()) + 1)
    around = data[max(0, found.start() - _BEFORE) : found.end() + _AFTER]
    facts.killed = True if _KILLED.search(around) else None
    if _take_code(facts, around):
        return facts
    end = data.find(b"\n", found.end())
    sentence = data[found.start() : end if end >= 0 else len(data)][:_AFTER]
    if not found["name"]:
        return None
    if kind == "EXC_GUARD":
        return _take_words(facts, sentence)
    facts.port_space_full = _PORT_SPACE.search(sentence) is not None
    return facts if facts.port_space_full else None


def _take_code(facts: Facts, around: bytes) -> bool:
    for found in _CODE.finditer(around):
        code = int(found[0], 0) & CODE_MASK if found[0][:1] != b"0" or found[0][1:2] == b"x" else 0
        if _can_be(code, facts.type):
            subcode = _SUBCODE.search(around)
            facts.code = code
            facts.payload = int(subcode[1], 0) & CODE_MASK if subcode else None
            return True
    return False


def _can_be(code: int, kind: str | None) -> bool:
    if kind == "EXC_RESOURCE":
        return resource_of_code(code).known
    guard = event_of_code(code)
    return guard.guard in GUARD_TYPES and bool(guard.guard) and bool(guard.flavour)


def _take_words(facts: Facts, sentence: bytes) -> Facts | None:
    """Take a type of guard, and a flavour by its name or its number, that one sentence names."""
    named = _GUARD_TYPE.search(sentence)
    flavour = _FLAVOUR.search(sentence)
    words = [word for word in map(bytes.decode, _WORD.findall(sentence)) if word in ALL_NAMES]
    port = _ON_PORT.search(sentence)
    facts.subtype = named[0].decode() if named else None
    facts.name = words[0] if words else None
    facts.port = int(port[1], 0) if port else None
    facts.flavour = int(flavour["flavour"], 0) if flavour else None
    if facts.subtype is None and facts.flavour is not None and _MACH_PORT.search(sentence):
        facts.subtype = "GUARD_TYPE_MACH_PORT"
    return facts if facts.name or facts.subtype else None


def _port_space(data: bytes) -> Iterator[Facts]:
    """Take a full port space that is told of without its exception's type and code."""
    found = _PORTS.search(data)
    if found:
        limit = _LIMIT.search(data)
        facts = Facts(port_space_full=True, killed=True, line=data.count(b"\n", 0, found.start()) + 1)
        facts.limit = int(limit["names"].replace(b",", b"")) if limit else None
        yield facts
