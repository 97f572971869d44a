"""Both snapshots' spaces as the rows of one table a task: what a name was beside what it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from markupsafe import Markup, escape

from portaudit.harmless import safe
from portaudit.model.finding import Report
from portaudit.model.kobject import TASK_CONTROL, label_of
from portaudit.model.rights import RIGHTS_MASK, TYPE_BIT, Right, rights_of
from portaudit.model.snapshot import Entries, Peer, Task
from portaudit.render.facts import reported_tasks
from portaudit.render.words import object_id, signed

SAME, CHANGED, NEW, GONE = "same", "changed", "new", "gone"
DEAD = TYPE_BIT[Right.DEAD_NAME]

ROWS_AT_ONCE = 200
"""Rows of a task that are shown before somebody asks for all."""

TASKS_MAX = 12
"""Tasks on the page."""

ROWS_MAX = 20_000
"""Rows of a task on the page: a browser sorts that many."""

Cells = tuple[str, str, str, str, str, str, str, str]
"""State, name, object, rights, kobject and description, urefs before, urefs after, change."""

Owners = dict[int, str]
"""Object of a task's own control port -> the task's title."""

ROW = '<tr class="%s"><th scope="row">%s<td>%s<td>%s<td>%s<td>%s<td>%s<td>%s\n'
"""A row of the page: 5,000 of them are a matter of formatting, so no template walks over their cells."""


@dataclass(frozen=True, slots=True)
class Space:
    """One task's names on both sides, and why a side is missing."""

    title: str
    process: str
    pid: int | None
    rows: Markup
    """As many as are shown at once."""
    rest: Markup
    """Those behind them: a browser lays a table out again and again while it grows, so they wait, hidden."""
    rights: tuple[str, ...]
    """Every combination of rights in the rows, to choose from."""
    reasons: tuple[str, ...]


def spaces_of(report: Report) -> tuple[tuple[Space, ...], int]:
    """Give the tasks of the two snapshots, those of the second one first, and how many are left out.

    Of more tasks than a page should hold only those are on it that the report speaks of.
    """
    before = {task.title: task for task in report.difference.before.tasks}
    after = {task.title: task for task in report.difference.after.tasks}
    titles = list(after | before)
    if len(titles) > TASKS_MAX:
        told = reported_tasks(report) | {task.title for task in report.difference.unread}
        titles = [title for title in titles if title in told][:TASKS_MAX]
    own = report.difference.own
    shown = tuple(_space(title, before.get(title), after.get(title), own) for title in titles)
    return shown, len(after | before) - len(shown)


def _space(title: str, before: Task | None, after: Task | None, own: Owners) -> Space:
    known = after or before
    process = known.process if known else None
    old, new = (task.entries if task and task.entries else None for task in (before, after))
    rows, left = _fewer(sorted(_rows(old or Entries(), new or Entries(), own), key=itemgetter(0)))
    return Space(
        safe(title),
        safe(process.name or "") if process else "",
        process.pid if process else None,
        _markup(rows[:ROWS_AT_ONCE]),
        _markup(rows[ROWS_AT_ONCE:]),
        tuple(sorted({cells[3] for _, cells in rows})),
        (*_reasons(before, after), *left),
    )


def _markup(rows: list[tuple[int, Cells]]) -> Markup:
    return Markup("".join([ROW % cells for _, cells in rows]))  # noqa: S704  only _kind is not ours, and escapes


def _fewer(rows: list[tuple[int, Cells]]) -> tuple[list[tuple[int, Cells]], list[str]]:
    """Leave out rows that did not change, where there are more than a page can hold, and say so."""
    if len(rows) <= ROWS_MAX:
        return rows, []
    room = max(0, ROWS_MAX - sum(cells[0] != SAME for _, cells in rows))
    same = [row for row in rows if row[1][0] == SAME][:room]
    kept = sorted([*(row for row in rows if row[1][0] != SAME), *same], key=itemgetter(0))[:ROWS_MAX]
    return kept, [f"{len(rows) - len(kept)} more rows are not on this page: portaudit show has all of them."]


def _reasons(before: Task | None, after: Task | None) -> Iterator[str]:
    for task, when in ((before, "before"), (after, "after")):
        if task is None:
            yield f"It does not stand in the snapshot {when}."
        elif task.not_read is not None:
            yield f"It was not read {when}: {task.not_read.reason}"


def _rows(old: Entries, new: Entries, own: Owners) -> Iterator[tuple[int, Cells]]:
    rows = dict(zip(old.name, range(len(old)), strict=True))
    for row, number in enumerate(new.name):
        was = rows.pop(number, None)
        if was is None:
            yield number, _one_side(new, row, NEW, own)
        elif _other_port(old, was, new, row):
            yield number, _one_side(old, was, GONE, own)
            yield number, _one_side(new, row, NEW, own)
        else:
            yield number, _both_sides(old, was, new, row, own)
    yield from ((number, _one_side(old, row, GONE, own)) for number, row in rows.items())


def _other_port(old: Entries, was: int, new: Entries, row: int) -> bool:
    before, after = old.object[was], new.object[row]
    dead = (old.type[was] | new.type[row]) & DEAD
    return before is not None and after is not None and before != after and not dead


def _one_side(entries: Entries, row: int, state: str, own: Owners) -> Cells:
    urefs = _count(entries.urefs[row])
    rights = _rights(entries.type[row] & RIGHTS_MASK)
    sides = ("", urefs, "new") if state == NEW else (urefs, "", "gone")
    return (
        state,
        f"0x{entries.name[row]:x}",
        object_id(entries.object[row]),
        rights,
        _kind(entries, row, own),
        *sides,
    )


def _both_sides(old: Entries, was: int, new: Entries, row: int, own: Owners) -> Cells:
    before, after = old.urefs[was], new.urefs[row]
    bits = old.type[was] & RIGHTS_MASK, new.type[row] & RIGHTS_MASK
    rights = _rights(bits[1]) if bits[0] == bits[1] else f"{_rights(bits[0])} \u2192 {_rights(bits[1])}"
    change = "" if before is None or after is None or before == after else signed(after - before)
    state = SAME if before == after and bits[0] == bits[1] else CHANGED
    return state, *_port(new, row), rights, _kind(new, row, own), _count(before), _count(after), change


def _port(entries: Entries, row: int) -> tuple[str, str]:
    # The object of a dead name is no port's id
    dead = entries.type[row] & DEAD
    return f"0x{entries.name[row]:x}", "" if dead else object_id(entries.object[row])


def _count(urefs: int | None) -> str:
    return "?" if urefs is None else str(urefs)


@lru_cache
def _rights(bits: int) -> str:
    return ",".join(rights_of(bits))


def _kind(entries: Entries, row: int, own: Owners) -> str:
    kobject = entries.kobject[row]
    owner = own.get(entries.object[row] or 0) if kobject == TASK_CONTROL else None
    return _escaped_kind(kobject, owner, entries.description.get(row), entries.peer.get(row))


@lru_cache(4096)
def _escaped_kind(kobject: int | None, owner: str | None, description: str | None, peer: Peer | None) -> str:
    receiver = f"received by {safe(peer.process or '?')}" if peer else ""
    of = f"of {safe(owner)}" if owner else ""
    words = (label_of(kobject) or "", of, safe(description or ""), receiver)
    return str(escape(" ".join(filter(None, words))))
