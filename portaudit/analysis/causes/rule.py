"""What a cause rule is: a text that explains, a function that finds what it explains, and what it looks at.

A rule names a cause. How grave that is is said by the kind of the right, before any rule has looked. The
words that rules share stand here, too: numbers of a row, and who holds what of whom.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct

from portaudit.analysis.kinds import gravest, title_of
from portaudit.model.finding import Finding, Verdict
from portaudit.model.kobject import TASK_CONTROL
from portaudit.model.rights import Right

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from portaudit.analysis.spaces import Spaces
    from portaudit.model.difference import Change
    from portaudit.model.guard import GuardEvent
    from portaudit.model.severity import Confidence, Severity


@dataclass(frozen=True)
class Evidence:
    """The residuals that no earlier rule has claimed, and the spaces around them."""

    residuals: tuple[Change, ...]
    spaces: Spaces
    guards: tuple[GuardEvent, ...] = ()
    """Guard exceptions that the audit was given."""

    def gains(
        self, kobjects: Collection[int | None] | None = None, right: Right = Right.SEND
    ) -> list[Change]:
        """Give the rows of one right that have too many references; of these kobject types only, if given."""
        return self._of_kinds((right, True), kobjects)

    def losses(
        self, kobjects: Collection[int | None] | None = None, right: Right = Right.SEND
    ) -> list[Change]:
        """Give the rows of one right that have too few references; of these kobject types only, if given."""
        return self._of_kinds((right, False), kobjects)

    def _of_kinds(self, key: tuple[Right, bool], kobjects: Collection[int | None] | None) -> list[Change]:
        rows = self._sorted[key]
        if kobjects is None:
            return list(rows)
        there = self._kinds.get(key, frozenset())
        return [] if there.isdisjoint(kobjects) else [row for row in rows if row.kobject in kobjects]

    @cached_property
    def _kinds(self) -> dict[tuple[Right, bool], frozenset[int | None]]:
        """The kobject types that are among them: most rules ask for what nothing is of."""
        return {key: frozenset(row.kobject for row in rows) for key, rows in self._sorted.items()}

    @cached_property
    def _sorted(self) -> dict[tuple[Right, bool], list[Change]]:
        """Right, and whether there are too many references -> residuals: three dozen rules ask for them."""
        found: dict[tuple[Right, bool], list[Change]] = defaultdict(list)
        for row in self.residuals:
            if residual := row.residual:
                found[row.right, residual > 0].append(row)
        return found


class Claim(Struct, frozen=True, gc=False):
    """Rows that one rule explains together, and the fact that its explanation rests on."""

    rows: tuple[Change, ...]
    evidence: str
    confidence: Confidence
    covers: tuple[Change, ...] | None = None
    """The residuals that are explained by this; None: the rows themselves."""
    verdict: Verdict | None = None
    """None: as the sum of the residuals demands."""
    title: str | None = None
    """None: the rule's own."""
    reason: str | None = None
    """Why this cannot be decided; None for a plain finding."""

    @property
    def explained(self) -> tuple[Change, ...]:
        """The residuals that no later rule shall see."""
        return self.rows if self.covers is None else self.covers


@dataclass(frozen=True, slots=True)
class Rule:
    """A cause: its stable id, its short texts, and how it is recognised."""

    id: str
    title: str
    cause: str
    fix: str
    case: str
    """A real case by its address; empty for a rule that is derived from XNU's source alone."""
    find: Callable[[Evidence], Iterable[Claim]]
    each: Callable[[Evidence], Iterable[Change]] | None = None
    """The rows of which it makes a claim each, where it does nothing else."""


def finding(rule: Rule, claim: Claim, severity: Severity) -> Finding:
    """Turn a claim into a finding in the rule's words."""
    return Finding(
        rule=rule.id,
        severity=severity,
        verdict=claim.verdict or verdict_of(claim.rows),
        title=claim.title or rule.title,
        judged_as=gravest(claim.rows),
        rows=claim.rows,
        evidence=claim.evidence,
        cause=rule.cause,
        fix=rule.fix,
        case=rule.case,
        confidence=claim.confidence,
        reason=claim.reason,
        place=next((row.allowed_by.place for row in claim.rows if row.allowed_by), None),
    )


def verdict_of(rows: tuple[Change, ...]) -> Verdict:
    """Leaked if references are too many in sum, over-released if they are too few."""
    total = sum(row.residual for row in rows) or (rows[0].residual if rows else 0)
    return Verdict.LEAKED if total > 0 else Verdict.OVER_RELEASED


def by_task(rows: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    """Group rows by the task that holds them, in the order in which the tasks first appear."""
    return _grouped(rows, lambda row: (row.role, row.process))


def by_class(rows: Iterable[Change]) -> Iterator[tuple[Change, ...]]:
    """Group the rows of each task by kobject type and by what the kernel says of objects of their kind."""
    return _grouped(rows, lambda row: (row.role, row.process, row.kobject, row.class_name))


def _grouped(rows: Iterable[Change], key: Callable[[Change], object]) -> Iterator[tuple[Change, ...]]:
    groups: dict[object, list[Change]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    yield from map(tuple, groups.values())


def with_own_senders(evidence: Evidence, ports: Iterable[Change]) -> tuple[Change, ...]:
    """Add to new receive rights the send rights that the same task gained at them: one port, one matter."""
    ports = tuple(ports)
    wanted = {(port.role, port.process, port.object) for port in ports if port.object is not None}
    own = (row for row in evidence.gains() if (row.role, row.process, row.object) in wanted)
    return (*ports, *own)


def count(row: Change) -> str:
    """Say a row's numbers: `0 -> 3 references, +1 expected`."""
    expected = f", {row.expected:+d} expected" if row.expected else ""
    idle = f", {row.idle:+d} also while nothing was transferred" if row.idle else ""
    return f"{_side(row.before)} -> {_side(row.after)} references{expected}{idle}"


def _side(number: int | None) -> str:
    return "?" if number is None else str(number)


def new_or_known(row: Change) -> str:
    """Say whether the name is new: most leaks only raise the references of a name that existed."""
    return "the name existed before, so no port count shows it" if row.before else "the name is new"


def brief(text: str, most: int = 80) -> str:
    """Cut a name from the machine under audit to what a sentence can bear."""
    return text if len(text) <= most else f"{text[:most]}…"


def plural(number: int, noun: str, nouns: str | None = None) -> str:
    """Say `1 name`, `2 names`."""
    return f"{number} {noun if number == 1 else nouns or noun + 's'}"


def total(rows: Sequence[Change]) -> int:
    """Add up the residuals of some rows."""
    return sum(row.residual for row in rows)


def the(title: str) -> str:
    """Put the article before a role; the name of a process takes none."""
    return title if "(" in title else f"the {title}"


def who(row: Change) -> str:
    """Name the task that holds a row: `the extension`, `HostApp (501)`."""
    return the(brief(title_of(row)))


def port(row: Change) -> str:
    """Say what a row's references are to: `the host's task port`, `a SEMAPHORE port`, `a port`."""
    kind = "task port" if row.kobject == TASK_CONTROL else " ".join(filter(None, (row.kobject_label, "port")))
    if row.of is None:
        return f"a {kind}"
    return f"its own {kind}" if row.of == title_of(row) else f"{the(brief(row.of))}'s {kind}"
