"""The ways in which a text is wrapped as a whole, and how each is undone."""

import html
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from portaudit.collect.pasted.own_lines import REPORT_KEYS, count_own_lines

Change = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Step:
    """One way of wrapping: what shows that it may have been done, and changes that would undo it."""

    sign: bytes
    """What the trigger cannot match without: to see that a large print has none takes no time."""
    trigger: re.Pattern[bytes]
    changes: tuple[Change, ...]
    drops_others: bool = False
    """The changes leave out what is none of the print: that none of its lines is lost is enough."""


def _remove(pattern: bytes, put: bytes = b"") -> Change:
    compiled = re.compile(pattern, re.MULTILINE | re.IGNORECASE)
    return lambda data: compiled.sub(put, data)


_HARD_BLANK = "\xa0".encode()
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_ESCAPE = re.compile(rb'\\([nrt"\\/])')
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def _in_json_strings(data: bytes) -> bytes:
    """Give the text of the JSON strings that hold lines or members of a print or report."""
    strings = (found[0] for found in _STRING.finditer(data) if b"\\n" in found[0] or b'\\"' in found[0])
    return b"\n".join(text for text in map(_loaded, strings) if count_own_lines(text) or b"\\n" in text)


def _loaded(literal: bytes) -> bytes:
    try:
        return str(json.loads(literal, strict=False)).encode("utf-8", "replace")
    except ValueError:
        return _without_escapes(literal[1:-1])


def _as_json_string(data: bytes) -> bytes:
    return _loaded(b'"' + data.strip(b"\r\n") + b'"')


def _without_escapes(data: bytes) -> bytes:
    return _ESCAPE.sub(lambda found: _ESCAPED.get(found[1], found[1]), data)


def _json_alone(data: bytes) -> bytes:
    """Give lsmp's JSON without what stands before and behind it; one that was cut off goes to its end."""
    found = _JSON_BEGINS.search(data)
    if found is None:
        return data
    end = data.rfind(b"]}", found.start())
    return data[found.start() : end + 2 if end >= 0 else len(data)]


def _in_fences(data: bytes) -> bytes:
    """Give what stands in the code blocks of a Markdown text."""
    return b"\n".join(found[1] for found in _FENCED.finditer(data))


def _unescaped(data: bytes) -> bytes:
    """Undo HTML's entities; what is no UTF-8 stays as it is."""
    return html.unescape(data.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _unescaped_blanks(data: bytes) -> bytes:
    return _unescaped(data).replace(_HARD_BLANK, b" ")


_JSON_BEGINS = re.compile(rb'\{"version":"[^"\n]{1,20}","processes":')
_FENCED = re.compile(rb"^(?:```|~~~)[^\n]*\n(.*?)(?:^(?:```|~~~)|\Z)", re.MULTILINE | re.DOTALL)
_TAG = (
    rb"</?(?:a|b|blockquote|body|code|div|em|font|head|html|i|kbd|li|ol|p|pre|samp|span|strong|table|tbody|td|"
    rb"tr|tt|ul)(?:\s[^<>\n]{0,300})?>"
)

STEPS = (
    Step(b"\\", re.compile(rb'\\n|\\"'), (_in_json_strings, _as_json_string)),
    Step(b"\x1b", re.compile(rb"\x1b\["), (_remove(rb"\x1b\[[0-9;:]*[A-Za-z]"),)),
    Step(
        b"&",
        re.compile(rb"&(?:#\w+|[a-z]+);", re.IGNORECASE),
        (_unescaped, _unescaped_blanks, lambda data: _unescaped_blanks(_unescaped(data))),
    ),
    Step(b"\xa0", re.compile(_HARD_BLANK), (_remove(_HARD_BLANK, b" "),)),
    Step(b"\xa0", re.compile(rb"\xa0"), (_remove(rb"(?<![\x80-\xff])\xa0", b" "),)),
    Step(b"\xe2", re.compile(rb"\xe2\x80\x8b"), (_remove(rb"\xe2\x80\x8b"),)),
    Step(b"\xef", re.compile(rb"\xef\xbb\xbf"), (_remove(rb"\xef\xbb\xbf"),)),
    Step(b"<", re.compile(rb"<br\s?/?>", re.IGNORECASE), (_remove(rb"<br\s?/?>\n?", b"\n"),)),
    Step(b"<", re.compile(_TAG, re.IGNORECASE), (_remove(_TAG),)),
    Step(b"`", re.compile(rb"```"), (_in_fences,), drops_others=True),
    Step(b"~", re.compile(rb"~~~"), (_in_fences,), drops_others=True),
    Step(b"\r\r", re.compile(rb"\r\r+\n"), (_remove(rb"\r\r+\n", b"\n"),)),
    Step(b"|", re.compile(rb"name\s*\|\s*ipc-object"), (lambda data: data.replace(b"|", b" "),)),
    Step(b"*", re.compile(rb"\*\*"), (_remove(rb"\*\*|(?<!\w)__|__(?!\w)"),)),
)
"""What is undone, in this order, before what stands before each line."""

ON_ONE_LINE = Step(
    b"Exception ",
    re.compile(rb"[^\s>|*#+-][ \t]+Exception (?:Type|Codes|Subtype|Message):[ \t]"),
    (_remove(rb"[ \t](?=(?:%s|Thread \d+ Crashed):[ \t])" % REPORT_KEYS, b"\n"),),
)
"""A whole report on one line, as forms and chats make it; tried last, as a prefix looks like it."""

JSON_ALONE = Step(
    b'{"version":', re.compile(rb"[^\s{].{0,99}" + _JSON_BEGINS.pattern, re.DOTALL), (_json_alone,)
)
"""Words around lsmp's JSON; tried last, as a mark before each of its lines looks like them."""
