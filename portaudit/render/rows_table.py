"""Spaces as lsmp-style tables."""

from collections import Counter
from collections.abc import Iterator

from tabulate import tabulate

from portaudit.harmless import safe
from portaudit.model.kobject import TASK_CONTROL, label_of
from portaudit.model.rights import RIGHTS_MASK, TYPE_BIT, Right, rights_of
from portaudit.model.shown import TaskView, View
from portaudit.model.snapshot import Entries, Task
from portaudit.render.style import Style, hang, wrap
from portaudit.render.words import counted, moment, name, object_id

HEADERS = ("name", "ipc-object", "rights", "urefs", "queue", "type")
RULE = tuple("-" * len(header) for header in HEADERS)
Owners = dict[int, str]
"""Object of a task's own control port -> the task's title."""

SET_IN = 4
KIND_COLUMNS = 12
"""Columns that the last one gets however narrow the terminal is: as wide as TASK-CONTROL."""

ALIGN = ("left", "left", "left", "right", "right", "left")


def rows(view: View, style: Style) -> str:
    """Print every task's space, one table each, and what was not understood; long types are wrapped."""
    return "\n".join(
        (
            *_head(view, style.width),
            *(_table(shown, view.owners, style.width) for shown in view.tasks),
            *_foot(view, style.width),
        )
    )


def summary(view: View, style: Style) -> str:
    """Print one line a kind of right and kobject type: how many names, how many references."""
    return "\n".join(
        (
            *_head(view, style.width),
            *(_summary(shown, style.width) for shown in view.tasks),
            *_foot(view, style.width),
        )
    )


def _head(view: View, width: int) -> Iterator[str]:
    snapshot = view.snapshot
    label = f"  {safe(snapshot.label)}" if snapshot.label else ""
    state = {True: ", settled", False: ", NOT settled: two readings never agreed", None: ""}[snapshot.settled]
    kernel = f", {safe(snapshot.machine.kernel)} kernel" if snapshot.machine.kernel else ""
    yield from hang("", f"Snapshot taken {moment(snapshot.taken)}{kernel}{state}{label}", width)
    yield ""


def _title(task: Task, width: int) -> str:
    pid = "?" if task.process.pid is None else task.process.pid
    role = f"  [{safe(task.role)}]" if task.role else ""
    flavour = f" with the {task.flavour} port" if task.flavour else ""
    way = f"  read by {task.way}{flavour}" if task.way else ""
    title = f"Process ({pid}) : {safe(task.process.name or 'unknown')}{role}{way}"
    return "\n".join(hang("", title, width, indent=SET_IN))


def _table(shown: TaskView, owners: Owners, width: int) -> str:
    task = shown.task
    if task.not_read is not None:
        return f"{_title(task, width)}\n{_wrapped('NOT READ: ', task.not_read.reason, width)}"
    body = "\n".join(_lines(shown, owners, width)) if shown.order else "(empty)"
    return f"{_title(task, width)}\n{body}\n\n{_totals(shown)}\n{_remarks(task, width)}"


def _remarks(task: Task, width: int) -> str:
    gaps = (_wrapped("INCOMPLETE: ", gap, width) for gap in task.gaps)
    return "".join((*gaps, *(_wrapped("note: ", note, width) for note in task.notes)))


def _wrapped(label: str, text: str, width: int) -> str:
    return "".join(f"{line}\n" for line in hang(label, safe(text, 1000), width))


def _lines(shown: TaskView, owners: Owners, width: int) -> Iterator[str]:
    """Yield the lines of a table; only the last column holds text of any length, and is wrapped."""
    *cells, kinds = _cells(shown, owners)
    wide = [max(len(header), *map(len, column)) for header, column in zip(HEADERS, cells, strict=False)]
    form = "  ".join(
        f"%{'' if side == 'right' else '-'}{one}s" for side, one in zip(ALIGN, wide, strict=False)
    )
    room = max(width - sum(wide) - 2 * len(wide), KIND_COLUMNS)
    breaks = {text: wrap(text, room) for text in set(kinds)}
    for *before, kind in (HEADERS, RULE, *zip(*cells, kinds, strict=True)):
        first, *others = breaks.get(kind, [kind])
        yield f"{form % tuple(before)}  {first}".rstrip()
        yield from (f"{'':{sum(wide) + 2 * len(wide)}}{line}".rstrip() for line in others)


