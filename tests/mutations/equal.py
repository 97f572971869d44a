"""Mistakes that are none: the code means the same with them, and why."""

EQUAL: dict[tuple[str, str, str], str] = {}
"""File and function, what stands there, what shall -> why nobody can notice."""
