"""What one pair of readings proves of rights that come and go: mostly nothing, so notes."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from portaudit.analysis.classes import (
    ClassKey,
    RightsClass,
    class_words,
    held_before,
    idle_key,
    is_orphan,
    key_of,
    references_before,
)
from portaudit.analysis.idle import task_of
from portaudit.model.kobject import VOUCHER
from portaudit.model.rights import DEAD_NAME, RECEIVE, SEND
from portaudit.model.severity import Severity

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from portaudit.model.difference import Change, Difference

OUT_OF_PROPORTION = 20
"""Net new names of a class that no healthy process shows between two readings, unless it had as many: 0 false
alarms in 3,900 pairs of 39 models of healthy processes."""

SURE = 3.0
"""Standard deviations by which a pair of many operations must differ from an idle pair of the same length."""

SHARE_OF_OPERATIONS = 0.5
"""Of so many operations at least something must have stayed."""

LAUNCH = 10.0
"""Seconds after its start in which an app makes what it will have for good: as much as a leak, at once."""

ONLY_THE_BLOCK = "nothing but the audited block ran"

SEVERAL = 2
"""References of one dead name: it was taken twice at least before it died, and nobody gave it back."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Rows that are judged together, how grave that is, and why."""

    rows: tuple[Change, ...]
    severity: Severity
    numbers: str
    """What was counted: `6 came, 4 went`."""
    title: str
    """The same as a title: `6 SEMAPHORE rights came, 4 went`."""
    why: str = ""
    """What makes it more than a note; empty for a note."""
    rate: float | None = None
    """Names or references for each operation, where that can be told."""
    pace: str = ""
    """The rate in words."""
    members: tuple[Change, ...] = ()
    """The single rows that a row of a class stands for, for the rules to look at; empty: the rows
    themselves."""
    falls: bool = False
    """Whether less is there than before: then the rules explain what went, else what came."""

    @property
    def looked_at(self) -> tuple[Change, ...]:
        """The rows that tell the cause."""
        return self.members or self.rows


@dataclass(frozen=True, slots=True)
class PairTerms:
    """What a pair of readings may build on."""

    operations: int = 1
    idle: Mapping[object, RightsClass] | None = None
    """The classes of a pair of the same length in which nothing was done, by idle_key."""
    silent: Container[str] = ()
    """The tasks of which that pair does not say all: nothing of them is held against it."""
    every_gain: bool = False
    """Whether the process has no churn of its own: it audits itself around a block of its own code."""

    def beside(self, key: ClassKey) -> RightsClass | None:
        """Give the class as the idle pair has it; None where nothing can be held against that."""
        if self.idle is None or task_of(key.role, key.process) in self.silent:
            return None
        return self.idle.get(idle_key(key)) or RightsClass(key)


def judged_as_pair(known: RightsClass, difference: Difference, terms: PairTerms) -> Iterator[Matter]:
    """Say of a class what one pair proves: notes, and warnings where the rows or their number do."""
    changed = [row for row in known.names if row.residual]
    proven = [row for row in changed if _proves_itself(row, difference)]
    if proven:
        yield _matter(RightsClass(known.key, proven), Severity.WARNING, _what_proves(proven))
    rest = RightsClass(known.key, without(changed, proven))
    if rest.net:
        yield _judged_by_number(rest, difference, terms)
    if references := [row for row in known.references if row.residual]:
        yield from _judged_references(RightsClass(known.key, references=references), difference, terms)


def without(rows: list[Change], others: list[Change]) -> list[Change]:
    """Give the rows that are none of the others."""
    ids = {id(row) for row in others}
    return [row for row in rows if id(row) not in ids] if ids else rows


def _matter(known: RightsClass, severity: Severity, why: str = "", rate: float | None = None) -> Matter:
    if known.references:
        residuals = [row.residual for row in known.references]
        risen = sum(residual for residual in residuals if residual > 0)
        fallen = risen - sum(residuals)
        numbers = f"rose by {risen}, fell by {fallen}"
        title = f"references of {class_words(known.key, len(known.references))} {numbers}"
        return Matter(tuple(known.references), severity, numbers, title, why, rate, falls=risen < fallen)
    came, went = known.came, known.went
    title = (
        f"{class_words(known.key, came)} came, {went} went"
        if came
        else (f"{class_words(known.key, went)} went")
    )
    counted = f"{came} came, {went} went"
    return Matter(tuple(known.names), severity, counted, title, why, rate, falls=came < went)


