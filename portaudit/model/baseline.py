"""The findings that a project had on the day it began to look, by fingerprint."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Accepted:
    """Findings of one fingerprint that are accepted as they are."""

    fingerprint: str
    rule: str
    title: str
    role: str | None = None
    kobject: str | None = None
    description: str | None = None
    peer: str | None = None
    count: int = 1
    """How many findings have this fingerprint; one more than that is new."""
    reason: str = ""
    """Why it is accepted, for a person to fill in."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is accepted, and the file that says so."""

    accepted: tuple[Accepted, ...] = ()
    file: str | None = None
