"""Text as people paste it, made what the program had printed: the one step before the readers.

Readers know how lsmp and crash reporters write, and nothing else. People hand over what is quoted, indented,
numbered, coloured, escaped or in another encoding. A change is made only if more lines than before can
then be read, so that a text which nobody touched stays as it is, whatever names stand in it.
"""

from collections.abc import Callable, Iterator

from portaudit.collect.pasted.encoding import as_utf8
from portaudit.collect.pasted.own_lines import SAMPLE, count_own_lines
from portaudit.collect.pasted.prefix import without_prefix
from portaudit.collect.pasted.wrappings import JSON_ALONE, ON_ONE_LINE, STEPS, Step

__all__ = ["as_utf8", "unpasted"]

_ROUNDS = 8
"""A text is wrapped no deeper: quoted, in a list, with entities, in a JSON string ..."""

_GLANCE = 1 << 14
"""Bytes at which two changes are tried, one after the other."""


def unpasted(data: bytes) -> bytes:
    """Give the text as it was before it was pasted; the same bytes if nothing was done to it."""
    data = as_utf8(data)
    for _ in range(_ROUNDS):
        changed = _better(data)
        if changed is None:
            return data
        data = changed
    return data


def _better(data: bytes) -> bytes | None:
    """Give the text after the first change that makes more of it readable; None if there is none."""
    for step in STEPS:
        changed = _tried(step, data)
        if changed is not None:
            return changed
    bare = without_prefix(data)
    if bare is not None and count_own_lines(bare[:SAMPLE]) > count_own_lines(data[:SAMPLE]):
        return bare
    # JSON has no lines to lose, and a large one takes long to look for them
    one_line = None if data.lstrip()[:1] == b"{" else _tried(ON_ONE_LINE, data)
    return one_line or _tried(JSON_ALONE, data) or _first_of_two(data)


def _first_of_two(data: bytes) -> bytes | None:
    """Give the text after a change that helps only if another follows: colours before each line's quote."""
    glance = data[:_GLANCE]
    now = None
    for first in _possible(glance):
        once = first(glance)
        if once is None:
            continue
        now = count_own_lines(glance) if now is None else now
        if any(count_own_lines(second(once) or b"") > now for second in _possible(once)):
            return first(data)
    return None


def _possible(data: bytes) -> Iterator[Callable[[bytes], bytes | None]]:
    """Give the changes for which there is a sign."""
    for step in (*STEPS, JSON_ALONE):
        if step.sign in data and step.trigger.search(data):
            yield from step.changes
    yield without_prefix


def _tried(step: Step, data: bytes) -> bytes | None:
    found = step.trigger.search(data) if step.sign in data else None
    if found is None:
        return None
    begin = data.rfind(b"\n", 0, max(0, found.start() - SAMPLE // 4)) + 1
    sample = data[begin : begin + SAMPLE]
    best = max(step.changes, key=lambda change: count_own_lines(change(sample)))
    gain = count_own_lines(best(sample)) - count_own_lines(sample)
    return best(data) if gain > 0 or (gain == 0 and step.drops_others) else None
