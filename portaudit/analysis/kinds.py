"""How strictly each changed right is judged: subject, standing, or coming and going."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import structs

from portaudit.model.difference import COMING_AND_GOING, STANDING, SUBJECT, Change, Difference, Kind
from portaudit.model.kobject import (
    CLOCK,
    HOST,
    HOST_PRIV,
    MAIN_DEVICE,
    TASK_CONTROL,
    TASK_ID_TOKEN,
    TASK_INSPECT,
    TASK_NAME,
    TASK_READ,
    THREAD_PORTS,
)
from portaudit.model.rights import DEAD_NAME, SEND

if TYPE_CHECKING:
    from collections.abc import Iterable

POWER = frozenset({TASK_CONTROL, TASK_READ, TASK_INSPECT})
"""Task ports that let their holder act on the task, or look into it."""

IDENTITY = frozenset({TASK_NAME, TASK_ID_TOKEN})
"""Task ports that every daemon makes and drops: they count where they are known to be of a task under
audit."""

PERMANENT = frozenset({HOST, HOST_PRIV, MAIN_DEVICE, CLOCK})
"""Objects that are there as long as the machine runs."""

FIRST_USE = frozenset({HOST, MAIN_DEVICE, CLOCK})
"""Of these a first reference that is kept is a cache."""

TOKEN = re.compile(r"(\d{1,10}),")
"""An identity token's description begins with the pid (XNU osfmk/ipc/mach_debug.c:501-523)."""


def with_kinds(difference: Difference) -> tuple[Change, ...]:
    """Give the changes with their kinds, and with whose identity tokens they are where that is told."""
    titles = {
        task.process.pid: task.title
        for snapshot in difference.snapshots
        for task in snapshot.tasks
        if task.process.pid is not None
    }
    rows = (_of_token(row, titles) if row.kobject == TASK_ID_TOKEN else row for row in difference.changes)
    return tuple(map(_with_kind, rows))


def _of_token(row: Change, titles: dict[int, str]) -> Change:
    match = TOKEN.match(row.description or "")
    return structs.replace(row, of=titles.get(int(match[1]))) if match else row


def _with_kind(row: Change) -> Change:
    kind = kind_of(row)
    return row if kind is row.kind else structs.replace(row, kind=kind)


def kind_of(row: Change) -> Kind:
    """Say how strictly a row is judged, by what it denotes or denoted while it lived."""
    right, kobject = row.right, row.kobject
    if right is not SEND and right is not DEAD_NAME:
        return COMING_AND_GOING
    if kobject in POWER or (kobject is None and row.of is not None):
        return STANDING if is_own(row) else SUBJECT
    if kobject in IDENTITY and row.of is not None:
        return SUBJECT
    if right is SEND and (kobject in PERMANENT or _is_lasting_thread(row)):
        return STANDING
    return COMING_AND_GOING


UNREAD_KIND = "what it is was not read: it may be a right to a task port"
"""Why a right of unknown kind is neither balanced nor leaked."""


def is_of_unread_kind(row: Change) -> bool:
    """Whether nobody read what a right that seems to come and go is a right to."""
    unread = row.kobject is None and row.of is None and row.right is SEND
    return unread and row.kind is COMING_AND_GOING and row.doubt is None


def _is_lasting_thread(row: Change) -> bool:
    return row.kobject in THREAD_PORTS and bool(row.before and row.after)


def is_own(row: Change) -> bool:
    """Whether a row is the control port of the task that holds it, as far as that can be told."""
    if row.of is None or row.kobject not in (TASK_CONTROL, None):
        return False
    title = title_of(row)
    return row.of in (title, f"{title} ({row.process.pid})")  # with its pid where roles are not unique


def title_of(row: Change) -> str:
    """Name the task of a row as Task.title does: its role, or its name and pid."""
    if row.role:
        return row.role
    name, pid = row.process.name or "process", row.process.pid
    return name if pid is None else f"{name} ({pid})"


def is_first_use(row: Change) -> bool:
    """Whether a row of a pair is a first reference to what is there for good: kept, as a cache is."""
    return row.kobject in FIRST_USE and row.before == 0 and row.residual == 1 and not row.series


def gravest(rows: Iterable[Change]) -> Kind:
    """Give the strictest kind among some rows."""
    kinds = {row.kind for row in rows}
    return (
        kinds.pop() if len(kinds) == 1 else next((kind for kind in Kind if kind in kinds), COMING_AND_GOING)
    )