def _judged_by_number(known: RightsClass, difference: Difference, terms: PairTerms) -> Matter:
    net, operations = known.net, terms.operations
    if operations > 1 and (left := _left_by_operations(known, terms)) is not None:
        beside = f"{net - left:+d} in as long a time without any"
        return _matter(
            known, Severity.ERROR, f"{net:+d} over {operations} operations, {beside}", left / operations
        )
    if 1 < operations == net and not known.went:
        return _matter(known, Severity.WARNING, f"exactly one for each of {operations} operations", 1.0)
    if terms.every_gain and net > 0:
        return _matter(known, Severity.WARNING, ONLY_THE_BLOCK)
    if net >= OUT_OF_PROPORTION and net >= (before := held_before(known.key, difference)):
        return _out_of_proportion(known, f"there were {before} before", difference)
    return _matter(known, Severity.NOTE)


def _out_of_proportion(known: RightsClass, why: str, difference: Difference) -> Matter:
    """Warn of a number that no process shows which has been launched."""
    taken, started = difference.before.taken, known.key.process.start_time
    if taken is None or started is None or not 0 <= taken - started < LAUNCH:
        return _matter(known, Severity.WARNING, f"out of proportion: {why}")
    young = f"the process was started {taken - started:.0f} s before, and a launch makes much that stays"
    return _matter(known, Severity.NOTE, f"{why}, but {young}")


def _left_by_operations(known: RightsClass, terms: PairTerms) -> int | None:
    """Give the names that the operations left beside an idle pair's; None where chance explains them."""
    idle = terms.beside(known.key)
    if idle is None:
        return None
    moved = known.came + known.went + idle.came + idle.went
    left = known.net - idle.net
    enough = known.net >= terms.operations * SHARE_OF_OPERATIONS
    return left if enough and left / sqrt(moved + 1) >= SURE else None


def _judged_references(known: RightsClass, difference: Difference, terms: PairTerms) -> Iterator[Matter]:
    grave = [row for row in known.references if _rose_with_operations(row, terms)]
    rest = RightsClass(known.key, references=without(known.references, grave))
    if grave:
        why = f"references rose with {terms.operations} operations"
        rate = sum(row.residual for row in grave) / terms.operations
        yield _matter(RightsClass(known.key, references=grave), Severity.ERROR, why, rate)
    gained = sum(row.residual for row in rest.references)
    if terms.every_gain and gained > 0:
        yield _matter(rest, Severity.WARNING, ONLY_THE_BLOCK)
    elif known.key.kobject != VOUCHER and _is_much(gained, known.key, difference):
        yield _out_of_proportion(rest, "as many references came as there were", difference)
    elif rest.references:
        yield _matter(rest, Severity.NOTE)


def _rose_with_operations(row: Change, terms: PairTerms) -> bool:
    if terms.operations < OUT_OF_PROPORTION or row.kobject == VOUCHER:
        return False
    idle = terms.beside(key_of(row))
    if idle is None:
        return False
    same = [one for one in idle.references if one.object == row.object]
    quiet = sum(abs(one.residual) for one in same)
    enough = row.residual >= terms.operations * SHARE_OF_OPERATIONS
    return enough and (row.residual - quiet) / sqrt(abs(row.residual) + quiet + 1) >= SURE


def _is_much(gained: int, key: ClassKey, difference: Difference) -> bool:
    return gained >= OUT_OF_PROPORTION and gained >= references_before(key, difference)


def _proves_itself(row: Change, difference: Difference) -> bool:
    if row.right is DEAD_NAME:
        new = row.was is None and row.residual >= SEVERAL
        return row.residual > 0 and (new or _peer_has_ended(row, difference))
    if row.right is RECEIVE:
        return row.residual > 0 and is_orphan(row.now)
    lost_own = row.right is SEND and row.after == 0 and row.was is not None
    return lost_own and row.was is not None and RECEIVE in row.was.rights and is_orphan(row.now)


def _peer_has_ended(row: Change, difference: Difference) -> bool:
    peer = row.was.peer if row.was is not None else None
    if peer is None or peer.pid is None:
        return False
    audited = {task.process.pid for task in difference.before.tasks if task.role is not None}
    gone = {unread.process.pid for unread in difference.unread}
    return peer.pid in audited & gone


def _what_proves(rows: list[Change]) -> str:
    if rows[0].right is not DEAD_NAME:
        return "nobody can send to it: senders were made, and none is left"
    if rows[0].was is None:
        return "it was taken several times, its port died, and nothing gave the references back"
    return "the process that received has ended"
