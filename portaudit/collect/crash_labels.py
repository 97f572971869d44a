"""Lines of a report that begin with a label, however a page, a form or a hand dressed them up."""

import re

_LABELS = (
    rb"Exception Type|Exception Subtype|Exception Codes|Exception Message|Exception Note|Termination Reason|"
    rb"OS Version|Process"
)
_CANONICAL = {label.lower(): label for label in _LABELS.split(b"|")}

_DRESSED = re.compile(
    rb"[\s|*`>#+-]*+(?P<label>" + _LABELS + rb")[ \t*`]*+[:=|](?P<value>[^\r\n]{0,1000})", re.IGNORECASE
)
_MARKS = re.compile(rb"[*`|]+")
"""Of bold letters, of code, of the cells of a table."""

_LOUD = re.compile(rb"\b(?:NAMESPACE|CODE|LIMIT|PORTS\)|ON MACH PORT|ON FILE DESCRIPTOR|GUARDED WITH)\b|0X")
_QUIET = {b"NAMESPACE": b"Namespace", b"CODE": b"Code", b"LIMIT": b"Limit"}
"""What reports do not write in capitals."""


def as_printed(line: bytes) -> bytes | None:
    """Give the line as a crash reporter prints it; None if no label of a report begins it."""
    found = _DRESSED.match(line)
    if found is None:
        return None
    label, value = found["label"], _MARKS.sub(b" ", found["value"]).strip()
    if label.isupper():
        value = _LOUD.sub(lambda word: _QUIET.get(word[0], word[0].lower()), value)
    return _CANONICAL[label.lower()] + b": " + value
