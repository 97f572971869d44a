"""A baseline made of findings, and applied to findings: what is new, what is known, what is gone."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from portaudit.analysis.fingerprint import trait_of
from portaudit.model.declared import Accepted, Baseline
from portaudit.model.finding import Finding, Severity


@dataclass(frozen=True, slots=True)
class Compared:
    """Findings that are new, findings that the baseline knows, and what it knows that is not there."""

    findings: tuple[Finding, ...]
    accepted: tuple[Finding, ...]
    gone: tuple[Accepted, ...]


def accept(findings: Iterable[Finding], baseline: Baseline | None) -> Compared:
    """Set aside as many findings of each fingerprint as the baseline accepts; one more is new."""
    if baseline is None:
        return Compared(tuple(findings), (), ())
    known = {entry.fingerprint: entry for entry in baseline.accepted}
    left = Counter({entry.fingerprint: entry.count for entry in baseline.accepted})
    new: list[Finding] = []
    accepted: list[Finding] = []
    for finding in findings:
        if left[finding.fingerprint] > 0:
            left[finding.fingerprint] -= 1
            accepted.append(replace(finding, reason=known[finding.fingerprint].reason))
        else:
            new.append(finding)
    gone = (replace(entry, count=left[entry.fingerprint]) for entry in baseline.accepted)
    return Compared(tuple(new), tuple(accepted), tuple(entry for entry in gone if entry.count > 0))


def baseline_of(findings: Iterable[Finding]) -> Baseline:
    """Accept these findings as they are, each kind with a reason to be filled in; notes need none."""
    kinds: dict[str, Accepted] = {}
    for finding in findings:
        if finding.severity is Severity.NOTE:
            continue
        known = kinds.get(finding.fingerprint)
        kinds[finding.fingerprint] = replace(known, count=known.count + 1) if known else _entry(finding)
    return Baseline(tuple(sorted(kinds.values(), key=lambda entry: (entry.rule, entry.fingerprint))))


def with_reasons(baseline: Baseline, older: Baseline) -> Baseline:
    """Give a baseline the reasons that an older one has for the same fingerprints."""
    reasons = {entry.fingerprint: entry.reason for entry in older.accepted}
    entries = (replace(entry, reason=reasons.get(entry.fingerprint, "")) for entry in baseline.accepted)
    return replace(baseline, accepted=tuple(entries))


def _entry(finding: Finding) -> Accepted:
    first = trait_of(finding.rows[0]) if finding.rows else (None, None, None, None)
    role, kobject, description, peer = first
    return Accepted(finding.fingerprint, finding.rule, finding.title, role, kobject, description, peer)