def _cells(shown: TaskView, owners: Owners) -> tuple[list[str], ...]:
    # By columns, and each distinct word once: an object a row takes longer than reading the file
    entries, order = shown.columns, shown.order
    rights = {bits: ",".join(rights_of(bits & RIGHTS_MASK)) for bits in set(entries.type)}
    urefs = {count: "?" if count is None else str(count or "") for count in set(entries.urefs)}
    queues, kinds = _queues(entries), _kinds(entries, owners)
    return (
        [f"0x{entries.name[row]:08x}" for row in order],
        [object_id(entries.object[row]) for row in order],
        [rights[entries.type[row]] for row in order],
        [urefs[entries.urefs[row]] for row in order],
        [queues.get(row, "") for row in order],
        [kinds[row] for row in order],
    )


def _queues(entries: Entries) -> dict[int, str]:
    receive = entries.receive
    columns = zip(receive.row, receive.queued, receive.queue_limit, strict=True)
    return {
        row: f"{queued}/{'?' if limit is None else limit}"
        for row, queued, limit in columns
        if queued is not None
    }


def _kinds(entries: Entries, owners: Owners) -> list[str]:
    labels = {kobject: label_of(kobject) or "" for kobject in set(entries.kobject)}
    kinds = [labels[kobject] for kobject in entries.kobject]
    for row, title in _owned(entries, owners):
        kinds[row] = f"{kinds[row]} of {safe(title)}"
    for row, text in entries.description.items():
        kinds[row] = " ".join(filter(None, (kinds[row], safe(text))))
    for row, peer in entries.peer.items():
        holder = f"-> {name(peer.name)} ({peer.pid}) {safe(peer.process or 'unknown')}"
        kinds[row] = " ".join(filter(None, (kinds[row], holder)))
    return kinds


def _owned(entries: Entries, owners: Owners) -> Iterator[tuple[int, str]]:
    for row, kobject in enumerate(entries.kobject):
        if kobject == TASK_CONTROL and not entries.type[row] & TYPE_BIT[Right.DEAD_NAME]:
            title = owners.get(entries.object[row] or 0)
            if title is not None:
                yield row, title


def _totals(shown: TaskView) -> str:
    entries = shown.columns
    kinds: Counter[Right] = Counter()
    for bits, number in Counter(entries.type).items():
        kinds.update(dict.fromkeys(rights_of(bits & RIGHTS_MASK), number))
    parts = [f"{kinds[right]} {right}" for right in Right if kinds[right]]
    references = sum(urefs or 0 for urefs in entries.urefs)
    listed = ", ".join(parts) or "none"
    return f"{counted(len(entries), 'name')}: {listed}; {counted(references, 'user reference')}"


def _summary(shown: TaskView, width: int) -> str:
    if shown.task.not_read is not None:
        return _table(shown, {}, width)
    names: Counter[tuple[str, str]] = Counter()
    references: Counter[tuple[str, str]] = Counter()
    for entry in shown.entries:
        kind = (",".join(entry.rights), entry.kobject_label or "")
        names[kind] += 1
        references[kind] += entry.urefs or 0
    rows = [
        (*kind, names[kind], references[kind]) for kind in sorted(names, key=lambda kind: -references[kind])
    ]
    body = tabulate(rows, ("rights", "type", "names", "urefs"), tablefmt="simple")
    return f"{_title(shown.task, width)}\n{body}\n\n{_totals(shown)}\n{_remarks(shown.task, width)}"


def _foot(view: View, width: int) -> Iterator[str]:
    yield from (_wrapped("INCOMPLETE: ", gap, width) for gap in view.snapshot.gaps)
    lines = view.snapshot.not_understood
    if lines:
        yield f"{counted(len(lines), 'line')} not understood:"
        yield from (f"  line {line.line}: {safe(line.text)}" for line in lines)
        yield ""
