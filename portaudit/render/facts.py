"""What a finding says, in an order that every format keeps: why, what was seen, the cause, the way out."""

import re
from collections.abc import Iterable, Iterator

from msgspec import structs

from portaudit.harmless import safe
from portaudit.model.difference import COMING_AND_GOING, Change, Kind, a_round
from portaudit.model.finding import Finding, Report
from portaudit.model.severity import Confidence, Severity
from portaudit.model.snapshot import HOST_ROLE
from portaudit.render.origins import where_facts
from portaudit.render.words import (
    allowed,
    counted,
    name,
    numbers,
    signed,
    span,
    task_title,
    what,
    who,
)

CAUSE_WORD = {Confidence.CERTAIN: "Cause", Confidence.LIKELY: "Likely", Confidence.HINT: "Maybe"}
"""How sure a cause is, in the word that stands before it."""

HEADLINE_MAX = 120
"""Characters of a reason that a headline tells whole."""

CLAUSE_END = re.compile(r"; | \(")

LISTED_MAX = 3
"""Rows that a verdict names."""

SEEN_MAX = 8
"""Clauses of what was seen, where several findings are told as one."""

SENTENCE_MAX = 1000
"""Characters of a sentence that may quote the machine under audit."""


def facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield label and text of each fact that a finding has."""
    if finding.evidence:
        yield "Seen", sentence(finding.evidence)
    if finding.rate is not None:
        yield "Rate", _rate(finding)
    yield from where_facts(finding)
    if finding.cause:
        yield CAUSE_WORD[finding.confidence], sentence(finding.cause)
    if finding.fix:
        yield "Fix", sentence(finding.fix)
    if finding.case:
        yield "Case", sentence(finding.case)
    yield "More", f"portaudit explain {safe(finding.rule)}"


def _rate(finding: Finding) -> str:
    course = f": {numbers(finding.series)}" if finding.series else ""
    return f"{finding.pace or a_round(finding.rate or 0)}{course}"


def open_facts(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield label and text of each fact of what is undecided: the reason first, then what to do."""
    yield "Why", sentence(finding.reason or finding.title)
    for label, text in facts(finding):
        if label != "Seen":
            yield ("Do" if label == "Fix" else label), text


def row_cells(row: Change) -> tuple[str, ...]:
    """Say one row in cells: task, name, right, what it is, from how many to how many."""
    return who(row), name(row.name), row.right, what(row), span(row), allowed(row)


def sentence(text: str) -> str:
    """Spell a sentence that may quote the machine under audit."""
    return safe(text, SENTENCE_MAX)


