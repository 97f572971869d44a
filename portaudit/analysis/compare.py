"""Two snapshots in, one difference out: what each task gained and lost, object by object."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from portaudit.analysis.ownership import self_objects, told_once
from portaudit.analysis.pairing import pair_tasks
from portaudit.analysis.rows import ChangedName, changed_names, pegged_names, references
from portaudit.model.difference import Change, Difference, Recycled
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entries, Entry, Snapshot, Task


def compare(before: Snapshot, after: Snapshot) -> Difference:
    """Give everything that the tasks standing in both snapshots differ in.

    References are added up per task, object and right, so that a right released and received again
    under another name is no change.
    """
    before, after = told_once(before), told_once(after)
    pairing = pair_tasks(before, after)
    owners = self_objects(before, after)
    spaces = [_compare_space(old, new, owners) for old, new in pairing.pairs]
    return Difference(
        before,
        after,
        changes=tuple(change for space in spaces for change in space.changes),
        recycled=tuple(recycled for space in spaces for recycled in space.recycled),
        saturated=tuple(change for space in spaces for change in space.saturated),
        unread=pairing.unread,
        unchanged={space.title: space.unchanged for space in spaces},
        queued={space.title: space.queued for space in spaces},
    )


@dataclass(frozen=True, slots=True)
class _Space:
    title: str
    changes: tuple[Change, ...]
    recycled: tuple[Recycled, ...]
    saturated: tuple[Change, ...]
    unchanged: int
    queued: int


def _compare_space(before: Task, after: Task, owners: dict[int, str]) -> _Space:
    old, new = before.entries or Entries(), after.entries or Entries()
    changed = changed_names(old, new)
    reused = [name for name in changed if _is_recycled(name)]
    pegged = pegged_names(old) | pegged_names(new)
    parts = [part for name in changed for part in _parts(after, name, owners) if name.name not in pegged]
    moved = tuple(_add_up(parts))
    return _Space(
        title=after.title,
        changes=moved,
        recycled=tuple(_recycled(after, name, owners) for name in reused),
        saturated=tuple(_saturated(after, old, new, name, owners) for name in sorted(pegged)),
        unchanged=len(new) - sum(name.now is not None for name in changed),
        queued=_queued(new) - _queued(old),
    )


def _is_recycled(name: ChangedName) -> bool:
    if name.was is None or name.now is None:
        return False
    if Right.DEAD_NAME in (*name.was.rights, *name.now.rights):
        return Right.DEAD_NAME not in name.now.rights  # what is dead never lives again
    known = name.was.object is not None and name.now.object is not None
    return known and name.was.object != name.now.object


def _parts(task: Task, name: ChangedName, owners: dict[int, str]) -> Iterator[Change]:
    if _is_recycled(name):
        yield from _sides(task, ChangedName(name.name, name.was, None), owners)
        yield from _sides(task, ChangedName(name.name, None, name.now), owners)
    else:
        yield from _sides(task, name, owners)


def _sides(task: Task, name: ChangedName, owners: dict[int, str]) -> Iterator[Change]:
    died = name.now is not None and Right.DEAD_NAME in name.now.rights
    for right in Right:
        before, after = references(name.was, right), references(name.now, right)
        if died and right in (Right.SEND, Right.SEND_ONCE):
            continue  # the loss is explained by the death, and the dead name carries the references
        if before != after and before is not None and after is not None:
            yield _change(task, name, right, owners)


def _change(task: Task, name: ChangedName, right: Right, owners: dict[int, str]) -> Change:
    shown = [entry for entry in (name.now, name.was) if entry is not None]
    number = _first_known(entry.object for entry in shown if Right.DEAD_NAME not in entry.rights)
    return Change(
        role=task.role,
        process=task.process,
        name=name.name,
        object=number,
        kobject=_first_known(entry.kobject for entry in shown),
        right=right,
        before=references(name.was, right),
        after=references(name.now, right),
        of=owners.get(number) if number is not None else None,
        was=name.was,
        now=name.now,
    )


def _first_known(values: Iterable[int | None]) -> int | None:
    return next((value for value in values if value is not None), None)


def _add_up(parts: list[Change]) -> Iterator[Change]:
    # A dead name has no object that could be matched, and a port that is not known matches nothing
    alone = [part for part in parts if part.object is None or part.right is Right.DEAD_NAME]
    joint = [part for part in parts if part.object is not None and part.right is not Right.DEAD_NAME]
    joint.sort(key=lambda part: (part.object or 0, part.right, part.name or 0))
    for _, group in groupby(joint, key=lambda part: (part.object, part.right)):
        total = _sum(list(group))
        if total.change:
            yield total
    yield from alone


def _sum(parts: list[Change]) -> Change:
    held = next((part for part in reversed(parts) if part.now is not None), parts[-1])
    return replace(
        held,
        before=sum(part.before or 0 for part in parts),
        after=sum(part.after or 0 for part in parts),
        was=next((part.was for part in parts if part.was is not None), None),
    )


def _recycled(task: Task, name: ChangedName, owners: dict[int, str]) -> Recycled:
    lost = ChangedName(name.name, name.was, None)
    gained = ChangedName(name.name, None, name.now)
    return Recycled(
        _change(task, lost, _counted_right(name.was), owners),
        _change(task, gained, _counted_right(name.now), owners),
    )


def _counted_right(entry: Entry | None) -> Right:
    rights = entry.rights if entry else ()
    return Right.SEND if Right.SEND in rights else next(iter(rights), Right.SEND)


def _saturated(task: Task, old: Entries, new: Entries, name: int, owners: dict[int, str]) -> Change:
    was, now = old.named(name), new.named(name)
    return _change(task, ChangedName(name, was, now), _counted_right(now or was), owners)


def _queued(entries: Entries) -> int:
    return sum(filter(None, entries.receive.queued))
