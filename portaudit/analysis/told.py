"""Matters put into words: what is judged together becomes a finding, with the rule that explains it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from portaudit.analysis.causes import CAUSES, Claim, Evidence, Rule, claims, finding
from portaudit.analysis.causes.words import who
from portaudit.model.difference import Kind
from portaudit.model.finding import Confidence, Finding, Severity

if TYPE_CHECKING:
    from portaudit.analysis.pairs import Matter

ONE_PAIR = "one pair of readings cannot tell a leak from what comes and goes (portaudit explain pair)"
"""What a note says of itself."""


def told(matter: Matter, evidence: Evidence) -> Finding:
    """Put a matter into words: the rule that explains most of its rows names the cause."""
    rule, claim = _explanation(matter, evidence)
    numbers = "; ".join(filter(None, (matter.numbers, matter.why)))
    if matter.severity is Severity.NOTE:
        claim = replace(
            claim,
            rows=matter.rows,
            evidence=f"{numbers}; {ONE_PAIR}" if not matter.rows[0].series else numbers,
            confidence=Confidence.HINT,
            title=f"{who(matter.rows[0])}: {matter.title}",
        )
    else:
        seen = "; ".join(filter(None, (numbers, claim.evidence)))
        title = f"{who(matter.rows[0])}: {claim.title or rule.title}{matter.pace and f': {matter.pace}'}"
        claim = replace(claim, rows=matter.rows, evidence=seen, title=title)
    one = finding(rule, claim, matter.severity)
    return replace(
        one,
        judged_as=Kind.COMING_AND_GOING,
        rate=matter.rate,
        pace=matter.pace,
        series=matter.rows[0].series if matter.rate else (),
    )


def _explanation(matter: Matter, evidence: Evidence) -> tuple[Rule, Claim]:
    net = sum(row.residual for row in matter.looked_at)
    shown = tuple(row for row in matter.looked_at if row.residual * (net or 1) > 0) or matter.looked_at
    found, _ = claims(CAUSES, replace(evidence, residuals=shown, guards=()))
    return max(found, key=lambda one: len(one[1].explained))
