"""Text as people paste it, made what the program had printed: the one step before the readers.

Readers know how lsmp and crash reporters write, and nothing else. People hand over what is quoted, indented,
numbered, coloured, escaped or in another encoding. A change is made only if more lines than before can
then be read, so that a text which nobody touched stays as it is, whatever names stand in it.
"""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

from portaudit.collect.pasted.own_lines import SAMPLE, count_own_lines, prefixes_in
from portaudit.collect.pasted.wrappings import JSON_ALONE, ON_ONE_LINE, STEPS, Step

__all__ = ["as_utf8", "unpasted"]

_ROUNDS = 8
"""A text is wrapped no deeper: quoted, in a list, with entities, in a JSON string ..."""

Measure = Callable[[bytes], int]

_COUNTED = 8
"""Texts of which is known how much can be read: most changes are tried on the same one."""

_GLANCE = 1 << 14
"""Bytes at which two changes are tried, one after the other."""


def unpasted(data: bytes) -> bytes:
    """Give the text as it was before it was pasted; the same bytes if nothing was done to it."""
    data = as_utf8(data)
    count = lru_cache(_COUNTED)(count_own_lines)
    for _ in range(_ROUNDS):
        changed = _better(data, count)
        if changed is None:
            return data
        data = changed
    return data


def _better(data: bytes, count: Measure) -> bytes | None:
    """Give the text after the first change that makes more of it readable; None if there is none."""
    for step in STEPS:
        changed = _tried(step, data, count)
        if changed is not None:
            return changed
    bare = without_prefix(data)
    if bare is not None and count(bare[:SAMPLE]) > count(data[:SAMPLE]):
        return bare
    # JSON has no lines to lose, and a large one takes long to look for them
    one_line = None if data.lstrip()[:1] == b"{" else _tried(ON_ONE_LINE, data, count)
    return one_line or _without_words_around(data, count) or _first_of_two(data, count)


def _without_words_around(data: bytes, count: Measure) -> bytes | None:
    """Give lsmp's JSON alone. Before what begins with it are no words, and looking takes long."""
    if data.lstrip().startswith(JSON_ALONE.sign) and data.count(JSON_ALONE.sign) == 1:
        return None
    return _tried(JSON_ALONE, data, count)


def _first_of_two(data: bytes, count: Measure) -> bytes | None:
    """Give the text after a change that helps only if another follows: colours before each line's quote."""
    glance = data[:_GLANCE]
    for first in _possible(glance):
        once = first(glance)
        if once is None:
            continue
        if any(count(second(once) or b"") > count(glance) for second in _possible(once)):
            return first(data)
    return None


def _possible(data: bytes) -> Iterator[Callable[[bytes], bytes | None]]:
    """Give the changes for which there is a sign."""
    for step in (*STEPS, JSON_ALONE):
        if step.sign in data and step.trigger.search(data):
            yield from step.changes
    yield without_prefix


def _tried(step: Step, data: bytes, count: Measure) -> bytes | None:
    found = step.trigger.search(data) if step.sign in data else None
    if found is None:
        return None
    begin = data.rfind(b"\n", 0, max(0, found.start() - SAMPLE // 4)) + 1
    sample = data[begin : begin + SAMPLE]
    now, counts = count(sample), [count(change(sample)) for change in step.changes]
    gain = max(counts) - now
    best = step.changes[counts.index(max(counts))]
    return best(data) if gain > 0 or (gain == 0 and step.drops_others) else None


_FIRST = 1 << 12
_MOSTLY = 0.8
"""In UTF-16 every other byte of plain text is zero; names may hold other letters."""

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def as_utf8(data: bytes) -> bytes:
    """Give a text in UTF-8 without a byte order mark; anything but UTF-16 keeps its bytes."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _recoded(data[len(mark) :], encoding)
    if b"\0" not in data[:_FIRST]:
        return data
    for encoding, at in (("utf-16-le", 1), ("utf-16-be", 0)):
        high = data[:_FIRST][at::2]
        if high and high.count(0) >= _MOSTLY * len(high):
            return _recoded(data, encoding)
    return data


def _recoded(data: bytes, encoding: str) -> bytes:
    if encoding == "utf-8":
        return data
    return data.decode(encoding, "replace").encode("utf-8", "replace")


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
