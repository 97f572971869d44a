"""One object of lsmp's JSON, whether or not it is valid JSON."""

import re
from collections.abc import Callable

from portaudit.collect.lsmp import json_layout as layout
from portaudit.collect.lsmp.layout import text_of

Value = str | int | bool | list[str] | list[dict[str, "Value"]]
Fields = dict[str, Value]


def read_object(data: bytes, at: int) -> tuple[Fields, int] | None:
    """Read the object that begins at this offset, and the offset behind it; None if it is broken."""
    fields: Fields = {}
    if data[at : at + 2] == b"{}":
        return fields, at + 2
    while data[at : at + 1] in (b"{", b","):
        found = layout.KEY.match(data, at + 1)
        value = _read_value(found[1].decode(), data, found.end()) if found else None
        if found is None or value is None or found[1].decode() in fields:
            return None
        fields[found[1].decode()], at = value
    return (fields, at + 1) if data[at : at + 1] == b"}" else None


def _read_value(key: str, data: bytes, at: int) -> tuple[Value, int] | None:
    if key == "process":
        return _matched(layout.PROCESS_STRING, data, at, text_of)
    if key == "description":
        return _matched(layout.ESCAPED_STRING, data, at, _unescaped) or _matched(
            layout.DESCRIPTION_STRING, data, at, text_of
        )
    if key == "members":
        return _read_members(data, at)
    if key == "recipes":
        return _matched(layout.RECIPES, data, at, lambda _: [])
    first = data[at : at + 1]
    if first == b'"':
        return _matched(layout.PLAIN_STRING, data, at, text_of)
    if first == b"[":
        return _matched(layout.STRINGS, data, at, _list_of)
    if first in (b"t", b"f"):
        return _matched(layout.BOOLEAN, data, at, lambda word: word == b"true")
    found = layout.NUMBER.match(data, at)
    return (int(found[0]), found.end()) if found else None


def _matched(
    pattern: re.Pattern[bytes], data: bytes, at: int, convert: Callable[[bytes], Value]
) -> tuple[Value, int] | None:
    found = pattern.match(data, at)
    return (convert(found[1]), found.end()) if found else None


def _unescaped(raw: bytes) -> str:
    return text_of(layout.ESCAPE.sub(rb"\1", raw))


def _list_of(raw: bytes) -> list[str]:
    return [text_of(word) for word in raw[1:-1].split(b'","')] if raw else []


def _read_members(data: bytes, at: int) -> tuple[Value, int] | None:
    """Read the members of a port set; each must begin as lsmp begins one."""
    members: list[Fields] = []
    begin, at = at, at + 1
    while layout.MEMBER.match(data, at):
        read = read_object(data, at)
        if read is None:
            return None
        members.append(read[0])
        at = read[1] + (data[read[1] : read[1] + 1] == b",")
    return (members, at + 1) if data[at : at + 1] == b"]" and data[begin : begin + 1] == b"[" else None
