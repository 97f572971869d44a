"""What a project knows of, taken out of what was found: suppressed, or accepted by a baseline."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fnmatch import fnmatchcase

from msgspec import structs

from portaudit.analysis.fingerprint import Trait, trait_of
from portaudit.model.check import Accepted, Baseline, Suppression, SuppressionState, SuppressionUse
from portaudit.model.declared import Terms
from portaudit.model.difference import a_round
from portaudit.model.finding import Finding, Report
from portaudit.model.severity import Severity

WARN_DAYS = 14
"""Days before the end of a suppression from which it is warned of."""

SAME_RATE = 0.15
"""References a round by which two measurements of one rate may differ, or a quarter of it if that is more."""


def sift(report: Report, terms: Terms) -> Report:
    """Set aside each finding that a suppression hides, and of the others what the baseline accepts."""
    hidden = suppress(report.findings, terms.suppressions, terms.today)
    compared = accept(hidden.findings, terms.baseline)
    return replace(
        report,
        findings=compared.findings,
        suppressed=hidden.suppressed,
        accepted=compared.accepted,
        gone=() if report.undecided else compared.gone,  # what is open may be there still
        suppressions=hidden.uses,
        notes=(*report.notes, *endings(hidden.uses)),
    )


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
            hidden.append(structs.replace(finding, reason=valid.reason, place=valid.place))
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


LINES_TOLD = 10


def allowances(report: Report, baseline: Baseline | None) -> Iterator[str]:
    """Name each file that allowed something of this report: whoever reads it shall know who spoke there."""
    rules = (row.allowed_by for row in report.changes if row.expected)
    used = (use.suppression for use in report.suppressions if use.state is SuppressionState.USED)
    lines: dict[str, set[int]] = {}
    for place in (one.place for one in (*rules, *used) if one is not None):
        if place is not None:
            lines.setdefault(place.file, set()).add(place.line)
    for file, numbers in sorted(lines.items()):
        told = ", ".join(map(str, sorted(numbers)[:LINES_TOLD]))
        more = f" and {len(numbers) - LINES_TOLD} more" if len(numbers) > LINES_TOLD else ""
        yield f"{file} allows a part of this: line{'s' * (len(numbers) > 1)} {told}{more}"
    if baseline is not None and baseline.file and report.accepted:
        named = f", which {baseline.named_by} names," if baseline.named_by else ""
        yield f"{baseline.file}{named} accepts a part of this"


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings that are new or grew, those that the baseline knows, and what it knows and is gone."""

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    gone: tuple[Accepted, ...]


def accept(findings: Iterable[Finding], baseline: Baseline | None) -> Compared:
    """Set aside the findings that the baseline knows, each up to the amount or rate that it accepts.

    Notes, which never fail, are not compared.
    """
    if baseline is None:
        return Compared(tuple(findings), (), ())
    known = {entry.fingerprint: entry for entry in baseline.accepted}
    left = Counter({entry.fingerprint: entry.count for entry in baseline.accepted})
    new: list[Finding] = []
    accepted: list[Finding] = []
    for finding in findings:
        entry = known.get(finding.fingerprint)
        if finding.severity is Severity.NOTE or entry is None or left[entry.fingerprint] <= 0:
            new.append(finding)
            continue
        left[entry.fingerprint] -= 1
        grown = growth(finding, entry)
        if grown is None:
            accepted.append(structs.replace(finding, reason=entry.reason))
        else:
            new.append(structs.replace(finding, evidence="; ".join(filter(None, (grown, finding.evidence)))))
    gone = (replace(entry, count=left[entry.fingerprint]) for entry in baseline.accepted)
    return Compared(tuple(new), tuple(accepted), tuple(entry for entry in gone if entry.count > 0))


def growth(finding: Finding, entry: Accepted) -> str | None:
    """Say how a finding exceeds what a baseline accepts of it; None if it does not."""
    if finding.rate is not None and entry.rate is not None:
        allowed = abs(entry.rate) + max(SAME_RATE, abs(entry.rate) / 4)
        now, then = a_round(finding.rate), a_round(entry.rate)
        return f"grew: accepted {then}, now {now}" if abs(finding.rate) > allowed else None
    if entry.amount is not None and finding.weight > entry.amount:
        return f"grew: accepted {entry.amount}, now {finding.weight}"
    return None


def baseline_of(findings: Iterable[Finding]) -> Baseline:
    """Accept these findings as they are, each kind with a reason to be filled in; notes need none."""
    kinds: dict[str, Accepted] = {}
    for finding in findings:
        if finding.severity is Severity.NOTE:
            continue
        known = kinds.get(finding.fingerprint)
        kinds[finding.fingerprint] = _more(known, finding) if known else _entry(finding)
    return Baseline(tuple(sorted(kinds.values(), key=lambda entry: (entry.rule, entry.fingerprint))))


def with_reasons(baseline: Baseline, older: Baseline) -> Baseline:
    """Give a baseline the reasons that an older one has for the same fingerprints."""
    reasons = {entry.fingerprint: entry.reason for entry in older.accepted}
    entries = (replace(entry, reason=reasons.get(entry.fingerprint, "")) for entry in baseline.accepted)
    return replace(baseline, accepted=tuple(entries))


def _more(known: Accepted, finding: Finding) -> Accepted:
    amount = max(known.amount or 0, finding.weight)
    rate = max(known.rate, finding.rate, key=lambda rate: abs(rate or 0))
    return replace(known, count=known.count + 1, amount=amount, rate=rate)


def _entry(finding: Finding) -> Accepted:
    first = trait_of(finding.rows[0]) if finding.rows else (None, None, None, None)
    role, kobject, description, peer = first
    return Accepted(
        finding.fingerprint,
        finding.rule,
        finding.title,
        role,
        kobject,
        description,
        peer,
        amount=finding.weight or None,
        rate=finding.rate,
    )