def alike(findings: Iterable[Finding]) -> list[tuple[Finding, int]]:
    """Join findings that differ in nothing but rows and evidence, so that their texts are told once.

    Gives each with how many it stands for, in the order of the first ones.
    """
    groups: dict[Finding, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(structs.replace(finding, rows=(), evidence="", fingerprint=""), []).append(finding)
    return [(_joined(group), len(group)) for group in groups.values()]


def _joined(group: list[Finding]) -> Finding:
    rows = tuple(row for finding in group for row in finding.rows)
    clauses = (clause for finding in group if finding.evidence for clause in finding.evidence.split("; "))
    told = list(dict.fromkeys(clauses))
    more = [f"and {len(told) - SEEN_MAX} more"] if len(told) > SEEN_MAX else []
    seen = "; ".join((*told[:SEEN_MAX], *more))
    return structs.replace(group[0], rows=rows, evidence=seen)


def heading(finding: Finding, count: int) -> str:
    """Say what findings are called that are told as one."""
    times = f" (in {count} places)" if count > 1 else ""
    return f"{sentence(finding.title)}{times}"


def grave(judged: Report) -> tuple[Finding, ...]:
    """Give the findings that may fail a check."""
    return tuple(finding for finding in judged.findings if finding.severity is not Severity.NOTE)


def reported_tasks(judged: Report) -> frozenset[str]:
    """Name the tasks that a report speaks of: those with a role, and those that hold a port it reports.

    A text of a whole system has hundreds; of what only came and went in them nobody's reader needs to hear.
    """
    findings = (*judged.findings, *judged.undecided, *judged.suppressed, *judged.accepted)
    strict = [one for one in findings if one.judged_as is not COMING_AND_GOING]
    loose = [one for one in grave(judged) if one.judged_as is COMING_AND_GOING]
    rows = {task_title(row) for one in (*strict, *loose) for row in one.rows}
    sides = {
        title for row in judged.balance for title, side in row.sides.items() if side.before or side.after
    }
    return frozenset((*rows, *sides, *(task.title for task in judged.difference.after.tasks if task.role)))


def small(judged: Report) -> tuple[Finding, ...]:
    """Give the findings that are only told."""
    return tuple(finding for finding in judged.findings if finding.severity is Severity.NOTE)


def verdict_sentence(judged: Report) -> str:
    """Say the verdict in one sentence, without the word for it."""
    serious = grave(judged)
    if serious:
        more = f" (and {counted(len(serious) - 1, 'more finding')})" if len(serious) > 1 else ""
        return f"{_whose(serious[0])}{sentence(serious[0].title)}{more}{_moved(judged, serious)}"
    if judged.undecided:
        more = f" (and {len(judged.undecided) - 1} more undecided)" if len(judged.undecided) > 1 else ""
        return f"{in_short(sentence(judged.undecided[0].reason or judged.undecided[0].title))}{more}"
    return f"{_balanced(judged)}{_but(judged)}"


def in_short(reason: str) -> str:
    """Give a reason as far as a headline has room: of a long one the first clause; `Why` tells it whole."""
    return reason if len(reason) <= HEADLINE_MAX else CLAUSE_END.split(reason, maxsplit=1)[0]


def _but(judged: Report) -> str:
    if not judged.warm_up:
        return ""
    listed = ", ".join(map(left_behind, judged.warm_up[:LISTED_MAX]))
    more = len(judged.warm_up) - LISTED_MAX
    return f", but the warm-up, which is not judged, left {listed}{f' and {more} more' if more > 0 else ''}"


def left_behind(row: Change) -> str:
    """Say what a warm-up left in a few words: `extension TASK-CONTROL of host +1`."""
    return f"{who(row)} {what(row)} {signed(row.residual)}"


def _whose(finding: Finding) -> str:
    """Name the one task that a finding is about, unless its title does."""
    tasks = {who(row) for row in finding.rows}
    return "" if len(tasks) != 1 or any(task in finding.title for task in tasks) else f"{tasks.pop()}: "


def _balanced(judged: Report) -> str:
    if judged.suppressed or judged.accepted:
        return f"what did not come back is known and accepted{_moved(judged)}"
    if any(change.expected for change in judged.changes):
        return f"what changed was expected{_moved(judged)}"
    kept = [one for one in small(judged) if one.judged_as in (Kind.SUBJECT, Kind.STANDING)]
    if kept:
        more = f" (and {counted(len(kept) - 1, 'more note')})" if len(kept) > 1 else ""
        return f"{sentence(kept[0].title)}{more}{_moved(judged)}"
    if any(one.subtracted for one in judged.idle):
        return f"what changed also changes while nothing is transferred{_moved(judged)}"
    whose = " to the host's task port" if any(row.of == HOST_ROLE for row in judged.balance) else ""
    return f"every reference{whose} came back{_moved(judged)}"


def _moved(judged: Report, told: Iterable[Finding] = ()) -> str:
    """Say what moved beside the findings that are told: `; 9 other rights came and 7 went`."""
    names = {
        (row.process, row.right, name) for one in told for row in one.rows for name in (row.name, *row.names)
    }
    loose = [
        row
        for row in judged.changes
        if row.kind is COMING_AND_GOING and row.residual
        if (row.process, row.right, row.name) not in names
    ]
    came = sum(not row.before and row.residual > 0 for row in loose)
    went = sum(not row.after and row.residual < 0 for row in loose)
    if came and went:
        return f"; {counted(came, 'other right')} came and {went} went"
    if came or went:
        return f"; {counted(came or went, 'other right')} {'came' if came else 'went'}"
    return f"; references to {counted(len(loose), 'shared port')} moved" if loose else ""
