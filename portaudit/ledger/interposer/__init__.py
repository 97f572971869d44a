"""The interposer: one C file that a process carries along, and which records its calls."""

from pathlib import Path

from portaudit.ledger.interposer.wrappers import wrappers

PLACE_OF_WRAPPERS = "/*@ WRAPPERS @*/"


def source() -> str:
    """Give the whole C file: what is written by hand, with what is written from the table in its place."""
    core = Path(__file__).with_name("portaudit_ledger.c").read_text(encoding="utf-8")
    return core.replace(PLACE_OF_WRAPPERS, wrappers())
