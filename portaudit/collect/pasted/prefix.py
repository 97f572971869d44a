"""What stands before each line of a pasted text: marks of a quotation or a list, blanks, times, numbers."""

import re
from collections import Counter

from portaudit.collect.pasted.own_lines import SAMPLE, prefixes_in

_ENOUGH = SAMPLE // 4
"""Bytes that show what stands before each line."""

_SHAPES = 4
"""So many kinds of prefix in one text: a program of another name, a time of another length."""

_TOKEN = re.compile(rb"[0-9A-Za-z]+|[ \t]+|.", re.DOTALL)
_CLOSING = {b"|": rb"\|", "│".encode(): "│".encode(), "┃".encode(): "┃".encode(), b"`": b"`"}
"""Marks that stand at both ends of a line."""


def without_prefix(data: bytes) -> bytes | None:
    """Take away what stands before each line, and behind it if it is a bar; None if nothing does."""
    prefixes = list(prefixes_in(data[:_ENOUGH]))
    there = [prefix for prefix in prefixes if prefix]
    if len(there) * 2 <= len(prefixes):
        return None
    shapes = Counter(map(_shape, there))
    blanks = max(len(prefix) - len(prefix.rstrip(b" \t")) for prefix in there)
    shape = b"|".join(shape + rb"[ \t]{0,%d}" % blanks for shape, _ in shapes.most_common(_SHAPES))
    bare = re.sub(rb"^(?:" + shape + rb")", b"", data, flags=re.MULTILINE)
    for mark, pattern in _CLOSING.items():
        if any(mark in prefix for prefix in prefixes):
            bare = re.sub(rb"(?:[ \t]*" + pattern + rb")+[ \t\r]*$", b"", bare, flags=re.MULTILINE)
    return bare


def _shape(prefix: bytes) -> bytes:
    """Make a pattern of a prefix up to its last blanks: numbers and words may differ, marks may not."""
    tokens = _TOKEN.findall(prefix.rstrip(b" \t"))
    word = rb"\d+" if prefix and not re.search(rb"[A-Za-z]", prefix) else rb"[0-9A-Za-z]+"
    blanks = (rb"[ \t]*", rb"[ \t]+")
    return b"".join(
        word if token.isalnum() else blanks[place > 0] if token.isspace() else re.escape(token)
        for place, token in enumerate(tokens)
    )
