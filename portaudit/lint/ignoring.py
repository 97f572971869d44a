"""`// portaudit: ignore[S3] reason`: what a source says is as it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portaudit.lint.program import Span
from portaudit.lint.rules.claim import Claim
from portaudit.model.finding import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from portaudit.lint.lines import Lines

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
