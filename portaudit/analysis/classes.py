"""What comes and goes, class by class: how many names came, and how many went."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress, filterfalse, repeat
from operator import eq
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from portaudit.analysis.causes.rule import brief, plural
from portaudit.analysis.idle import task_of
from portaudit.model.difference import COMING_AND_GOING, Change, Difference
from portaudit.model.kobject import MESSAGE_QUEUE, class_of, label_of
from portaudit.model.rights import DEAD_NAME, RECEIVE, SEND, TYPE_BIT, Right

if TYPE_CHECKING:
    from collections.abc import Iterable

    from portaudit.model.snapshot import Entries, Entry, Process

KINDS = {
    Right.RECEIVE: "receive right",
    Right.SEND_ONCE: "send-once right",
    Right.PORT_SET: "port set",
    Right.DEAD_NAME: "dead name",
}

ONE_EACH = (SEND, DEAD_NAME)
"""Rights of which a name holds many references, and counts once."""


class ClassKey(Struct, frozen=True, gc=False):
    """What rights of one class have in common."""

    role: str | None
    process: Process
    right: Right
    kobject: int | None
    class_name: str | None
    orphan: bool
    """Whether nobody can send to it."""
    in_set: bool | None
    """Whether a port set holds it, as it does what a run loop or a dispatch source receives from: these live
    otherwise than reply ports and connections."""


@dataclass(slots=True)
class RightsClass:
    """The rows of one class that changed: names that came or went, and names whose references did."""

    key: ClassKey
    names: list[Change] = field(default_factory=list)
    references: list[Change] = field(default_factory=list)

    @property
    def is_unread(self) -> bool:
        """Whether nobody read what these are rights to: they may be of many classes."""
        return self.key.right is Right.SEND and self.key.kobject is None

    @property
    def came(self) -> int:
        """How many names (or rights of one kind to one port) are new."""
        return sum(max(0, _counted(row)) for row in self.names)

    @property
    def went(self) -> int:
        """How many are gone."""
        return sum(max(0, -_counted(row)) for row in self.names)

    @property
    def net(self) -> int:
        """How many more there are than before."""
        return sum(map(_counted, self.names))


def _counted(row: Change) -> int:
    """Count what came (or went, below 0) in names: references of one name are one."""
    residual = row.residual
    if row.right in ONE_EACH:
        return (residual > 0) - (residual < 0)
    return residual


def is_orphan(entry: Entry | None) -> bool:
    """Whether nobody can send to a receive right: senders were made, none is left, no set holds it."""
    told = entry.receive if entry is not None and entry.rights == (Right.RECEIVE,) else None
    return told is not None and bool(told.make_send) and told.has_senders is False and told.in_set is False


def key_of(row: Change) -> ClassKey:
    """Give the class of a row."""
    sends = row.right is SEND
    orphan, in_set = _as_receiver(row.now or row.was) if row.right is RECEIVE else (False, None)
    kobject, class_name = (row.kobject, row.class_name) if sends else (None, None)
    return ClassKey(row.role, row.process, row.right, kobject, class_name, orphan, in_set)


def _as_receiver(entry: Entry | None) -> tuple[bool, bool | None]:
    told = entry.receive if entry is not None else None
    return is_orphan(entry), told.in_set if told is not None else None


def class_words(key: ClassKey, number: int) -> str:
    """Say how many rights of a class: `2 SEMAPHORE rights`, `3 send rights to message queues`."""
    if key.right in KINDS:
        where = " without a sender" if key.orphan else " in a port set" if key.in_set else ""
        return f"{plural(number, KINDS[key.right])}{where}"
    if key.kobject == MESSAGE_QUEUE:
        return f"{plural(number, 'send right')} to message queues"
    label = " ".join(filter(None, (label_of(key.kobject), brief(key.class_name or ""))))
    return plural(number, f"{label} right" if label else "send right whose object was not read")


def classes_of(changes: Iterable[Change]) -> tuple[RightsClass, ...]:
    """Group the rows that come and go by class, in the order in which the classes first appear."""
    found: dict[ClassKey, RightsClass] = {}
    for row in changes:
        if row.kind is COMING_AND_GOING and row.doubt is None and (row.residual or row.series):
            key = key_of(row)
            known = found.get(key) or found.setdefault(key, RightsClass(key))
            (known.references if _is_always_there(row) else known.names).append(row)
    return tuple(found.values())


def _is_always_there(row: Change) -> bool:
    return row.right is SEND and all(row.series or (row.before, row.after))


def held_before(key: ClassKey, difference: Difference) -> int:
    """Count the names of a class in the first reading."""
    return len(tuple(_rows_of_class(key, _space_before(key, difference))))


def references_before(key: ClassKey, difference: Difference) -> int:
    """Count the references to all of a class in the first reading."""
    entries = _space_before(key, difference)
    return sum(filter(None, map(entries.urefs.__getitem__, _rows_of_class(key, entries))))


def idle_key(key: ClassKey) -> tuple[object, ...]:
    """Give what of a class is the same in another pair: the process may have been started anew."""
    return (task_of(key.role, key.process), *structs.astuple(key)[2:])


def by_idle_key(classes: Iterable[RightsClass]) -> dict[object, RightsClass]:
    """Index the classes of an idle pair."""
    index: dict[object, RightsClass] = {}
    for known in classes:
        mine = index.setdefault(idle_key(known.key), RightsClass(known.key))
        mine.names += known.names
        mine.references += known.references
    return index


def _space_before(key: ClassKey, difference: Difference) -> Entries:
    from portaudit.model.snapshot import Entries  # noqa: PLC0415  a value, needed for an exited task only

    tasks = difference.before.tasks
    same = (task for task in tasks if (task.role, task.process.pid) == (key.role, key.process.pid))
    return next((task.entries for task in same if task.entries is not None), Entries())


def _rows_of_class(key: ClassKey, entries: Entries) -> Iterable[int]:
    there = list(compress(range(len(entries)), map(TYPE_BIT[key.right].__and__, entries.type)))
    if key.right is Right.RECEIVE:
        return (row for row in there if _as_receiver(entries.entry(row)) == (key.orphan, key.in_set))
    if key.right is not Right.SEND:
        return there
    kinds = map(entries.kobject.__getitem__, there)
    same = compress(there, map(eq, kinds, repeat(key.kobject)))
    told = entries.description
    mine = {row for row, text in told.items() if class_of(key.kobject, text) == key.class_name}
    if key.class_name is None:
        return filterfalse((told.keys() - mine).__contains__, same)
    return filter(mine.__contains__, same)


def rotated(classes: Iterable[RightsClass]) -> int:
    """Count the names that came in classes which are as large as before: as many went."""
    return sum(known.came for known in classes if known.names and not known.is_unread and not known.net)
