"""Apple's lsmp: its text and its JSON into snapshots."""

from portaudit.collect.lsmp.reader import begins_like_lsmp, looks_like_lsmp, read_lsmp

__all__ = ["begins_like_lsmp", "looks_like_lsmp", "read_lsmp"]
