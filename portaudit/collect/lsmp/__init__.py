"""Apple's lsmp: its text and its JSON into snapshots, and the program itself."""

from portaudit.collect.lsmp.reader import looks_like_lsmp, read_lsmp

__all__ = ["looks_like_lsmp", "read_lsmp"]
