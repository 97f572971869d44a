"""`extension: task-control of host +1`: such rules read, and applied to the sum of what they speak of."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.analysis.matching import RIGHT_KINDS, Matcher, known_kind
from portaudit.analysis.spaces import untouched
from portaudit.errors import UsageError
from portaudit.model.declared import Expectation, Pattern, contradiction
from portaudit.model.difference import Applied, Change, Difference, Kind
from portaudit.model.kobject import NUMBERS, TASK_CONTROL
from portaudit.model.rights import Right

if TYPE_CHECKING:
    from collections.abc import Iterable

WHAT = r"\s*(?P<task>[^:\s](?:[^:]*[^:\s])?)\s*:\s*(?P<kobject>[\w*-]+)(?:\s+of\s+(?P<of>\S+))?"
RULE = re.compile(WHAT + r"\s+(?P<low>[+-]?\d{1,5})(?:\s*\.\.\s*(?P<high>[+-]?\d{1,5}))?\s*", re.IGNORECASE)
PATTERN = re.compile(WHAT + r"\s*", re.IGNORECASE)


def parse_expectation(text: str) -> Expectation:
    """Read one rule. Raises UsageError, quoting it, if it is none."""
    match = RULE.fullmatch(text)
    if match is None:
        raise UsageError(
            f"the expectation {text!r} is not understood; write ROLE: KOBJECT [of ROLE] CHANGE, "
            f"for example 'extension: task-control of host +1' or 'extension: semaphore 0..2'"
        )
    low, high = int(match["low"]), int(match["high"] or match["low"])
    if low > high:
        raise UsageError(f"the expectation {text!r} has an empty range: {low} is more than {high}")
    kobject = known_kind(match["kobject"], text)
    right = RIGHT_KINDS.get(kobject, Right.SEND)
    return Expectation(match["task"], kobject, low, high, match["of"], right, text=text.strip())


def parse_pattern(text: str) -> Pattern:
    """Read what `--subject` names. Raises UsageError, quoting it, if it is none."""
    match = PATTERN.fullmatch(text)
    if match is None:
        raise UsageError(
            f"the subject {text!r} is not understood; write ROLE: KOBJECT [of ROLE], "
            f"for example 'extension: semaphore'"
        )
    kobject = known_kind(match["kobject"], text)
    return Pattern(match["task"], kobject, match["of"], RIGHT_KINDS.get(kobject, Right.SEND), text.strip())


def apply(difference: Difference, changes: Iterable[Change], rules: Iterable[Expectation]) -> Applied:
    """Set what is expected of each change; a rule speaks of the sum over all that it matches, for each round.

    Of two rules that match one row the first counts. What is over stands as residual on the last rows in the
    order of their names. What cannot be told from its owner is in doubt. Raises UsageError if two rules of
    the command line contradict each other, or name a task or owner that no snapshot has; of a file that is a
    remark, for it speaks of other audits, too.
    """
    wanted = tuple(rules)
    check_agreement(wanted)
    matcher = Matcher(difference)
    strangers: dict[Expectation, str] = {}
    for rule in wanted:
        pattern = Pattern(rule.task, rule.kobject, rule.of, rule.right)
        if rule.place is None:
            matcher.check(pattern, rule.text)
        elif (unknown := matcher.unknown(pattern)) is not None:
            strangers[rule] = f"the expectation {rule.quoted} was not used: {unknown}"
    chosen: dict[Expectation, list[Change]] = {rule: [] for rule in wanted}
    rest: list[Change] = []
    for row in changes:
        match, told = _first_match(wanted, row, matcher)
        if match is None:
            rest.append(row)
        elif told is None and row.change:
            chosen[match].append(_in_doubt(row, match))
        elif told is None:
            rest.append(row)
        else:
            chosen[match].append(structs.replace(row, kind=Kind.SUBJECT, allowed_by=match))
    sums = [_spread(rule, rows, difference) for rule, rows in chosen.items()]
    return Applied(
        (*rest, *(row for one in sums for row in one.changes)),
        tuple(row for one in sums for row in one.unmet),
        tuple(
            note
            for rule, one in zip(chosen, sums, strict=True)
            for note in ([strangers[rule]] if rule in strangers else one.notes)
        ),
    )


def _first_match(
    rules: tuple[Expectation, ...], row: Change, matcher: Matcher
) -> tuple[Expectation | None, bool | None]:
    for rule in rules:
        told = matcher.matches(Pattern(rule.task, rule.kobject, rule.of, rule.right), row)
        if told is not False:
            return rule, told
    return None, False


def _in_doubt(row: Change, rule: Expectation) -> Change:
    what = "what it is was not read" if row.kobject is None else "whose task port it is cannot be told here"
    unknown = f"{what}, so nobody knows whether {rule.quoted} speaks of it"
    return structs.replace(row, doubt=row.doubt or unknown, kind=Kind.SUBJECT)


def _spread(rule: Expectation, rows: list[Change], difference: Difference) -> Applied:
    rounds = next((len(row.series) - 1 for row in rows if row.series), difference.rounds)
    low, high = rule.low * rounds, rule.high * rounds
    doubtful = [row for row in rows if row.doubt]
    rows = [row for row in rows if not row.doubt]
    rows.sort(key=lambda row: (row.role or "", row.process.pid or 0, row.name or 0))
    total = sum(row.change for row in rows)
    missing = _missing(total, low, high)
    left = total - min(max(total, min(low, 0)), max(high, 0))
    spread: list[Change] = []
    for row in reversed(rows):
        mine = min(left, row.change, key=abs) if left * row.change > 0 else 0
        left -= mine
        spread.append(structs.replace(row, expected=row.change - mine))
    spread.reverse()
    unmet: tuple[Change, ...] = ()
    lacking = _unmet_row(difference, rule, spread, missing) if missing else None
    if lacking is not None and not doubtful:
        unmet = (lacking,)
        spread = [one for one in spread if one.residual or not _same(one, lacking)]
    unused = () if rows or doubtful or missing else (not_used(rule),)
    return Applied((*spread, *doubtful), unmet, unused)


def _missing(total: int, low: int, high: int) -> int:
    """Give the references that a rule demands and that did not come, with their sign."""
    if low > 0:
        return max(0, low - max(total, 0))
    return min(0, high - min(total, 0)) if high < 0 else 0


def _same(one: Change, other: Change) -> bool:
    return (one.process, one.role, one.name, one.right) == (
        other.process,
        other.role,
        other.name,
        other.right,
    )


def _unmet_row(difference: Difference, rule: Expectation, rows: list[Change], missing: int) -> Change | None:
    for row in rows:
        if not row.residual:
            return structs.replace(row, expected=row.change + missing)
    task = next(
        (task for task in difference.after.tasks if _speaks_of(rule, task.role, task.process.name)), None
    )
    if task is None or task.entries is None or task.title not in difference.unchanged:
        return None
    number = _owner_object(difference, rule)
    row = untouched(task, number, rule.right)
    kobject = row.kobject if row.kobject is not None else NUMBERS.get(rule.kobject)
    return structs.replace(
        row, object=number, kobject=kobject, of=rule.of, expected=missing, allowed_by=rule, kind=Kind.SUBJECT
    )


def _speaks_of(rule: Expectation, role: str | None, process: str | None) -> bool:
    return rule.task == role or (role is None and rule.task == process)


def _owner_object(difference: Difference, rule: Expectation) -> int | None:
    if rule.of is None or NUMBERS.get(rule.kobject) != TASK_CONTROL:
        return None
    return next((port for port, title in difference.own.items() if title == rule.of), None)


def check_agreement(rules: Iterable[Expectation]) -> None:
    """Raise UsageError, quoting both, if no change can satisfy two of those given on the command line.

    What is given there goes before what a file declares, so rules of two sources never contradict.
    """
    if conflict := contradiction(rule for rule in rules if rule.place is None):
        one, other = conflict
        raise UsageError(f"the expectations {one.quoted} and {other.quoted} contradict each other")


def not_used(rule: Expectation) -> str:
    """Say that nothing an expectation speaks of has changed."""
    return f"the expectation {rule.quoted} was not used: nothing that it speaks of changed"


def as_subjects(
    difference: Difference, changes: Iterable[Change], patterns: Iterable[Pattern]
) -> tuple[Change, ...]:
    """Make the rows that a `--subject` names subjects, where their class does not balance.

    A subject is judged by the sum of its class: one that went and one that came is no change. What is a
    subject by itself, or is there for good, pays for nothing. Raises UsageError if one of the command line
    names a task or owner that no snapshot has.
    """
    matcher = Matcher(difference)
    wanted = tuple(patterns)
    for pattern in wanted:
        if pattern.place is None:
            matcher.check(pattern, pattern.text)
    changes = list(changes)
    for pattern in wanted:
        loose = (place for place, row in enumerate(changes) if row.kind is Kind.COMING_AND_GOING)
        mine = [place for place in loose if matcher.matches(pattern, changes[place])]
        for places in _by_class(changes, mine):
            _net(changes, places)
    return tuple(changes)


def _by_class(changes: list[Change], places: list[int]) -> Iterable[list[int]]:
    classes: defaultdict[tuple[object, ...], list[int]] = defaultdict(list)
    for place in places:
        row = changes[place]
        what = (row.kobject, row.class_name) if row.right is Right.SEND else ()
        classes[row.role, row.process, what].append(place)
    return classes.values()


def _net(changes: list[Change], places: list[int]) -> None:
    """Let rows of the other sign pay for rows of the sign of the sum: what is left over is judged."""
    net = sum(changes[place].residual for place in places)
    left = net
    for place in sorted(places, key=lambda place: changes[place].name or 0, reverse=True):
        row = changes[place]
        mine = min(left, row.residual, key=abs) if left * row.residual > 0 else 0
        left -= mine
        changes[place] = structs.replace(row, kind=Kind.SUBJECT, expected=row.change - row.idle - mine)
