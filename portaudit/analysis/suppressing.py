"""Suppressions applied to findings: what is hidden, and what became of each suppression."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from portaudit.analysis.fingerprint import Trait, trait_of
from portaudit.model.declared import Suppression, SuppressionState, SuppressionUse
from portaudit.model.finding import Finding

WARN_DAYS = 14
"""Days before the end of a suppression from which it is warned of."""


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Findings that count, findings that do not, and every suppression with its use."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Finding, ...]
    uses: tuple[SuppressionUse, ...]


def suppress(findings: Iterable[Finding], rules: Iterable[Suppression], today: date) -> Suppressed:
    """Hide each finding that a suppression matches whole; one that has expired hides nothing any more."""
    rules = tuple(rules)
    hits: Counter[Suppression] = Counter()
    left: list[Finding] = []
    hidden: list[Finding] = []
    for finding in findings:
        matching = [rule for rule in rules if matches(rule, finding)]
        valid = next((rule for rule in matching if rule.until >= today), None)
        hits.update([valid] if valid else matching)
        if valid:
            hidden.append(replace(finding, reason=valid.reason, place=valid.place))
        else:
            left.append(finding)
    return Suppressed(tuple(left), tuple(hidden), tuple(_use(rule, hits[rule], today) for rule in rules))


def matches(rule: Suppression, finding: Finding) -> bool:
    """Whether a suppression speaks of a finding: of its rule, and of every one of its rows."""
    if rule.rule != finding.rule:
        return False
    return all(_fits(rule, trait_of(row)) for row in finding.rows)


def _fits(rule: Suppression, row: Trait) -> bool:
    exact = ((rule.role, row.role), (rule.kobject, row.kobject or "message-queue"))
    if any(wanted is not None and wanted.casefold() != (there or "").casefold() for wanted, there in exact):
        return False
    patterns = ((rule.description, row.description), (rule.peer, row.peer))
    return all(wanted is None or fnmatchcase(there or "", wanted) for wanted, there in patterns)


def _use(rule: Suppression, hits: int, today: date) -> SuppressionUse:
    days = (rule.until - today).days
    if days < 0:
        return SuppressionUse(rule, SuppressionState.EXPIRED, hits, days)
    return SuppressionUse(rule, SuppressionState.USED if hits else SuppressionState.UNUSED, hits, days)


def endings(uses: Iterable[SuppressionUse]) -> Iterator[str]:
    """Warn of each suppression that is used and ends within 14 days."""
    for use in uses:
        if use.state is SuppressionState.USED and use.days_left <= WARN_DAYS:
            rule = use.suppression
            place = f" ({rule.place})" if rule.place else ""
            left = f"in {use.days_left} day{'' if use.days_left == 1 else 's'}"
            left = left if use.days_left else "after today"
            yield f"the suppression {rule.text!r}{place} ends on {rule.until}, {left}: fix it or renew it"
