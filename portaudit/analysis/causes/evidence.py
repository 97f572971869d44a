"""What the rules look at: residuals, and the spaces that they come from."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from portaudit.model.rights import Right

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from portaudit.analysis.spaces import Spaces
    from portaudit.model.difference import Change
    from portaudit.model.guard import GuardEvent


@dataclass(frozen=True, slots=True)
class Evidence:
    """The residuals that no earlier rule has claimed, and the spaces around them."""

    residuals: tuple[Change, ...]
    spaces: Spaces
    guards: tuple[GuardEvent, ...] = ()
    """Guard exceptions that the audit was given."""

    def gains(self, kobjects: Iterable[int | None] | None = None, right: Right = Right.SEND) -> list[Change]:
        """Give the rows of one right that have too many references; of these kobject types only, if given."""
        return [row for row in self.residuals if _is(row, right, kobjects) and row.residual > 0]

    def losses(self, kobjects: Iterable[int | None] | None = None, right: Right = Right.SEND) -> list[Change]:
        """Give the rows of one right that have too few references; of these kobject types only, if given."""
        return [row for row in self.residuals if _is(row, right, kobjects) and row.residual < 0]


def _is(row: Change, right: Right, kobjects: Iterable[int | None] | None) -> bool:
    return row.right is right and (kobjects is None or row.kobject in kobjects)


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
