"""The ways to read a port space: the words that name them, and whether each works."""

from dataclasses import dataclass
from enum import StrEnum

AUTO = "auto"
"""The least privilege that works, and lsmp last."""
LSMP = "lsmp"
"""Apple's own program, run for each reading."""
WAYS = (AUTO, "space-info", "names", LSMP)


class WayState(StrEnum):
    """Whether a way of reading works."""

    OK = "ok"
    NOT_HERE = "not here"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One way of reading a port space: does it work here, why not, and what next."""

    way: str
    state: WayState
    reason: str
    next_step: str
