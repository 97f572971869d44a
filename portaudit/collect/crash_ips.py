"""Read the members of an .ips crash report (JSON) that tell of a guard exception, whole file or fragment.

A fragment has no braces around it, and a report may be cut off: so the members are found one by one.
"""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from portaudit.collect.crash_facts import Facts
from portaudit.model.guard import CODE_MASK, MACH_PORT

_WINDOW = 1 << 14
"""Bytes that one member may have: they are far smaller."""

_MEMBER = re.compile(rb"""(exception|termination)["']?\s{0,20}[:=]\s{0,20}(?=\{)""")
_QUOTES = b"\"'"


def ips_members(data: bytes, begin: int = 0, end: int | None = None) -> Iterator[re.Match[bytes]]:
    """Give the beginnings of members of JSON, or of a dictionary of Python, as scripts print a report."""
    for found in _MEMBER.finditer(data, begin, len(data) if end is None else end):
        before = data[max(0, found.start() - 2) : found.start()].rstrip(_QUOTES)[-1:]
        if not (before.isalnum() or before in (b"_", b"\\")):
            yield found


_WHOLE = re.compile(r"0x[0-9a-fA-F]{1,16}|-?(?:0|[1-9]\d{0,19})", re.ASCII)
_PAIR = re.compile(r"\s*(0x[0-9a-fA-F]{1,16}),\s*(0x[0-9a-fA-F]{1,16})\s*", re.ASCII)
_NAMESPACES = {"GUARD": "EXC_GUARD", "PORT_SPACE": "EXC_RESOURCE"}
_LIMIT = re.compile(r"\(Limit (\d{1,10}) ports\)")
_MESSAGE_ID = re.compile(r"called with msgh_id (\d{1,10})\b")
_UNKNOWN_FLAVOUR = re.compile(r"Unknown GUARD_TYPE_\w{1,40} flavor (\d{1,10})\b")
_HEAD = re.compile(rb'^\{(?=[^\n]{0,2000}"bug_type")[^\n]{1,4000}\}[ \t\r]*$', re.MULTILINE)
"""The first line of an .ips file: an object of its own, before that of the report."""

_BRACES = re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|[{}]""")
_FLAVOUR = re.compile(r"\bflavor=0x([0-9a-f]{1,8}) \(")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_MESSAGE = re.compile(r"([A-Z][A-Z0-9_]{2,60}) on (mach port|file descriptor)")
ON = {"mach port": MACH_PORT, "file descriptor": 2}
"""What messages say that a guard is on, and its type."""

_GUARDED_WITH = re.compile(r"guarded with 0x([0-9a-fA-F]{1,16})\)")
_ON_PORT = re.compile(r" on (?:mach port|file descriptor) (\d{1,10})\b")
_TRIGGERED = re.compile(rb'(?<!\\)"triggered"\s{0,20}:\s{0,20}true')
_SYMBOL = re.compile(rb'(?<!\\)"symbol"\s{0,20}:\s{0,20}"([^"\\\n]{1,300})"')
_STRING = rb"""(?:"([^"\\\n]{0,200})"|'([^'\\\n]{0,200})')"""


_MEMBERS: dict[str, tuple[tuple[bytes, ...], bytes]] = {
    "process": ((b"procName", b"process_name"), _STRING),
    "pid": ((b"pid", b"process_id"), rb"(\d{1,10})"),
    "os": ((b"train", b"osVersion"), _STRING),
}
"""Fact -> how its member is called, and its value, as JSON or as Python writes it."""

_PATTERNS = {
    name: re.compile(rb"""(?:%s)["']\s{0,20}:\s{0,20}%s""" % (b"|".join(names), value))
    for name, (names, value) in _MEMBERS.items()
}


