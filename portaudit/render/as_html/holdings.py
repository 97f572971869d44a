"""Who holds what: the ports that a report speaks of, and the rights that each task holds on them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portaudit.model.difference import Change
from portaudit.model.finding import Report
from portaudit.model.kobject import label_of
from portaudit.model.rights import Right, rights_of
from portaudit.model.snapshot import Entries, Snapshot
from portaudit.render.words import name, object_id, task_title

SAME, EXPECTED, UNDECIDED, ACCEPTED = "same", "expected", "undecided", "accepted"

Key = int | tuple[str, int | None, Right]
"""A port: its object id, or task, name and right where no id is known."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The references that one task holds on a port with one right."""

    task: str
    right: Right
    before: int | None
    after: int | None
    state: str
    """A verdict of a finding, or same, expected, undecided, accepted."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port that something is said of, with everybody who holds a right to it."""

    label: str
    detail: str
    holds: tuple[Hold, ...]


def ports_of(report: Report) -> tuple[Port, ...]:
    """Give every port with a finding, then the undecided, the transferred and the expected ones."""
    rows = list(_rows(report))
    states = {(task_title(row), _key(row), row.right): state for row, state in reversed(rows)}
    first: dict[Key, Change] = {}
    for row, _ in rows:
        first.setdefault(_key(row), row)
    known = _known(report, {key for key in first if isinstance(key, int)})
    return tuple(_port(key, row, known, states) for key, row in first.items())


def _rows(report: Report) -> Iterator[tuple[Change, str]]:
    """Yield rows with their state; the first word on a row counts."""
    for findings, state in (
        (report.findings, None),
        (report.undecided, UNDECIDED),
        ((*report.suppressed, *report.accepted), ACCEPTED),
    ):
        for finding in findings:
            yield from ((row, state or str(finding.verdict)) for row in finding.rows)
    for row in report.balance:
        yield from ((side, EXPECTED if side.change else SAME) for side in row.sides.values())
    yield from ((change, EXPECTED) for change in report.changes if change.change and not change.residual)


def _key(row: Change) -> Key:
    if row.object is None or row.right is Right.DEAD_NAME:
        return task_title(row), row.name, row.right
    return row.object


Known = dict[int, dict[tuple[str, Right], list[int | None]]]
"""Object -> task and right -> references before and after."""


def _known(report: Report, wanted: set[int]) -> Known:
    known: Known = {number: {} for number in wanted}
    sides = (report.difference.before, report.difference.after)
    for at, snapshot in enumerate(sides):
        for title, entries in _compared(snapshot, report):
            for row, number in enumerate(entries.object):
                if number in wanted:
                    _count(known[number], title, entries, row, at)
    return known


def _compared(snapshot: Snapshot, report: Report) -> Iterator[tuple[str, Entries]]:
    """Yield the spaces of tasks under audit, and of those beside them that hold what is handed over."""
    beside = {title for row in report.balance for title in row.sides}
    for task in snapshot.tasks:
        if task.entries is not None and task.title in report.difference.unchanged.keys() | beside:
            yield task.title, task.entries


def _count(
    held: dict[tuple[str, Right], list[int | None]], title: str, entries: Entries, row: int, at: int
) -> None:
    urefs = entries.urefs[row]
    for right in rights_of(entries.type[row]):
        if right is Right.DEAD_NAME:
            continue  # a dead name's object is no port's id
        counts = held.setdefault((title, right), [0, 0])
        more = urefs if right is Right.SEND else 1
        counts[at] = None if more is None or counts[at] is None else (counts[at] or 0) + more


def _port(key: Key, row: Change, known: Known, states: dict[tuple[str, Key, Right], str]) -> Port:
    if isinstance(key, int):
        holds: Iterable[Hold] = (
            Hold(task, right, before, after, states.get((task, key, right), SAME))
            for (task, right), (before, after) in known[key].items()
        )
        return Port(_label(row), " ".join(filter(None, (object_id(key), _receiver(row)))), tuple(holds))
    hold = Hold(key[0], row.right, row.before, row.after, states[key[0], key, row.right])
    detail = f"under the name {name(row.name)}" if row.name is not None else "not there"
    return Port(_label(row), detail, (hold,))


def _label(row: Change) -> str:
    words = ["dead name" if row.right is Right.DEAD_NAME else "", label_of(row.kobject) or ""]
    words += [f"of {row.of}" if row.of else "", row.description or ""]
    return " ".join(filter(None, words)) or ("port set" if row.right is Right.PORT_SET else "message queue")


def _receiver(row: Change) -> str:
    entry = row.now or row.was
    return f"received by {entry.peer.process}" if entry and entry.peer and entry.peer.process else ""
