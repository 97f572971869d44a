"""The cause rules by family, in their order: the more a rule explains, the earlier it asks."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

from portaudit.analysis.causes.guard_events import O5, O7, left_over
from portaudit.analysis.causes.iokit_objects import N5, N6, N7, N12, U10
from portaudit.analysis.causes.kernel_objects import N8, N11, U1, U2, U3, U4, U9
from portaudit.analysis.causes.over_releases import O1, O2, O3, O4, X1
from portaudit.analysis.causes.queues import FULL, N3, N4, N10, N13
from portaudit.analysis.causes.rule import Claim, Evidence, Rule, finding
from portaudit.analysis.causes.send_rights import N1, N2, N9, U8
from portaudit.analysis.causes.task_ports import O6, P1, U5, U6, U7
from portaudit.analysis.causes.undecided import F1, R1, R2, R3, R4, U11
from portaudit.analysis.causes.unexplained import E1, L1, L2

if TYPE_CHECKING:
    from collections.abc import Iterable

CAUSES = (
    *(X1, U6, U2, U3, U4, U1, U7, U5),
    *(N2, N1, N13, N5, N4, N10, N3, N9, U8, U9, N6, N12, U10, N7, N8, N11),
    *(O6, O2, O1, O4, L1, L2),
)
"""Rules that explain residuals; L1 and L2 explain whatever is left."""

GUARDED = (O5, O7)
"""Rules about guard exceptions: what a kernel told of bad releases."""

UNDECIDED = (U11, R4, F1, R1, R2, R3)
"""Rules about what cannot be judged: a residual that one of them claims is no finding."""

UNMET, RECYCLED, POLICY, FILLED = E1, O3, P1, FULL
"""Rules that look at something else than residuals: what did not come, names used again, what is held,
queues."""

RULES: tuple[Rule, ...] = (*CAUSES, *GUARDED, *UNDECIDED, UNMET, RECYCLED)


def claims(
    rules: Iterable[Rule], evidence: Evidence, *, largest: bool = False
) -> tuple[list[tuple[Rule, Claim]], Evidence]:
    """Give every residual to the first rule that explains it, and the evidence that is left.

    One consequence is one claim: a rule's claim on what an earlier claim of it explains is dropped. Whoever
    looks for the `largest` claim gets the first alone of a rule that makes one of each row.
    """
    found: list[tuple[Rule, Claim]] = []
    for rule in rules:
        if largest and rule.each is not None:
            made, claimed = list(islice(rule.find(evidence), 1)), set(map(id, rule.each(evidence)))
        else:
            made, claimed = _claims_of(rule, evidence)
        found += [(rule, claim) for claim in made]
        if claimed:
            left = tuple(row for row in evidence.residuals if id(row) not in claimed)
            evidence = replace(evidence, residuals=left)
    return found, evidence


def _claims_of(rule: Rule, evidence: Evidence) -> tuple[list[Claim], set[int]]:
    made: list[Claim] = []
    claimed: set[int] = set()
    for claim in rule.find(evidence):
        rows = set(map(id, claim.explained))
        if claimed.isdisjoint(rows):
            claimed |= rows
            made.append(claim)
    return made, claimed


__all__ = [
    "CAUSES",
    "FILLED",
    "GUARDED",
    "POLICY",
    "RECYCLED",
    "RULES",
    "UNDECIDED",
    "UNMET",
    "Claim",
    "Evidence",
    "Rule",
    "claims",
    "finding",
    "left_over",
]
