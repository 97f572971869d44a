"""One file to findings: where they stand, how grave they are, and which of them are accepted in the file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from portaudit.lint.checking import claims
from portaudit.lint.explaining import text_of
from portaudit.lint.ignoring import ignores, sort_out
from portaudit.lint.lines import Lines
from portaudit.model.finding import Confidence, Severity
from portaudit.model.lint import FileChecked, Related, SourceFinding, SourceNote

if TYPE_CHECKING:
    from portaudit.lint.rules.claim import Claim

SEVERITIES = {
    Confidence.CERTAIN: Severity.ERROR,
    Confidence.LIKELY: Severity.WARNING,
    Confidence.HINT: Severity.NOTE,
}


def check_source(path: str, source: bytes) -> FileChecked:
    """Check one source; `path` tells its language. Raises UsageError without the extra `portaudit[lint]`."""
    told, notes = claims(path, source)
    mentions = b"portaudit:" in source
    if not told and not mentions:
        return FileChecked(path, notes=_notes(path, notes))
    lines = Lines(source)
    counting, accepted = sort_out(told, ignores(source, lines), lines)
    return FileChecked(
        path,
        tuple(sorted((_finding(path, lines, *one) for one in counting), key=lambda one: one.region)),
        tuple(_finding(path, lines, function, claim, reason) for function, claim, reason in accepted),
        _notes(path, notes),
    )


def _notes(path: str, texts: list[str]) -> tuple[SourceNote, ...]:
    return tuple(SourceNote(path, text) for text in texts)


def _finding(
    path: str, lines: Lines, function: str, claim: Claim, reason: str | None = None
) -> SourceFinding:
    region = lines.region(claim.span)
    line = lines.text(region.line)
    return SourceFinding(
        claim.rule,
        claim.confidence,
        SEVERITIES[claim.confidence],
        path,
        region,
        function,
        claim.message,
        text_of(claim.rule).title,
        text_of(claim.rule).fix,
        line,
        tuple(Related(lines.region(span), text) for span, text in claim.related),
        _fingerprint(claim.rule, path, function, line),
        reason,
    )


def _fingerprint(rule: str, path: str, function: str, line: str) -> str:
    parts = (rule, path.replace("\\", "/"), function, " ".join(line.split()))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:16]