def ips_reports(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Part what was put into one file, with the lines before each: a report begins with a line of its own."""
    begins = [found.start() for found in _HEAD.finditer(data)]
    for begin, end in zip([0, *begins], [*begins, len(data)], strict=True):
        if any(ips_members(data, begin, end)):
            yield data.count(b"\n", 0, begin), data[begin:end]


def read_ips(data: bytes, lines_before: int = 0) -> Facts:
    """Gather what the members `exception` and `termination` say, and who it was."""
    exception, at = _member(data, b"exception")
    termination, _ = _member(data, b"termination")
    facts = Facts(line=lines_before + data.count(b"\n", 0, at) + 1 if at is not None else None)
    facts.type = _text(exception.get("type"))
    facts.killed = True if exception.get("signal") == "SIGKILL" else None
    facts.subtype = _text(exception.get("subtype"))
    facts.codes = _codes(exception)
    _take_message(facts, exception)
    code, space = termination.get("code"), _text(termination.get("namespace"))
    if space in _NAMESPACES:
        facts.code = _whole(code)
        facts.type = facts.type or _NAMESPACES[space]
        facts.port_space_full = space == "PORT_SPACE"
        facts.killed = facts.killed or facts.port_space_full or None
        limit = _LIMIT.search(_text(termination.get("indicator")) or "")
        facts.limit = int(limit[1]) if limit else None
    take_identity(facts, data)
    _take_frames(facts, data)
    return facts


def _whole(code: object) -> int | None:
    """Read a number, which some programs write as a string."""
    if type(code) is int:
        return code
    return int(code, 0) if isinstance(code, str) and _WHOLE.fullmatch(code) else None


def _member(data: bytes, name: bytes) -> tuple[dict[str, Any], int | None]:
    for found in ips_members(data):
        if found[1] == name:
            return member_at(data, found.end()), found.start()
    return {}, None


def member_at(data: bytes, at: int) -> dict[str, Any]:
    """Read the value that begins at this brace, as JSON or as Python prints it; empty if it is neither."""
    text = data[at : at + _WINDOW].decode("utf-8", "replace")
    value = _decoded(text) or _evaluated(text)
    return value if isinstance(value, dict) else {}


def _evaluated(text: str) -> object:
    """Read a dictionary as Python prints it, up to its closing brace."""
    depth = 0
    for found in _BRACES.finditer(text):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            if _CONTROL.search(text, 0, found.end()):
                return None  # as in JSON: what a terminal's colours stand in is not sound yet
            try:
                return ast.literal_eval(text[: found.end()])
            except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
                return None
    return None


def _decoded(text: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _codes(exception: dict[str, Any]) -> tuple[int, int] | None:
    raw = exception.get("rawCodes")
    if isinstance(raw, list | tuple) and len(raw) == 2 and all(type(code) is int for code in raw):  # noqa: PLR2004  a pair
        return raw[0] & CODE_MASK, raw[1] & CODE_MASK
    pair = _PAIR.fullmatch(_text(exception.get("codes")) or "")
    return (int(pair[1], 16), int(pair[2], 16)) if pair else None


def _take_message(facts: Facts, exception: dict[str, Any]) -> None:
    message = _text(exception.get("message")) or ""
    violations = exception.get("violations")
    violated = violations[0] if isinstance(violations, list) and violations else None
    unknown = _UNKNOWN_FLAVOUR.search(message) or _UNKNOWN_FLAVOUR.search(_text(violated) or "")
    if found := _MESSAGE_ID.search(message):
        facts.message_id = int(found[1])
    elif unknown:
        facts.flavour = int(unknown[1])
    elif found := _FLAVOUR.search(message):
        facts.flavour = int(found[1], 16)
    elif found := _MESSAGE.search(message):
        facts.name, facts.on = found[1], ON[found[2]]
    elif isinstance(violated, str):
        facts.name = violated
    port, guarded = exception.get("port"), exception.get("guardId")
    on_port, guarded_with = _ON_PORT.search(message), _GUARDED_WITH.search(message)
    facts.port = port if type(port) is int else int(on_port[1]) if on_port else None
    facts.payload = guarded if type(guarded) is int else int(guarded_with[1], 16) if guarded_with else None


def take_identity(facts: Facts, data: bytes) -> None:
    """Take note of who it was, by the members that say so."""
    for name, (words, _) in _MEMBERS.items():
        found = _first_member(data, words, _PATTERNS[name]) if getattr(facts, name) is None else None
        if found:
            text = next(filter(None, found.groups()), b"").decode("utf-8", "replace")
            setattr(facts, name, int(text) if name == "pid" else text)


def _first_member(
    data: bytes, words: tuple[bytes, ...], pattern: re.Pattern[bytes]
) -> re.Match[bytes] | None:
    """Find the first member of these names; a name that is not there takes no time."""
    if not any(word in data for word in words):
        return None
    for found in pattern.finditer(data):
        before = data[max(0, found.start() - 2) : found.start()]
        if before[-1:] in (b'"', b"'") and before[:-1] != b"\\":
            return found
    return None


def _take_frames(facts: Facts, data: bytes) -> None:
    triggered = _TRIGGERED.search(data)
    if triggered:
        window = data[triggered.end() : triggered.end() + _WINDOW]
        symbols = (found[1].decode("utf-8", "replace") for found in _SYMBOL.finditer(window))
        facts.frames = [symbol for _, symbol in zip(range(Facts.FRAMES_MAX), symbols, strict=False)]
