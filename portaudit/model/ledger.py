"""A ledger as values: the calls that changed a process's rights, in order, with the stacks that made them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

EVERYTHING = -(1 << 31)
"""A change that takes all rights and references at the name."""


class Event(NamedTuple):
    """One change of one name's references. Its place in the ledger is its order in time.

    A plain tuple, since there are millions of them.
    """

    sequence: int
    done: bool
    """Whether the references changed; not so where the call was refused, or never came back."""
    begun_only: bool
    """The call never came back: the process was killed in it, or the ledger was read meanwhile."""
    code: int
    """The call's return code; 0 for what has none."""
    when: float
    """Seconds since 1970."""
    thread: int
    name: int
    change: int
    """References gained or lost; EVERYTHING: all that the name has."""
    call: int
    """The sequence of the first event of the same call: an array of rights makes one event each."""
    function: str
    right: int
    """MACH_PORT_RIGHT_*; 255: whichever user references the name has."""
    stack: int
    """Which of the ledger's stacks; 0 is the empty one."""

    @property
    def key(self) -> tuple[int, bool]:
        """What is counted together: a receive right or port set apart from the references at its name."""
        return self.name, self.right in {1, 3}


@dataclass(frozen=True, slots=True)
class Image:
    """A program or library, where it was loaded, and from when to when."""

    since: int
    """The sequence at which it was known to be loaded."""
    base: int
    length: int
    id: str
    """Its UUID or build id in hex digits; "" if it has none."""
    path: str
    until: int | None = None
    """The sequence at which it was unloaded; None if that was not seen."""

    def holds(self, address: int, sequence: int) -> bool:
        """Say whether an address lay in it when that event happened."""
        inside = self.base <= address < self.base + self.length
        return inside and self.since <= sequence and (self.until is None or sequence < self.until)


@dataclass(frozen=True)
class Ledger:
    """What one recorder wrote of one process."""

    path: str
    pid: int
    recorder: str
    """interposer or lldb."""
    architecture: str
    """x86_64 or arm64."""
    started: float
    """Seconds since 1970."""
    ended: float | None
    """The same; None if the process did not come to its end, or had not yet."""
    taken: int
    """Places taken, also those for which there was no room."""
    dropped: int
    """Events for which there was no room: origins are incomplete if there are any."""
    events: tuple[Event, ...]
    stacks: tuple[tuple[int, ...], ...] = ((),)
    """Return addresses, the caller of the recorded function first; the first stack is empty."""
    images: tuple[Image, ...] = ()
    functions: frozenset[str] = field(default_factory=frozenset)
    """What it records, also what was never called."""
