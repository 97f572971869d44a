"""What is found in sources: a place with a region, what is wrong there, how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portaudit.model.severity import Confidence, Severity


@dataclass(frozen=True, slots=True, order=True)
class Region:
    """A stretch of a file: lines and columns from 1, in UTF-16 code units; the end is behind the last."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a finding."""

    region: Region
    text: str


@dataclass(frozen=True, slots=True)
class SourceFinding:
    """One thing that is wrong in a source."""

    rule: str
    confidence: Confidence
    severity: Severity
    path: str
    region: Region
    function: str
    """The function in which it stands."""
    message: str
    """What happens here, as one or two sentences."""
    title: str
    """What the rule is about, in a few words."""
    fix: str
    line: str
    """The line of the source, or its first if there are several."""
    related: tuple[Related, ...] = ()
    fingerprint: str = ""
    """The same as long as the rule, the file, the function and its order among its like are the same."""
    reason: str | None = None
    """Why it is accepted; None for one that counts."""


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Something to know of the reading of a file; it is no finding."""

    path: str
    text: str
    unread: bool = False
    """The file could not be read at all."""


@dataclass(frozen=True, slots=True)
class FileChecked:
    """What one file gave."""

    path: str
    findings: tuple[SourceFinding, ...] = ()
    accepted: tuple[SourceFinding, ...] = ()
    notes: tuple[SourceNote, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What all files gave."""

    files: int
    findings: tuple[SourceFinding, ...] = ()
    accepted: tuple[SourceFinding, ...] = ()
    notes: tuple[SourceNote, ...] = ()
