"""How work that takes long tells how far it has got; who listens decides whether anything is shown."""

from collections.abc import Callable

Progress = Callable[[str, float], object]
"""Hears what is done now, and which share of the whole was done before, from 0 to 1."""


def in_silence(_what: str, _share: float) -> None:
    """Show nothing."""
