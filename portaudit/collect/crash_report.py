"""Read guard exceptions out of crash reports, old (crash_text) and new (crash_ips), logs and sentences.

What a text says in passing, a crash collector's document or a sentence of a bug report, is read last: where
neither the members of an .ips nor the lines of a report tell which exception it was. A number counts as a
code only where EXC_GUARD or EXC_RESOURCE is named beside it, and if its bits can be that.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from portaudit.collect.crash_facts import Facts, event_of, resource_of
from portaudit.collect.crash_ips import ips_reports, read_ips, take_identity
from portaudit.collect.crash_lines import panic_in
from portaudit.collect.crash_text import TextReport
from portaudit.collect.not_understood import NotUnderstood
from portaudit.model.guard import CODE_MASK, GUARD_TYPES, GuardReading, event_of_code
from portaudit.model.guard_flavours import ALL_NAMES
from portaudit.model.resource import ZonePanic, resource_of_code


def read_crash_report(data: bytes) -> GuardReading:
    """Read every guard exception of a crash report (.ips or text, whole or torn out) or a log.

    Never raises: what holds no guard exception says so in `declined`.
    """
    lost = NotUnderstood()
    report = TextReport(data, lost)
    of_today = [fact for before, part in ips_reports(data) if (fact := read_ips(part, before)).type]
    facts = of_today or report.read()
    mentions: list[Facts] = []
    if not report.resources and not any(map(_is_whole, facts)):
        mentions = list(_mentioned(data))
        facts = _completed(facts, mentions)
    told = [fact for fact in facts if fact.type or fact.line]
    if len(told) == 1 and not of_today:
        _take_surroundings(told[0], data)
    events = tuple(event for fact in facts for event in event_of(fact))
    panics_or_logged = report.resources or _wrapped_panic(data)
    resources = (*filter(None, map(resource_of, facts)), *panics_or_logged)
    found = events or resources
    read = {fact.line for fact in mentions}
    not_understood = tuple(line for line in lost.lines() if line.line not in read)
    return GuardReading(events, not_understood, None if found else _why_none(facts, data), resources)


def _is_whole(facts: Facts) -> bool:
    """Whether it is told which exception it was, or that it was another than those that are read here."""
    if facts.type not in (None, "EXC_GUARD", "EXC_RESOURCE"):
        return True
    known = (event.guard and event.flavour for event in event_of(facts))
    resource = resource_of(facts)
    return any(known) or (resource is not None and resource.type is not None)


def _completed(facts: list[Facts], mentions: list[Facts]) -> list[Facts]:
    """Put what a text mentions in passing to the report in it, or take it alone."""
    spoken = [fact for fact in facts if fact.type]
    if len(spoken) == 1 and len(mentions) == 1 and spoken[0].type == mentions[0].type:
        spoken[0].complete(mentions[0])
        return facts
    return mentions or facts


def _why_none(facts: list[Facts], data: bytes) -> str:
    for fact in facts:
        if fact.type and fact.type != "EXC_GUARD":
            return f"this is a report of {fact.type}, not of a guard exception (EXC_GUARD)"
    for fact in facts:
        if fact.frames:
            return (
                f"there is a backtrace, innermost {fact.frames[0]}, but nothing that says which guard: "
                f"the lines Exception Type, Exception Codes and Termination Reason are needed"
            )
    for word in ("EXC_GUARD", "EXC_RESOURCE"):
        if word.encode() in data:
            return (
                f"it speaks of {word} and says neither type nor code: the lines Exception Subtype, Exception "
                f"Codes and Termination Reason of the report are needed, or the line of the kernel's log"
            )
    if b"panic(cpu" in data:
        return "this is a panic of the kernel, and not one for want of memory for ports"
    return "there is no guard exception (EXC_GUARD) in it, and none for ports that ran out (EXC_RESOURCE)"


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


def _mentioned(data: bytes) -> Iterator[Facts]:
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


def _take_surroundings(facts: Facts, data: bytes) -> None:
    """Take from a document (JSON) who it was, and whether a signal killed it."""
    if data.lstrip()[:1] in (b"{", b"["):
        take_identity(facts, data)
        facts.killed = facts.killed or (True if _KILLED.search(data) else None)


def _wrapped_panic(data: bytes) -> list[ZonePanic]:
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
