"""What XNU leaves to chance: in which order new names are handed out, and when generations roll over."""

from __future__ import annotations

import random
from typing import Protocol

SEQUENTIAL = 8  # NUM_SEQ_ENTRIES: the first names of a space are in order, osfmk/ipc/ipc_space.c:91


class Chance(Protocol):
    """Decides for one space."""

    def order(self, bottom: int, top: int) -> list[int]:
        """Order the new slots from `bottom` up to, not including, `top` for handing out."""

    def rollover(self, index: int) -> int:
        """Choose when the generations of a slot start again: 0 to 3 for after 63, 47, 31 or 15 uses."""


class Dice:
    """Chance as XNU has it, from a seed: the same seed gives the same names."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  names need no secrecy here, replays need repetition

    def order(self, bottom: int, top: int) -> list[int]:
        """Order the new slots: a first few in order, then from either end (osfmk/ipc/ipc_space.c:208)."""
        sequential = SEQUENTIAL if bottom == 1 else 1
        order = list(range(bottom, min(bottom + sequential, top)))
        low, high = bottom + len(order), top - 1
        while low <= high:
            if self._random.getrandbits(1):
                order.append(high)
                high -= 1
            else:
                order.append(low)
                low += 1
        return order

    def rollover(self, index: int) -> int:  # noqa: ARG002  chance does not look at the slot
        """Choose the length of the slot's next lap."""
        return self._random.getrandbits(2)
