"""Findings that a project suppresses until a day: what each suppression hides, and what became of it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase

from portaudit.analysis.lasting import kind_of, peer_of, role_of
from portaudit.analysis.outcome import outcome_of
from portaudit.model.difference import Change
from portaudit.model.finding import Finding, Report
from portaudit.model.suppression import Suppression, SuppressionState, SuppressionUse

WARN_DAYS = 14
"""Days before its end from which a suppression is warned of."""


def suppress(report: Report, suppressions: Iterable[Suppression], today: date) -> Report:
    """Move the findings that a suppression matches to `suppressed`, with its reason.

    A finding goes as a whole, with every row that it explains, to the first suppression that matches. One
    that has expired hides nothing; it only counts what it would have hidden.
    """
    rules = tuple(suppressions)
    hides = [(finding, _first(finding, rules, today)) for finding in report.findings]
    left = tuple(finding for finding, rule in hides if rule is None)
    used = [rule for _, rule in hides if rule is not None]
    uses = tuple(_use(rule, used, left, today) for rule in rules)
    return replace(
        report,
        outcome=outcome_of(left, report.undecided),
        findings=left,
        suppressed=(
            *report.suppressed,
            *(_hidden(finding, rule) for finding, rule in hides if rule is not None),
        ),
        suppressions=(*report.suppressions, *uses),
        notes=(*report.notes, *(_warning(use) for use in uses if _ends_soon(use))),
    )


def matches(rule: Suppression, finding: Finding) -> bool:
    """Whether a suppression speaks of this finding: of its rule, and of one of its rows in every part."""
    return rule.rule == finding.rule and any(_matches_row(rule, row) for row in finding.rows)


def _matches_row(rule: Suppression, row: Change) -> bool:
    return (
        rule.role in (None, role_of(row))
        and rule.kobject in (None, kind_of(row))
        and _fits(rule.description, row.description)
        and _fits(rule.peer, peer_of(row))
    )


def _fits(pattern: str | None, text: str | None) -> bool:
    return pattern is None or (text is not None and fnmatchcase(text, pattern))


def _first(finding: Finding, rules: tuple[Suppression, ...], today: date) -> Suppression | None:
    return next((rule for rule in rules if rule.until >= today and matches(rule, finding)), None)


def _hidden(finding: Finding, rule: Suppression) -> Finding:
    return replace(finding, reason=rule.reason, place=rule.place)


def _use(
    rule: Suppression, used: list[Suppression], left: tuple[Finding, ...], today: date
) -> SuppressionUse:
    days = (rule.until - today).days
    if days < 0:
        again = sum(matches(rule, finding) for finding in left)
        return SuppressionUse(rule, SuppressionState.EXPIRED, again, days)
    hidden = sum(other is rule for other in used)
    state = SuppressionState.USED if hidden else SuppressionState.UNUSED
    return SuppressionUse(rule, state, hidden, days)


def _ends_soon(use: SuppressionUse) -> bool:
    return use.state is SuppressionState.USED and use.days_left <= WARN_DAYS


def _warning(use: SuppressionUse) -> str:
    rule = use.suppression
    place = f" ({rule.place})" if rule.place else ""
    left = "today is its last day" if use.days_left == 0 else f"in {use.days_left} days"
    left = "in 1 day" if use.days_left == 1 else left
    return (
        f"the suppression {rule.text!r}{place} ends on {rule.until.isoformat()}, {left}: fix it or renew it"
    )
