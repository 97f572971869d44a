"""How lsmp writes JSON: one line, keys in a fixed order, names not escaped (lsmp/json.h, port_details.c).

A process name can hold quotes and whole keys. So the end of one is where the rest of the layout goes
on: with more of it than a name has room for. An object of it is read whether or not it is valid JSON.
"""

import re
from collections.abc import Callable

from portaudit.collect.lsmp.layout import DESCRIPTION_MAX, PROCESS_NAME_MAX, TOTAL_KEYS, text_of

_HEX = rb"0x[0-9a-f]{8}"
_COUNTS = (
    b"total",
    b"send_rights",
    b"receive_rights",
    b"send_once_rights",
    b"port_sets",
    b"dead_names",
    b"dead_name requests",
    b"vouchers",
)
TOTAL_WORDS = tuple(key.decode() for key in TOTAL_KEYS)
"""lsmp's text words for the same counts, in the same order."""

_TOTALS = rb"\]," + rb",".join(b'"' + key + rb'":(?:-?\d{1,10})' for key in _COUNTS)
_ROW = rb'\{(?:"type":"[a-z ]{1,20}",)?"name":"' + _HEX + rb'","ipc-object":"' + _HEX + rb'"'
_MEMBER = rb'\{"ipc-object":"' + _HEX + rb'","rights":\["recv"'
_AFTER_OBJECT = (
    rb"(?=\}(?:,"
    + _ROW
    + rb"|,"
    + _MEMBER
    + rb"|"
    + _TOTALS
    + rb"|\]\}(?:,"
    + _ROW
    + rb"|"
    + _TOTALS
    + rb")))"
)

AFTER_ROW = rb"\}(?:," + _ROW + rb"|" + _TOTALS + rb")"
"""How lsmp goes on behind a row's last value."""

START = re.compile(rb'\s*\{"version":"[^"\\]{0,20}","processes":\[(?=\{"pid":|\]|\Z)')
PROCESS = re.compile(rb'\{"pid":(-?\d{1,10}),"name":"')
PROCESS_NAME = re.compile(
    rb"(.{0,%d}?)" % PROCESS_NAME_MAX + rb'","ports":\[(?=' + _ROW + rb"|" + _TOTALS + rb"|\Z)", re.DOTALL
)
NEXT_PROCESS = re.compile(rb"\}," + rb"(?=" + PROCESS.pattern + rb")")
ROW = re.compile(_ROW)
MEMBER = re.compile(_MEMBER)
_CELL = rb'(?:-?\d{1,20}|"[^"\\]{0,4096}"|true|false)'
RECIPES = re.compile(rb'\[((?:\{(?:"[A-Za-z_ -]{1,40}":' + _CELL + rb",?){0,32}+\},?)*+)\]")
"""What a voucher is made of, which says nothing of rights; keys differ from kernel to kernel."""
TOTALS = re.compile(_TOTALS.replace(rb"(?:-?\d{1,10})", rb"(-?\d{1,10})"))
ROW_OR_TOTALS = re.compile(rb"(?:(?<=,)|(?<=\[))(?=" + _ROW + rb")|(?=" + _TOTALS + rb")")

KEY = re.compile(rb'"([A-Za-z][A-Za-z_ -]{0,40})":')
PLAIN_STRING = re.compile(rb'"([^"\\]{0,200})"')
STRINGS = re.compile(rb'\[((?:"[^"\\]{0,100}"(?:,(?=")|(?=\])))*+)\]')
NUMBER = re.compile(rb"-?\d{1,20}(?=[,}])")
BOOLEAN = re.compile(rb"(true|false)(?=[,}])")
ESCAPED_STRING = re.compile(rb'"([^"\\]{0,1024}+(?:\\.[^"\\]{0,1024}+){0,1024}+)"(?=\}|,")', re.DOTALL)
ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
PROCESS_STRING = re.compile(rb'"(.{0,%d}?)"' % PROCESS_NAME_MAX + _AFTER_OBJECT, re.DOTALL)
DESCRIPTION_STRING = re.compile(
    rb'"(.{0,%d}?)"' % DESCRIPTION_MAX + rb'(?:(?=,"(?:pid|recipes)":)|' + _AFTER_OBJECT + rb")", re.DOTALL
)
"""A description of lsmp up to system_cmds-880 (macOS 11), which did not escape it."""


Value = str | int | bool | list[str] | list[dict[str, "Value"]]
Fields = dict[str, Value]


def read_object(data: bytes, at: int) -> tuple[Fields, int] | None:
    """Read the object that begins at this offset, and the offset behind it; None if it is broken."""
    fields: Fields = {}
    if data[at : at + 2] == b"{}":
        return fields, at + 2
    while data[at : at + 1] in (b"{", b","):
        found = KEY.match(data, at + 1)
        value = _read_value(found[1].decode(), data, found.end()) if found else None
        if found is None or value is None or found[1].decode() in fields:
            return None
        fields[found[1].decode()], at = value
    return (fields, at + 1) if data[at : at + 1] == b"}" else None


def _read_value(key: str, data: bytes, at: int) -> tuple[Value, int] | None:
    if key == "process":
        return _matched(PROCESS_STRING, data, at, text_of)
    if key == "description":
        return _matched(ESCAPED_STRING, data, at, _unescaped) or _matched(
            DESCRIPTION_STRING, data, at, text_of
        )
    if key == "members":
        return _read_members(data, at)
    if key == "recipes":
        return _matched(RECIPES, data, at, lambda _: [])
    first = data[at : at + 1]
    if first == b'"':
        return _matched(PLAIN_STRING, data, at, text_of)
    if first == b"[":
        return _matched(STRINGS, data, at, _list_of)
    if first in (b"t", b"f"):
        return _matched(BOOLEAN, data, at, lambda word: word == b"true")
    found = NUMBER.match(data, at)
    return (int(found[0]), found.end()) if found else None


def _matched(
    pattern: re.Pattern[bytes], data: bytes, at: int, convert: Callable[[bytes], Value]
) -> tuple[Value, int] | None:
    found = pattern.match(data, at)
    return (convert(found[1]), found.end()) if found else None


def _unescaped(raw: bytes) -> str:
    return text_of(ESCAPE.sub(rb"\1", raw))


def _list_of(raw: bytes) -> list[str]:
    return [text_of(word) for word in raw[1:-1].split(b'","')] if raw else []


def _read_members(data: bytes, at: int) -> tuple[Value, int] | None:
    """Read the members of a port set; each must begin as lsmp begins one."""
    members: list[Fields] = []
    begin, at = at, at + 1
    while MEMBER.match(data, at):
        read = read_object(data, at)
        if read is None:
            return None
        members.append(read[0])
        at = read[1] + (data[read[1] : read[1] + 1] == b",")
    return (members, at + 1) if data[at : at + 1] == b"]" and data[begin : begin + 1] == b"[" else None
