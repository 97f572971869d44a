"""Spaces as lsmp-style tables."""

from collections import Counter
from collections.abc import Iterator

from tabulate import tabulate

from portaudit.harmless import safe
from portaudit.model.rights import Right
from portaudit.model.snapshot import Entry, Task, TaskView, View
from portaudit.render import Style
from portaudit.render.columns import NARROW, hang, wrap
from portaudit.render.words import counted, moment, name, object_id

HEADERS = ("name", "ipc-object", "rights", "urefs", "queue", "type")
RULE = tuple("-" * len(header) for header in HEADERS)
ALIGN = ("left", "left", "left", "right", "right", "left")


def rows(view: View, style: Style) -> str:
    """Print every task's space, one table each, and what was not understood; long types are wrapped."""
    return "\n".join(
        (*_head(view), *(_table(shown, style.width) for shown in view.tasks), *_foot(view, style.width))
    )


def summary(view: View, style: Style) -> str:
    """Print one line a kind of right and kobject type: how many names, how many references."""
    return "\n".join(
        (*_head(view), *(_summary(shown, style.width) for shown in view.tasks), *_foot(view, style.width))
    )


def _head(view: View) -> Iterator[str]:
    snapshot = view.snapshot
    label = f"  {safe(snapshot.label)}" if snapshot.label else ""
    state = {True: ", settled", False: ", NOT settled: two readings never agreed", None: ""}[snapshot.settled]
    kernel = f", {safe(snapshot.machine.kernel)} kernel" if snapshot.machine.kernel else ""
    yield f"Snapshot taken {moment(snapshot.taken)}{kernel}{state}{label}\n"


def _title(task: Task) -> str:
    pid = "?" if task.process.pid is None else task.process.pid
    role = f"  [{safe(task.role)}]" if task.role else ""
    flavour = f" with the {task.flavour} port" if task.flavour else ""
    way = f"  read by {task.way}{flavour}" if task.way else ""
    return f"Process ({pid}) : {safe(task.process.name or 'unknown')}{role}{way}"


def _table(shown: TaskView, width: int) -> str:
    task = shown.task
    if task.not_read is not None:
        return f"{_title(task)}\n{_wrapped('NOT READ: ', task.not_read.reason, width)}"
    body = "(empty)"
    if shown.entries:
        cells = _fitting([_row(entry) for entry in shown.entries], width)
        # As rows of the body, headers are not padded by two more columns each
        cells[:0] = [HEADERS, RULE]
        body = tabulate(cells, tablefmt="plain", colalign=ALIGN, disable_numparse=True)
    return f"{_title(task)}\n{body}\n\n{_totals(shown.entries)}\n{_remarks(task, width)}"


def _remarks(task: Task, width: int) -> str:
    gaps = (_wrapped("INCOMPLETE: ", gap, width) for gap in task.gaps)
    return "".join((*gaps, *(_wrapped("note: ", note, width) for note in task.notes)))


def _wrapped(label: str, text: str, width: int) -> str:
    return "".join(f"{line}\n" for line in hang(label, safe(text, 1000), width))


def _fitting(rows: list[tuple[str, ...]], width: int) -> list[tuple[str, ...]]:
    # Only the last column holds text of any length
    taken = sum(max(len(row[at]) for row in (HEADERS, *rows)) + 2 for at in range(len(HEADERS) - 1))
    room = max(width - taken, NARROW)
    return [(*row[:-1], "\n".join(wrap(row[-1], room))) for row in rows]


def _row(entry: Entry) -> tuple[str, ...]:
    return (
        f"0x{entry.name:08x}",
        object_id(entry.object),
        ",".join(entry.rights),
        _urefs(entry),
        _queue(entry),
        _type(entry),
    )


def _urefs(entry: Entry) -> str:
    if entry.urefs is None:
        return "?"
    return str(entry.urefs) if entry.urefs else ""


def _queue(entry: Entry) -> str:
    known = entry.receive
    if known is None or known.queued is None:
        return ""
    return f"{known.queued}/{'?' if known.queue_limit is None else known.queue_limit}"


def _type(entry: Entry) -> str:
    words = [entry.kobject_label or ""]
    if entry.description:
        words.append(safe(entry.description))
    if entry.peer:
        words.append(f"-> {name(entry.peer.name)} ({entry.peer.pid}) {safe(entry.peer.process or 'unknown')}")
    return " ".join(filter(None, words))


def _totals(entries: tuple[Entry, ...]) -> str:
    kinds = Counter(right for entry in entries for right in entry.rights)
    parts = [f"{kinds[right]} {right}" for right in Right if kinds[right]]
    references = sum(entry.urefs or 0 for entry in entries)
    listed = ", ".join(parts) or "none"
    return f"{counted(len(entries), 'name')}: {listed}; {counted(references, 'user reference')}"


def _summary(shown: TaskView, width: int) -> str:
    if shown.task.not_read is not None:
        return _table(shown, width)
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
    return f"{_title(shown.task)}\n{body}\n\n{_totals(shown.entries)}\n{_remarks(shown.task, width)}"


def _foot(view: View, width: int) -> Iterator[str]:
    yield from (_wrapped("INCOMPLETE: ", gap, width) for gap in view.snapshot.gaps)
    lines = view.snapshot.not_understood
    if lines:
        yield f"{counted(len(lines), 'line')} not understood:"
        yield from (f"  line {line.line}: {safe(line.text)}" for line in lines)
        yield ""
