"""`extension: task-control of host +1`: such rules applied to changes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from portaudit.analysis.ownership import self_object
from portaudit.analysis.standing import standing
from portaudit.errors import UsageError
from portaudit.model.difference import Change, Difference
from portaudit.model.expectation import Expectation, contradiction
from portaudit.model.kobject import NUMBERS
from portaudit.model.rights import Right
from portaudit.model.snapshot import Task

ANY = "ANY"
QUEUE = "MESSAGE-QUEUE"
RIGHT_KINDS = {"RECEIVE": Right.RECEIVE} | {
    right.value.upper(): right for right in Right if right is not Right.SEND
}
"""Words that stand where a kobject type stands and name a kind of right."""


@dataclass(frozen=True, slots=True)
class Applied:
    """Changes with what was expected of them, and remarks."""

    changes: tuple[Change, ...]
    unused: tuple[str, ...]
    """A sentence for each expectation that no change has to do with."""
    notes: tuple[str, ...]


def apply(difference: Difference, expectations: Iterable[Expectation]) -> Applied:
    """Set what is expected of each change; what is expected and did not happen becomes a change too.

    Raises UsageError, quoting both, if no change can satisfy two of those given on the command line.
    """
    wanted = tuple(expectations)
    check_agreement(wanted)
    ownerless = {rule: reason for rule in wanted if (reason := unresolved(difference, rule))}
    used: set[Expectation] = set()
    changes = [_expect(change, wanted, ownerless.keys(), used) for change in difference.changes]
    missing = [change for rule in wanted if rule not in used for change in _missing(difference, rule)]
    return Applied(
        (*changes, *missing),
        tuple(map(_unused, (rule for rule in wanted if rule not in used))),
        tuple(ownerless.values()),
    )


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


def _unused(rule: Expectation) -> str:
    if rule.low <= 0 <= rule.high:
        return not_used(rule)
    return f"the expectation {rule.quoted} was not met"


def unresolved(difference: Difference, rule: Expectation) -> str | None:
    """Say why the owner that a rule names cannot be held against a row; None if it can."""
    if rule.of is None:
        return None
    owners = [task for side in (difference.before, difference.after) if (task := side.task_of(rule.of))]
    if not owners:
        return f"{rule.text!r}: no task of the snapshots has the role {rule.of}, so any {rule.kobject} counts"
    if all(self_object(task) is None for task in owners):
        return f"{rule.text!r}: the {rule.of}'s own port is not known here, so any {rule.kobject} counts"
    return None


def _expect(
    change: Change, rules: tuple[Expectation, ...], ownerless: Iterable[Expectation], used: set[Expectation]
) -> Change:
    for rule in rules:
        if matches(rule, change, check_owner=rule not in ownerless):
            used.add(rule)
            return replace(change, expected=min(max(change.change, rule.low), rule.high), allowed_by=rule)
    return change


def matches(rule: Expectation, change: Change, *, check_owner: bool = True) -> bool:
    """Whether a rule speaks of this change's task, object and right."""
    if rule.right is not change.right or rule.task not in (change.role, change.process.name):
        return False
    if check_owner and rule.of is not None and rule.of != change.of:
        return False
    if rule.kobject in RIGHT_KINDS or rule.kobject == ANY:
        return True
    return rule.kobject == (change.kobject_label or QUEUE)


def _missing(difference: Difference, rule: Expectation) -> Iterator[Change]:
    if rule.low <= 0 <= rule.high:
        return
    task = next(
        (task for task in difference.after.tasks if rule.task in (task.role, task.process.name)), None
    )
    if task is None or task.entries is None or task.title not in difference.unchanged:
        return
    yield _unmoved(task, rule, _owner_object(difference, rule))


def _owner_object(difference: Difference, rule: Expectation) -> int | None:
    if rule.of is None or rule.kobject != "TASK-CONTROL":
        return None
    sides = (side.task_of(rule.of) for side in (difference.after, difference.before))
    return next((own for task in sides if task and (own := self_object(task)) is not None), None)


def _unmoved(task: Task, rule: Expectation, number: int | None) -> Change:
    entries = task.entries
    row = entries.object.index(number) if entries and number in entries.object else None
    entry = entries.entry(row) if entries and row is not None else None
    held = entry.urefs if entry else 0
    return replace(
        standing(task, entry, rule.right, held),
        object=number,
        kobject=NUMBERS.get(rule.kobject),
        of=rule.of,
        expected=rule.low if rule.low > 0 else rule.high,
        allowed_by=rule,
    )
