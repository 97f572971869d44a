"""What was tried on a machine, claim by claim: a value that travels from a Mac to whoever reads it."""

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """Whether a claim held where it was tried."""

    YES = "yes"
    NO = "no"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of one claim: `about` is the README's row that it speaks for, `seen` what decided it."""

    id: str
    about: str
    sentence: str
    answer: Answer
    seen: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All claims of one machine, and what machine that was. `taken` is a day, ISO 8601."""

    version: str
    taken: str
    machine: dict[str, str]
    tried: tuple[Tried, ...]
