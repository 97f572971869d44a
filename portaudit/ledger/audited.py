"""One ledger's events in the time that was audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portaudit.ledger.pairing import Paired
    from portaudit.ledger.stacks import Stacks
    from portaudit.model.ledger import Event, Ledger


@dataclass(frozen=True, slots=True)
class Window:
    """The time that was audited: when each snapshot was taken, in seconds since 1970."""

    moments: tuple[float, ...]

    @property
    def begin(self) -> float:
        """When the first was."""
        return self.moments[0]

    @property
    def end(self) -> float:
        """When the last was."""
        return self.moments[-1]

    def round_of(self, when: float) -> int:
        """Say in which round a moment lies, from 0."""
        return sum(moment <= when for moment in self.moments[1:-1])


@dataclass(frozen=True, slots=True)
class Joined:
    """One ledger's events between the snapshots, paired."""

    ledger: Ledger
    window: Window
    paired: Paired
    events: dict[int, Event]
    stacks: Stacks
    incomplete: str | None
    late: bool
    """Recording began after the first snapshot: harmless if nothing happened between, and the sums tell."""
