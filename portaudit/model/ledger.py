"""A ledger as values: the calls that changed a process's rights, in order, with the stacks that made them.

And what it adds to a finding: where references were acquired and given back.
"""

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


SYSTEM = ("/usr/lib", "/lib/", "/lib64/", "/System/", "/Library/Apple/", "linux-vdso", "[")
"""How the paths of the system's own images begin."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One place in a stack: a return address, as far as it could be told."""

    image: str
    """The path of the program or library; "" if nothing was loaded there."""
    offset: int
    """Of the return address, from the image's beginning; the address itself if there is no image."""
    id: str = ""
    """The image's UUID or build id in hex digits."""
    symbol: str | None = None
    file: str | None = None
    line: int | None = None

    @property
    def own(self) -> bool:
        """Whether it lies in the program's own code rather than in the system's."""
        return bool(self.image) and not self.image.startswith(SYSTEM)

    @property
    def image_name(self) -> str:
        """The last part of the image's path."""
        return self.image.rsplit("/", 1)[-1]

    @property
    def file_name(self) -> str | None:
        """The last part of the source file's path."""
        return self.file.rsplit("/", 1)[-1] if self.file else None

    def __str__(self) -> str:
        """Say it as stacks are read: function (file:line), or image+offset."""
        if self.symbol is None:
            return f"{self.image_name or '?'}+0x{self.offset:x}"
        at = f":{self.line}" if self.line else ""
        return f"{self.symbol} ({self.file_name}{at})" if self.file else self.symbol


Stack = tuple[Frame, ...]
"""The caller of the recorded function first."""


@dataclass(frozen=True, slots=True)
class Origin:
    """References that one function gave, called from one place."""

    function: str
    stack: Stack
    kept: int
    """Those that are still there. Of references to one name it is a choice which: see `least`."""
    acquired: int
    """All that it gave in the time that was audited."""
    least: int = 0
    """So many are kept however the releases are paired."""
    rounds: tuple[int, ...] = ()
    """Those kept from each round of a series."""

    @property
    def certain(self) -> bool:
        """Whether it keeps them however the releases are paired."""
        return self.least >= self.kept


@dataclass(frozen=True, slots=True)
class Release:
    """A release of a reference that nobody in the ledger had acquired, or that was refused."""

    function: str
    stack: Stack
    count: int = 1
    code: int | None = 0
    """The call's return code; None if it never came back."""
    earlier: Release | None = None
    """The release of the same name before it."""


@dataclass(frozen=True, slots=True)
class Where:
    """What one ledger tells of the references that a finding is about."""

    ledger: str
    """The ledger's path."""
    references: int
    """References gained (positive) or lost (negative)."""
    known: int = 0
    """So many of those gained have an origin."""
    unknown: int = 0
    """References gained (positive) or lost (negative) by what the ledger did not see."""
    origins: tuple[Origin, ...] = ()
    """The one that keeps most first."""
    releases: tuple[Release, ...] = ()
    incomplete: str | None = None
    """Why events may be missing, if they may."""

    @property
    def place(self) -> Frame | None:
        """The first frame of own code with a source line, of what weighs most: where to look."""
        stacks = [origin.stack for origin in self.origins] + [release.stack for release in self.releases]
        return next((frame for stack in stacks for frame in stack if frame.own and frame.line), None)
