"""One file to findings: where they stand, in lines and columns, how grave, and what the file accepts.

`// portaudit: ignore[S3] reason` says that a source is as it should be.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portaudit.lint.checking import claims
from portaudit.lint.program import Span
from portaudit.lint.rules import Claim, text_of
from portaudit.model.lint import FileChecked, Region, Related, SourceFinding, SourceNote
from portaudit.model.severity import Confidence, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHOWN_MAX = 400
"""Bytes of a line that a report shows."""


class Lines:
    """The lines of a source; columns count UTF-16 code units, as SARIF's readers do."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = [0]
        at = source.find(b"\n")
        while at >= 0:
            self.starts.append(at + 1)
            at = source.find(b"\n", at + 1)

    def line(self, at: int) -> int:
        """Give the line of a byte, from 1."""
        return bisect_right(self.starts, at)

    def end(self, line: int) -> int:
        """Give the byte behind a line, its line feed included."""
        return self.starts[line] if line < len(self.starts) else len(self.source)

    def column(self, at: int) -> int:
        """Give the column of a byte, from 1."""
        start = self.starts[self.line(at) - 1]
        return len(self.source[start:at].decode("utf-8", "replace").encode("utf-16-le")) // 2 + 1

    def region(self, span: Span) -> Region:
        """Give the region of a span."""
        return Region(
            self.line(span.start), self.column(span.start), self.line(span.end), self.column(span.end)
        )

    def text(self, line: int) -> str:
        """Give the text of a line, at most so much of it as a report shows."""
        start = self.starts[line - 1]
        end = min(self.end(line), start + SHOWN_MAX)
        return self.source[start:end].decode("utf-8", "replace").rstrip("\r\n")


COMMENT = re.compile(rb"(?://|/\*)[ \t]*portaudit:[ \t]*ignore(?P<rules>\[[^\]\n]*\])?(?P<reason>[^\n]*)")
RULE = re.compile(r"S\d+\Z")
ABOUT_COMMENTS = "S0"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One comment: the rules that it names, why, and the line that it speaks of."""

    span: Span
    rules: frozenset[str]
    reason: str
    line: int
    mistake: str = ""


def ignores(source: bytes, lines: Lines) -> list[Ignore]:
    """Find the comments; one that stands alone in its line speaks of the next line of code."""
    if b"portaudit:" not in source:
        return []
    return [_ignore(match, source, lines) for match in COMMENT.finditer(source)]


def _ignore(match: re.Match[bytes], source: bytes, lines: Lines) -> Ignore:
    line = lines.line(match.start())
    before = source[lines.starts[line - 1] : match.start()]
    if not before.strip():
        line = _next_code(source, lines, line)
    listed = (match["rules"] or b"").strip(b"[]").decode("utf-8", "replace")
    rules = frozenset(word.strip().upper() for word in listed.split(",") if word.strip())
    told = match["reason"].rstrip().removesuffix(b"*/")
    reason = told.decode("utf-8", "replace").strip(" \t:-")
    return Ignore(Span(match.start(), match.end()), rules, reason, line, _mistake(rules, reason))


def _next_code(source: bytes, lines: Lines, line: int) -> int:
    for number in range(line + 1, len(lines.starts) + 1):
        text = source[lines.starts[number - 1] : lines.end(number)].strip()
        if text and not COMMENT.match(text):
            return number
    return line


def _mistake(rules: frozenset[str], reason: str) -> str:
    if not rules or not all(RULE.match(rule) for rule in rules):
        return "it names no rule: write `portaudit: ignore[S3] reason`"
    return "" if reason else "it gives no reason: write why this is as it should be"


def sort_out(
    told: Iterable[tuple[str, Claim]], found: list[Ignore], lines: Lines
) -> tuple[list[tuple[str, Claim]], list[tuple[str, Claim, str]]]:
    """Tell the claims that count from those that a comment accepts, with its reason.

    Comments that are wrong, and those that hide nothing, become claims themselves.
    """
    counting, accepted, used = [], [], set()
    good = [ignore for ignore in found if not ignore.mistake]
    for function, claim in told:
        first, last = lines.line(claim.span.start), lines.line(claim.span.end)
        hits = [one for one in good if claim.rule in one.rules and first <= one.line <= last]
        used |= {(one, claim.rule) for one in hits}
        if hits:
            accepted.append((function, claim, hits[0].reason))
        else:
            counting.append((function, claim))
    counting += [("", claim) for one in found for claim in _about(one, used)]
    return counting, accepted


def _about(ignore: Ignore, used: set[tuple[Ignore, str]]) -> Iterator[Claim]:
    if ignore.mistake:
        yield Claim(
            ABOUT_COMMENTS, Confidence.LIKELY, ignore.span, f"this comment hides nothing: {ignore.mistake}"
        )
        return
    for rule in sorted(ignore.rules):
        if (ignore, rule) not in used:
            told = f"this comment hides nothing: there is no {rule} here any more"
            yield Claim(ABOUT_COMMENTS, Confidence.LIKELY, ignore.span, told)


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
