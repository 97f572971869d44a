"""Read the members of an .ips crash report (JSON) that tell of a guard exception, whole file or fragment.

A fragment has no braces around it, and a report may be cut off: so the members are found one by one.
"""

import json
import re
from typing import Any

from portaudit.collect.crash_facts import Facts

_WINDOW = 1 << 14
"""Bytes that one member may have: they are far smaller."""

IPS_MEMBER = re.compile(rb"""(?<![\\\w])["']?(?:exception|termination)["']?\s{0,20}:\s{0,20}\{""")
"""A member of JSON, or of a Python dictionary, as scripts print a report that they have read."""


_NAMESPACES = {"GUARD": "EXC_GUARD", "PORT_SPACE": "EXC_RESOURCE"}
_LIMIT = re.compile(r"\(Limit (\d{1,10}) ports\)")
_MESSAGE_ID = re.compile(r"called with msgh_id (\d{1,10})\b")
_UNKNOWN_FLAVOUR = re.compile(r"Unknown GUARD_TYPE_\w{1,40} flavor (\d{1,10})\b")
_PYTHON_WORDS = {"'": '"', "None": "null", "True": "true", "False": "false"}
_PYTHON_WORD = re.compile(r"'|\b(?:None|True|False)\b")
_MESSAGE = re.compile(r"([A-Z][A-Z0-9_]{2,60}) on (mach port|file descriptor)")
_GUARDED_WITH = re.compile(r"guarded with 0x([0-9a-fA-F]{1,16})\)")
_ON_PORT = re.compile(r" on (?:mach port|file descriptor) (\d{1,10})\b")
_TRIGGERED = re.compile(rb'(?<!\\)"triggered"\s{0,20}:\s{0,20}true')
_SYMBOL = re.compile(rb'(?<!\\)"symbol"\s{0,20}:\s{0,20}"([^"\\\n]{1,300})"')
_MEMBERS = {
    "process": re.compile(rb'(?<!\\)"procName"\s{0,20}:\s{0,20}("[^"\\\n]{0,200}")'),
    "pid": re.compile(rb'(?<!\\)"pid"\s{0,20}:\s{0,20}(\d{1,10})'),
    "os": re.compile(rb'(?<!\\)"train"\s{0,20}:\s{0,20}("[^"\\\n]{0,200}")'),
}


def read_ips(data: bytes) -> Facts:
    """Gather what the members `exception` and `termination` say, and who it was."""
    exception, at = _member(data, b"exception")
    termination, _ = _member(data, b"termination")
    facts = Facts(line=data.count(b"\n", 0, at) + 1 if at is not None else None)
    facts.type = _text(exception.get("type"))
    facts.killed = True if exception.get("signal") == "SIGKILL" else None
    facts.subtype = _text(exception.get("subtype"))
    facts.codes = _codes(exception)
    _take_message(facts, exception)
    code, space = termination.get("code"), _text(termination.get("namespace"))
    if space in _NAMESPACES:
        facts.code = code if type(code) is int else None
        facts.type = facts.type or _NAMESPACES[space]
        facts.port_space_full = space == "PORT_SPACE"
        facts.killed = facts.killed or facts.port_space_full or None
        limit = _LIMIT.search(_text(termination.get("indicator")) or "")
        facts.limit = int(limit[1]) if limit else None
    _take_identity(facts, data)
    _take_frames(facts, data)
    return facts


def _member(data: bytes, name: bytes) -> tuple[dict[str, Any], int | None]:
    found = re.search(rb"""(?<![\\\w])["']?""" + name + rb"""["']?\s{0,20}:\s{0,20}(?=\{)""", data)
    if found is None:
        return {}, None
    return member_at(data, found.end()), found.start()


def member_at(data: bytes, at: int) -> dict[str, Any]:
    """Read the value that begins at this brace, as JSON or as Python prints it; empty if it is neither."""
    text = data[at : at + _WINDOW].decode("utf-8", "replace")
    value = _decoded(text) or _decoded(_PYTHON_WORD.sub(lambda word: _PYTHON_WORDS[word[0]], text))
    return value if isinstance(value, dict) else {}


def _decoded(text: str) -> object:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _codes(exception: dict[str, Any]) -> tuple[int, int] | None:
    raw = exception.get("rawCodes")
    if isinstance(raw, list) and len(raw) == 2 and all(type(code) is int for code in raw):  # noqa: PLR2004  a pair
        return raw[0], raw[1]
    return None


def _take_message(facts: Facts, exception: dict[str, Any]) -> None:
    message = _text(exception.get("message")) or ""
    violations = exception.get("violations")
    violated = violations[0] if isinstance(violations, list) and violations else None
    unknown = _UNKNOWN_FLAVOUR.search(message) or _UNKNOWN_FLAVOUR.search(_text(violated) or "")
    if found := _MESSAGE_ID.search(message):
        facts.message_id = int(found[1])
    elif unknown:
        facts.flavour = int(unknown[1])
    elif found := _MESSAGE.search(message):
        facts.name, facts.on_fd = found[1], found[2] == "file descriptor"
    elif isinstance(violated, str):
        facts.name = violated
    port, guarded = exception.get("port"), exception.get("guardId")
    on_port, guarded_with = _ON_PORT.search(message), _GUARDED_WITH.search(message)
    facts.port = port if type(port) is int else int(on_port[1]) if on_port else None
    facts.payload = guarded if type(guarded) is int else int(guarded_with[1], 16) if guarded_with else None


def _take_identity(facts: Facts, data: bytes) -> None:
    for name, pattern in _MEMBERS.items():
        if found := pattern.search(data):
            try:
                setattr(facts, name, json.loads(found[1].decode("utf-8", "replace")))
            except ValueError:
                continue


def _take_frames(facts: Facts, data: bytes) -> None:
    triggered = _TRIGGERED.search(data)
    if triggered:
        window = data[triggered.end() : triggered.end() + _WINDOW]
        symbols = (found[1].decode("utf-8", "replace") for found in _SYMBOL.finditer(window))
        facts.frames = [symbol for _, symbol in zip(range(Facts.FRAMES_MAX), symbols, strict=False)]
