"""Text as people paste it, made what the program had printed: the one step before the readers.

Readers know how lsmp and crash reporters write, and nothing else. People hand over what is quoted, indented,
numbered, coloured, escaped or in another encoding. A change is made only if more lines than before can
then be read, so that a text which nobody touched stays as it is, whatever names stand in it.
"""

from portaudit.collect.pasted.encoding import as_utf8
from portaudit.collect.pasted.own_lines import SAMPLE, count_own_lines
from portaudit.collect.pasted.prefix import without_prefix
from portaudit.collect.pasted.wrappings import ON_ONE_LINE, STEPS, Step

__all__ = ["as_utf8", "unpasted"]

_ROUNDS = 8
"""A text is wrapped no deeper: quoted, in a list, with entities, in a JSON string ..."""


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
    return None if data.lstrip()[:1] == b"{" else _tried(ON_ONE_LINE, data)


def _tried(step: Step, data: bytes) -> bytes | None:
    found = step.trigger.search(data) if step.sign in data else None
    if found is None:
        return None
    begin = data.rfind(b"\n", 0, max(0, found.start() - SAMPLE // 4)) + 1
    sample = data[begin : begin + SAMPLE]
    best = max(step.changes, key=lambda change: count_own_lines(change(sample)))
    gain = count_own_lines(best(sample)) - count_own_lines(sample)
    return best(data) if gain > 0 or (gain == 0 and step.drops_others) else None
