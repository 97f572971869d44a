"""The encoding of a text that went through an editor, a browser or another system."""

import codecs

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
