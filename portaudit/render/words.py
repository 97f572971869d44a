"""How single facts are spelled, and how text from the machine under audit is made harmless."""

import unicodedata
from datetime import UTC, datetime

HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that can move a cursor, reorder a line or hide: never shown as they are."""


def safe(text: str, most: int = 200) -> str:
    """Spell text from another program so that no terminal and no reader can be fooled by it."""
    shown = text if len(text) <= most else text[: most - 1] + "…"
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(_escape(char) if unicodedata.category(char) in HARMFUL else char for char in shown)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def name(number: int | None) -> str:
    """Spell a port name as Mach's programmers do: 0x1103."""
    return "-" if number is None else f"0x{number:x}"


def object_id(number: int | None) -> str:
    """Spell an object id as lsmp does: 0x0c5c1a40."""
    return "-" if number is None else f"0x{number:08x}"


def moment(seconds: float | None) -> str:
    """Spell a time in UTC to the second."""
    if seconds is None:
        return "at an unknown time"
    try:
        return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, OSError, ValueError):
        return "at an impossible time"


def counted(number: int, noun: str) -> str:
    """Say `1 right`, `2 rights`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
