"""Where references were acquired and given back: what a ledger adds to a finding."""

from __future__ import annotations

from dataclasses import dataclass

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
